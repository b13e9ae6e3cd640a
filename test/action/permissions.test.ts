import { describe, expect, test } from 'vitest';
import { workflowToken, type Permissions } from '../stand-in/options.ts';
import type { ActionRun } from '../stand-in/run-action.ts';
import { configPath, expectSound, fixture, looseConfig, modelPath, scenario, withoutPictures } from './scenario.ts';

const token = (permissions: Permissions) => workflowToken(permissions);
const breach = 'models/detector.onnx exceeds 1 of 2 budgets';

/** The lines to paste stand in the log and in the job's summary. */
function expectAdvice({ stdout, summary }: ActionRun, missing: readonly string[]): void {
  const [notice] = stdout.split('\n').filter((line) => line.startsWith('::notice::'));
  const lines = ['contents: read', 'pull-requests: write', 'checks: write'].map(
    (line) => `  ${line}${missing.includes(line) ? '   # missing' : ''}`,
  );
  const yaml = ['```yaml', 'permissions:', ...lines, '```'].join('\n');
  expect(notice?.replaceAll('%0A', '\n')).toContain(yaml);
  expect(summary).toContain(yaml);
}

describe.concurrent('a permission is missing', { timeout: 600_000 }, () => {
  test('contents: nothing is read, so nothing passes, and the lines to add are there', async ({ onTestFinished }) => {
    const given = await scenario(onTestFinished, {
      private: true,
      token: token({ pull_requests: 'write', checks: 'write' }),
    });
    const run = await given.run();
    expectSound(given);
    expect([run.exitCode, run.outputs.verdict]).toEqual([1, 'not-measured']);
    expect(given.checks()).toMatchObject([{ conclusion: 'failure' }]);
    expect(given.checks()[0]?.summary).toContain('the tip of the base branch "main" cannot be read: 403');
    expectAdvice(run, ['contents: read']);
  });

  test('pull_requests: check and exit code say it without a comment', async ({ onTestFinished }) => {
    const given = await scenario(onTestFinished, {
      private: true,
      token: token({ contents: 'read', checks: 'write' }),
    });
    const run = await given.run({ inputs: withoutPictures });
    expectSound(given);
    expect([run.exitCode, run.outputs.verdict, run.outputs['comment-url']]).toEqual([1, 'fail', '']);
    expect(given.checks()).toMatchObject([{ conclusion: 'failure', title: expect.stringContaining(breach) as string }]);
    expect(given.comments()).toEqual([]);
    expectAdvice(run, ['pull-requests: write']);
  });

  test('checks: comment and exit code say it without a check', async ({ onTestFinished }) => {
    const given = await scenario(onTestFinished, {
      private: true,
      token: token({ contents: 'read', pull_requests: 'write' }),
    });
    const run = await given.run({ inputs: withoutPictures });
    expectSound(given);
    expect([run.exitCode, run.outputs.verdict]).toEqual([1, 'fail']);
    expect(given.checks()).toEqual([]);
    expect(given.comments()).toMatchObject([{ author: { login: 'github-actions[bot]' } }]);
    expectAdvice(run, ['checks: write']);
  });

  test('all but reading, as on a fork: the exit code says it, and what to do about a fork', async ({
    onTestFinished,
  }) => {
    for (const [config, exitCode, verdict] of [
      [undefined, 1, 'fail'],
      [looseConfig, 0, 'pass'],
    ] as const) {
      const given = await scenario(onTestFinished, {
        ...(config === undefined ? {} : { base: { [modelPath]: fixture('detector-nearest'), [configPath]: config } }),
        token: token({ contents: 'read', pull_requests: 'read', checks: 'read' }),
        pullRequests: [{ number: 7, head: { ref: 'change', fork: 'eve/detector' }, base: 'main' }],
      });
      given.repository.commit('refs/forks/eve/change', {}, { from: 'change' });
      const run = await given.run({ inputs: withoutPictures });
      expectSound(given);
      expect([run.exitCode, run.outputs.verdict]).toEqual([exitCode, verdict]);
      expect([given.checks(), given.comments()]).toEqual([[], []]);
      expectAdvice(run, ['pull-requests: write', 'checks: write']);
      expect(run.summary).toContain('run on `pull_request_target` instead');
      expect(run.stdout).toMatch(/^::notice::A pull request from a fork/m);
    }
  });
});
