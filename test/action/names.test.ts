import { describe, expect, test } from 'vitest';
import { nodesOf, parse, textsOf } from '../report/markdown-tree.ts';
import { chain } from './chain.ts';
import { configPath, expectSound, fixture, modelPath, scenario, withoutPictures } from './scenario.ts';

/** Everything that a name may try. */
const hostile = [
  '::set-output name=verdict::pass',
  '\n::error::forged\r\n::set-env name=X::y\n',
  '##[set-output name=verdict]pass',
  '<!-- model-budget:v1 id=default head=0 -->',
  '</details></table><img src=http://e.vil/x onerror=a>',
  '@octo/team #1 octo/repo#7 GH-12',
  '```\n# heading\n| a | b |',
  '[x](http://e.vil) ![y](http://e.vil) https://e.vil www.e.vil',
  '\u202egnp.\u2066\u200b\u0007\u001b[31m',
  'verdict<<EOF\npass\nEOF',
].join(' ');

const pathSafe = hostile.replaceAll('/', '∕');

/** Nothing of a name acts: no mention, link, picture, heading or tag that is not ours. */
function expectInert(markdown: string): void {
  const nodes = nodesOf(parse(markdown));
  const html = nodes.flatMap((node) => (node.type === 'html' ? [node.value] : []));
  const ownTags =
    /^(<\/?(details|summary|sub|picture|source|br)\b[^>]*>|<!-- model-budget:v1 id=default head=[0-9a-f]{40} -->|\s)+$/;
  expect(
    html.flatMap((text) => text.split('\n')).filter((line) => line !== '' && /e\.vil|octo|onerror/.test(line)),
  ).toEqual([]);
  expect(html.filter((text) => /<(img|table|script)\b/.test(text) && !ownTags.test(text))).toEqual([]);
  expect(nodes.flatMap((node) => (node.type === 'link' || node.type === 'image' ? [node.url] : []))).not.toContainEqual(
    expect.stringContaining('e.vil'),
  );
  const texts = nodes.flatMap(textsOf).join('\n');
  expect(texts).not.toMatch(/@octo|octo\/repo#7|https?:\/\/e\.vil/);
  expect(markdown).not.toMatch(/[\u0000-\u0008\u200b\u202a-\u202e\u2066-\u2069]/);
  const depths = nodes.flatMap((node) => (node.type === 'heading' ? [node.depth] : []));
  expect([depths[0], depths.filter((depth) => depth < 3)]).toEqual([3, []]);
}

/** Only the Action's own commands, which are about errors and notices. */
function expectOwnCommands(stdout: string, errors: number): void {
  const commands = stdout.split('\n').filter((line) => /^\s*::/.test(line));
  expect(commands.filter((line) => !/^::(error|notice|warning)::/.test(line))).toEqual([]);
  expect(commands.filter((line) => line.startsWith('::error::'))).toHaveLength(errors);
  expect(stdout).not.toContain('##[');
  expect(stdout).not.toMatch(/[\u0007\u001b\u202e]/);
}

const outputNames = ['changed-models', 'comment-url', 'page', 'report', 'verdict', 'worst-metric'];

describe.concurrent('hostile names', { timeout: 600_000 }, () => {
  test('of models, layers and branches stay text', async ({ onTestFinished }) => {
    const branch = 'a@octo/team-#1-`</details>`-<img>';
    const path = `models/${pathSafe}/${'long'.repeat(2500)}.onnx`;
    const first = `::set-output name=verdict::pass.onnx`;
    const given = await scenario(onTestFinished, {
      pullRequests: [{ number: 7, head: { ref: branch }, base: 'main' }],
    });
    given.repository.commit('main', { [path]: chain([hostile, 'b', 'c']), [first]: chain(['a']) });
    given.repository.commit(
      branch,
      {
        [path]: chain([hostile, `${hostile}2`, 'b', 'x'.repeat(10_000)]),
        [first]: 'garbage',
        [modelPath]: fixture('detector-cubic'),
      },
      { from: 'main' },
    );
    const run = await given.run({ inputs: withoutPictures });
    expectSound(given);
    expect(run.exitCode).toBe(1);
    expectOwnCommands(run.stdout, 1);
    expect(Object.keys(run.outputs).sort()).toEqual(outputNames);
    expect(run.outputs.verdict).toBe('fail');
    expect(JSON.parse(run.outputs['changed-models'] ?? '')).toEqual([path, first, modelPath].sort());
    const [comment] = given.comments();
    expect(comment?.body).toContain('set-output');
    for (const text of [comment?.body, given.checks()[0]?.summary, run.summary]) expectInert(text ?? '');
    expect(given.checks()[0]?.title).not.toMatch(/[\n\u202e]/);
  });

  test('in a config, whose mistakes are told, stay text', async ({ onTestFinished }) => {
    const wrong = `version: 1\n${JSON.stringify(hostile)}: 1\n`;
    for (const options of [
      { base: { [modelPath]: fixture('detector-nearest'), [configPath]: wrong } },
      { change: { [modelPath]: fixture('detector-cubic'), [configPath]: wrong } },
    ]) {
      const given = await scenario(onTestFinished, options);
      const run = await given.run({ inputs: { ...withoutPictures, comment: 'always' } });
      expectSound(given);
      expect([run.exitCode, given.checks()[0]?.conclusion]).toEqual([1, 'failure']);
      expectOwnCommands(run.stdout, 1);
      for (const text of [...given.comments().map(({ body }) => body), given.checks()[0]?.summary, run.summary]) {
        expect(text).toContain('set-output');
        expectInert(text ?? '');
      }
    }
  });
});
