import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readRunner } from '../../src/action/runner.ts';
import { UserError } from '../../src/errors.ts';

function environment(payload: unknown, overrides: Readonly<Record<string, string | undefined>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'model-budget-runner-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'event.json');
  writeFileSync(file, typeof payload === 'string' ? payload : JSON.stringify(payload));
  return {
    ...{ GITHUB_REPOSITORY: 'acme/detector', GITHUB_EVENT_NAME: 'pull_request', GITHUB_EVENT_PATH: file },
    ...{ GITHUB_RUN_ID: '5', GITHUB_RUN_ATTEMPT: '2', GITHUB_JOB: 'review', RUNNER_TEMP: '/tmp/runner' },
    ...overrides,
  };
}

const pullRequest = (head: unknown, base: unknown) => ({
  pull_request: { head: { repo: head }, base: { repo: base } },
});
const own = { full_name: 'acme/detector' };

describe('what the runner tells', () => {
  test('on GitHub', () => {
    expect(readRunner(environment({ action: 'opened' }))).toEqual({
      ...{ repository: { owner: 'acme', repo: 'detector' }, event: 'pull_request', payload: { action: 'opened' } },
      ...{ apiUrl: 'https://api.github.com', serverUrl: 'https://github.com' },
      runUrl: 'https://github.com/acme/detector/actions/runs/5',
      ...{ runId: '5.2.review', isPrivate: true, isFork: false, folder: '/tmp/runner/model-budget' },
    });
  });

  test('on an enterprise server', () => {
    const urls = { GITHUB_SERVER_URL: 'https://git.example.com//', GITHUB_API_URL: 'https://git.example.com/api/v3/' };
    expect(readRunner(environment({}, urls))).toMatchObject({
      ...{ apiUrl: 'https://git.example.com/api/v3', serverUrl: 'https://git.example.com' },
      runUrl: 'https://git.example.com/acme/detector/actions/runs/5',
    });
  });

  test.each([
    [{ repository: { private: false } }, false],
    [{ repository: { private: true } }, true],
    [{ repository: { private: 'false' } }, true],
    [{ repository: null }, true],
    [[], true],
    ['7', true],
  ])('everybody may read it only where the payload says so: %j', (payload, isPrivate) => {
    expect(readRunner(environment(payload)).isPrivate).toBe(isPrivate);
  });

  test.each([
    [pullRequest(own, own), false],
    [pullRequest({ full_name: 'eve/detector' }, own), true],
    [pullRequest(null, own), true],
    [{ pull_request: null }, false],
    [{}, false],
  ])('a fork: %j', (payload, isFork) => {
    expect(readRunner(environment(payload)).isFork).toBe(isFork);
  });

  test.each([
    ['GITHUB_REPOSITORY', undefined],
    ['GITHUB_REPOSITORY', ''],
    ['GITHUB_REPOSITORY', 'acme'],
    ['GITHUB_REPOSITORY', 'acme/detector/..'],
    ['GITHUB_REPOSITORY', 'acme/a?b'],
    ['GITHUB_EVENT_NAME', undefined],
    ['GITHUB_EVENT_PATH', undefined],
    ['GITHUB_EVENT_PATH', '/nowhere'],
  ])('is no workflow where %s is %j', (name, value) => {
    expect(() => readRunner(environment({}, { [name]: value }))).toThrow(UserError);
  });

  test('is no workflow where the payload is no JSON', () => {
    expect(() => readRunner(environment('{'))).toThrow(/^GITHUB_EVENT_PATH: .* holds no JSON$/);
  });
});
