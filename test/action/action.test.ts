import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  mergeGroupEvent,
  pullRequestEvent,
  pullRequestTargetEvent,
  workflowDispatchEvent,
} from '../stand-in/events.ts';
import {
  configPath,
  expectSound,
  fixture,
  looseConfig,
  modelPath,
  repositoryName,
  scenario,
  tightConfig,
} from './scenario.ts';

const marker = (sha: string, id = 'default') => `<!-- model-budget:v1 id=${id} head=${sha} -->`;

describe.concurrent('a change that breaks a budget', { timeout: 600_000 }, () => {
  test('fails its check, says where in one comment, and tells later steps', async ({ onTestFinished }) => {
    const given = await scenario(onTestFinished);
    const run = await given.run();
    expectSound(given);
    expect(run.exitCode).toBe(1);

    const [check] = given.checks();
    expect(check).toMatchObject({ name: 'model-budget', conclusion: 'failure', headSha: given.headSha() });
    expect(check?.title).toContain('models/detector.onnx exceeds 1 of 2 budgets on ethos-u55-256');
    expect(check?.annotations).toMatchObject([
      {
        path: configPath,
        start_line: 5,
        annotation_level: 'failure',
        title: 'Latency: models/detector.onnx on ethos-u55-256',
      },
    ]);

    const [comment] = given.comments();
    expect(comment?.author.login).toBe('github-actions[bot]');
    expect(comment?.body.split('\n')[0]).toContain('❌ model-budget: `models/detector.onnx` exceeds');
    expect(comment?.body.split('\n').at(-1)).toBe(marker(given.headSha()));
    expect(comment?.body).toContain('`/neck/up1/Resize`');

    expect(run.outputs).toMatchObject({
      verdict: 'fail',
      'changed-models': JSON.stringify([modelPath]),
      'worst-metric': 'latency',
    });
    expect(run.outputs['comment-url']).toContain(`${repositoryName}/pull/7#issuecomment-${String(comment?.id)}`);
    expect(JSON.parse(readFileSync(run.outputs.report ?? '', 'utf8'))).toMatchObject({
      schema: 'model-budget/report@1',
      verdict: 'fail',
      head: { sha: given.headSha() },
    });
    expect(run.summary).toContain('exceeds 1 of 2 budgets');
  });

  test('made good by a second push, the same comment says so', async ({ onTestFinished }) => {
    const given = await scenario(onTestFinished);
    await given.run();
    const before = given.headSha();
    given.repository.commit('change', { [modelPath]: fixture('detector-nearest') });
    const event = pullRequestEvent(given.standIn.world, 7, { action: 'synchronize', before });
    const run = await given.run({ event });
    expectSound(given);
    expect(run.exitCode).toBe(0);
    expect(given.comments()).toHaveLength(1);
    expect(given.comments()[0]?.body).toContain(marker(given.headSha()));
    expect(given.comments()[0]?.body).toContain('no model changed');
    expect(given.checks().map(({ conclusion }) => conclusion)).toEqual(['failure', 'success']);
  });

  test('run again, it writes nothing new', async ({ onTestFinished }) => {
    const given = await scenario(onTestFinished);
    await given.run();
    const written = given.standIn.requests.length;
    await given.run({ runId: 2 });
    expectSound(given);
    const writes = given.standIn.requests.slice(written).filter(({ method }) => method !== 'GET');
    expect(writes.map(({ method, path }) => `${method} ${path.replace(/\d+$/, 'N')}`)).toEqual([
      `POST /repos/${repositoryName}/check-runs`,
      `PATCH /repos/${repositoryName}/check-runs/N`,
      // What `charts: auto` tries first; this token may not.
      `POST /repos/${repositoryName}/git/blobs`,
    ]);
  });

  test('fail-on: never keeps the job green and the check red', async ({ onTestFinished }) => {
    const given = await scenario(onTestFinished);
    const run = await given.run({ inputs: { 'fail-on': 'never' } });
    expectSound(given);
    expect(run.exitCode).toBe(0);
    expect(given.checks()[0]?.conclusion).toBe('failure');
  });
});

describe.concurrent('events', { timeout: 600_000 }, () => {
  test('no model changed: the check passes and nobody is bothered', async ({ onTestFinished }) => {
    const given = await scenario(onTestFinished, { change: { 'README.md': 'more' } });
    const run = await given.run();
    expectSound(given);
    expect(run.exitCode).toBe(0);
    expect(given.checks()[0]).toMatchObject({ conclusion: 'success' });
    expect(given.comments()).toEqual([]);
  });

  test('pull_request_target and workflow_dispatch review the pull request', async ({ onTestFinished }) => {
    for (const eventOf of [
      (world: Parameters<typeof pullRequestTargetEvent>[0]) => pullRequestTargetEvent(world, 7, { action: 'opened' }),
      (world: Parameters<typeof workflowDispatchEvent>[0]) => workflowDispatchEvent(world, { 'pull-request': '7' }),
    ]) {
      const given = await scenario(onTestFinished);
      const run = await given.run({ event: eventOf(given.standIn.world) });
      expectSound(given);
      expect(run.exitCode).toBe(1);
      expect(given.checks()[0]).toMatchObject({ conclusion: 'failure', headSha: given.headSha() });
      expect(given.comments()).toHaveLength(1);
    }
  });

  test('a merge group is judged against its own base, without a comment', async ({ onTestFinished }) => {
    const given = await scenario(onTestFinished);
    const event = mergeGroupEvent(given.standIn.world, [7]);
    const run = await given.run({ event });
    expectSound(given);
    expect(run.exitCode).toBe(1);
    expect(given.checks()[0]).toMatchObject({ conclusion: 'failure', headSha: event.sha });
    expect(given.comments()).toEqual([]);
  });

  test('an event that has no change to review is one line of error', async ({ onTestFinished }) => {
    const given = await scenario(onTestFinished);
    const event = { ...pullRequestEvent(given.standIn.world, 7, { action: 'opened' }), name: 'release' };
    const run = await given.run({ event });
    expect(run.exitCode).toBe(1);
    expect(run.stdout).toMatch(/^::error::the event "release" has no model change to review/m);
    expect(given.standIn.requests).toEqual([]);
  });
});

describe.concurrent('whose budgets bind', { timeout: 600_000 }, () => {
  test('budgets raised in the head take effect after the merge', async ({ onTestFinished }) => {
    const given = await scenario(onTestFinished, {
      change: { [modelPath]: fixture('detector-cubic'), [configPath]: looseConfig },
    });
    const run = await given.run();
    expectSound(given);
    expect(run.exitCode).toBe(1);
    expect(given.comments()[0]?.body).toContain('takes effect after the merge');
    expect(given.comments()[0]?.body).toContain('the verdict would be "pass"');
  });

  test('an old branch does not bring old budgets: the tip of the base counts', async ({ onTestFinished }) => {
    const given = await scenario(onTestFinished, {
      base: { [modelPath]: fixture('detector-nearest'), [configPath]: looseConfig },
    });
    given.repository.commit('main', { [configPath]: tightConfig });
    const run = await given.run();
    expectSound(given);
    expect(run.exitCode).toBe(1);
    expect(given.checks()[0]?.conclusion).toBe('failure');
  });

  test('a second pull request from the same head, into a branch without budgets, does not turn the first one green', async ({
    onTestFinished,
  }) => {
    const given = await scenario(onTestFinished, {
      pullRequests: [
        { number: 7, head: { ref: 'change' }, base: 'main' },
        { number: 8, head: { ref: 'change' }, base: 'free' },
      ],
    });
    given.repository.commit('free', { [configPath]: null }, { from: 'main' });
    await given.run();
    const run = await given.run({ event: pullRequestEvent(given.standIn.world, 8, { action: 'opened' }), runId: 2 });
    expect(given.standIn.violations).toEqual([]);
    expect(run.exitCode).toBe(1);
    expect(given.checks().map(({ conclusion }) => conclusion)).toEqual(['failure', 'failure']);
    expect(given.checks()[1]?.title).toContain('#7');
  });

  test('a config that cannot be read is not "no config"', async ({ onTestFinished }) => {
    const given = await scenario(onTestFinished, {
      base: {
        [modelPath]: fixture('detector-nearest'),
        [configPath]: 'budgets:\n  - { metric: latency, max: 5 parsecs }\n',
      },
    });
    const run = await given.run();
    expectSound(given);
    expect(run.exitCode).toBe(1);
    expect(given.checks()[0]?.conclusion).toBe('failure');
    expect(given.checks()[0]?.summary).toContain('5 parsecs');
  });
});
