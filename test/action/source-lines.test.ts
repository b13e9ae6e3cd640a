/** The line of Python that added the cost: linked in the comment, annotated in the check where the change touched it. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/report/report.ts';
import type { Changes } from '../stand-in/git-repository.ts';
import { scriptTrace, withDocStrings } from '../traced-model.ts';
import { configPath, expectSound, fixture, modelPath, repositoryName, scenario, tightConfig } from './scenario.ts';

const codePath = 'detector/neck.py';

const code = (mode: string) => `class Neck:\n    def forward(self, x):\n        return resize(x, mode="${mode}")\n`;

/** A detector whose upsampling was made by line 3 of the code, on somebody's machine. */
const traced = (name: string, path = `/checkout/${codePath}`) =>
  withDocStrings(fixture(name), { '/neck/up1/Resize': scriptTrace(`${path}(3)`) });

const base: Changes = {
  [modelPath]: traced('detector-nearest'),
  [configPath]: tightConfig,
  [codePath]: code('nearest'),
};

const reportIn = (file: string | undefined) => JSON.parse(readFileSync(file ?? '', 'utf8')) as Report;

describe.concurrent('the line of code behind a layer', { timeout: 600_000 }, () => {
  test('is linked at the head, annotated, and told in the report', async ({ onTestFinished }) => {
    const change = { [modelPath]: traced('detector-cubic'), [codePath]: code('cubic') };
    const given = await scenario(onTestFinished, { base, change });
    const run = await given.run();
    expectSound(given);
    const address = `${given.standIn.world.serverUrl}/${repositoryName}/blob/${given.headSha()}/${codePath}#L3`;
    expect(given.comments()[0]?.body).toContain(`| \`/neck/up1/Resize\` [\`${codePath}:3\`](${address}) |`);
    expect(given.checks()[0]?.annotations).toMatchObject([
      { path: configPath, annotation_level: 'failure' },
      {
        ...{ path: codePath, start_line: 3, end_line: 3, annotation_level: 'warning' },
        title: expect.stringMatching(/^\+\d.*: models\/detector\.onnx on ethos-u55-256$/) as string,
        message: expect.stringContaining('/neck/up1/Resize') as string,
      },
    ]);
    const rows = reportIn(run.outputs.report).models[0]?.targets[0]?.layers ?? [];
    expect(rows.flatMap(({ source }) => source ?? [])).toEqual([`${codePath}:3`]);
    for (const text of [given.comments()[0]!.body, given.checks()[0]!.summary ?? '', run.summary, run.stdout]) {
      expect(text).not.toContain('/checkout/');
    }
    expect(given.standIn.requests.filter(({ path }) => path.includes('recursive=')).length).toBe(1);
  });

  test('is linked and not annotated where the change left it as it was', async ({ onTestFinished }) => {
    const given = await scenario(onTestFinished, { base, change: { [modelPath]: traced('detector-cubic') } });
    await given.run();
    expectSound(given);
    expect(given.comments()[0]?.body).toContain(`${codePath}#L3`);
    expect(given.checks()[0]?.annotations.map(({ path }) => path)).toEqual([configPath]);
  });

  test('is nowhere where the repository has no such file', async ({ onTestFinished }) => {
    const model = traced('detector-cubic', '/checkout/@octo`<!--\u202e/elsewhere.py');
    const given = await scenario(onTestFinished, { base, change: { [modelPath]: model, [codePath]: code('cubic') } });
    await given.run();
    expectSound(given);
    expect(given.comments()[0]?.body).not.toMatch(/elsewhere|\/home|@octo/);
    expect(given.checks()[0]?.annotations).toHaveLength(1);
  });
});
