import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  mergeGroupEvent,
  pullRequestEvent,
  pullRequestTargetEvent,
  pushEvent,
  workflowDispatchEvent,
  type WorkflowEvent,
} from './events.ts';
import { parseOutputs, runAction } from './run-action.ts';
import { runnerEnvironment, type RunnerOptions } from './runner.ts';
import { startBench, type Bench } from './testing.ts';

let bench: Bench;
let folder: string;

beforeEach(async () => {
  bench = await startBench();
  folder = mkdtempSync(join(tmpdir(), 'stand-in-runner-'));
});

afterEach(async () => {
  await bench.close();
  rmSync(folder, { recursive: true, force: true });
});

const shaOf = (name: string) => bench.repository.git(['rev-parse', name]).toString().trim();

const environmentOf = (event: WorkflowEvent, options: Partial<RunnerOptions> = {}) =>
  runnerEnvironment(bench.standIn.world, { folder, event, token: 'a-token', ...options });

describe('events', () => {
  test('of a pull request run on its test merge, or on the default branch', () => {
    const { world } = bench.standIn;
    const before = shaOf('feature/one');
    const head = bench.repository.commit('feature/one', { 'models/c.onnx': 'c' });
    const event = pullRequestEvent(world, 1, { action: 'synchronize', before });
    expect(event.payload).toMatchObject({
      action: 'synchronize',
      number: 1,
      before,
      after: head,
      pull_request: { head: { sha: head, ref: 'feature/one' }, base: { sha: shaOf('main'), ref: 'main' } },
      repository: { full_name: 'acme/detector', default_branch: 'main' },
    });
    expect(shaOf(`${event.sha}^1`)).toBe(shaOf('main'));
    expect(shaOf(`${event.sha}^2`)).toBe(head);
    const target = pullRequestTargetEvent(world, 1, { action: 'opened' });
    expect([target.sha, target.ref]).toEqual([shaOf('main'), 'refs/heads/main']);
  });

  test('tell of another base', () => {
    const { world, state } = bench.standIn;
    const release = bench.repository.commit('release', { 'notes.md': 'x' }, { from: 'main' });
    state.pullRequests[0]!.baseRef = 'release';
    const { payload } = pullRequestEvent(world, 1, { action: 'edited', from: 'main' });
    expect(payload).toMatchObject({
      changes: { base: { ref: { from: 'main' }, sha: { from: shaOf('main') } } },
      pull_request: { base: { ref: 'release', sha: release } },
    });
  });

  test('are not made where the branches conflict', () => {
    bench.repository.commit('main', { 'models/b.onnx': 'in the way' });
    expect(() => pullRequestEvent(bench.standIn.world, 1, { action: 'opened' })).toThrow('the test merge is gone');
  });

  test('of a merge queue hold the merge of all pull requests', () => {
    const { world, state } = bench.standIn;
    bench.repository.commit('two', { 'models/two.onnx': '2' }, { from: 'main' });
    state.pullRequests.push({ ...state.pullRequests[0]!, number: 2, headRef: 'two' });
    const event = mergeGroupEvent(world, [1, 2]);
    const base = shaOf('main');
    expect(event.payload).toMatchObject({
      action: 'checks_requested',
      merge_group: { base_sha: base, base_ref: 'refs/heads/main', head_sha: event.sha },
    });
    expect(event.ref).toBe(`refs/heads/gh-readonly-queue/main/pr-2-${base}`);
    const files = bench.repository.git(['ls-tree', '-r', '--name-only', event.ref, 'models/']).toString();
    expect(files).toBe('models/a.onnx\nmodels/b.onnx\nmodels/two.onnx\n');
  });

  test('of a push and by hand', () => {
    const { world } = bench.standIn;
    const before = shaOf('main');
    const after = bench.repository.commit('main', { 'models/a.onnx': 'new' });
    const push = pushEvent(world, 'main', before);
    expect(push.payload).toMatchObject({ before, after, forced: false, head_commit: { modified: ['models/a.onnx'] } });
    const dispatch = workflowDispatchEvent(world, { 'pull-request': '1' });
    expect(dispatch).toMatchObject({
      sha: after,
      payload: { inputs: { 'pull-request': '1' }, ref: 'refs/heads/main' },
    });
  });
});

describe('the environment of the runner', () => {
  test("names the event, the inputs and the action's defaults", () => {
    const actionFile = join(folder, 'action.yml');
    writeFileSync(
      actionFile,
      'inputs:\n  token: { default: "${{ github.token }}" }\n  fail-on: { default: fail }\n  targets: {}\n',
    );
    const event = pullRequestEvent(bench.standIn.world, 1, { action: 'opened' });
    const environment = environmentOf(event, { actionFile, inputs: { 'fail-on': 'never' } });
    expect(environment).toMatchObject({
      INPUT_TOKEN: 'a-token',
      'INPUT_FAIL-ON': 'never',
      INPUT_TARGETS: '',
      GITHUB_EVENT_NAME: 'pull_request',
      GITHUB_REPOSITORY: 'acme/detector',
      GITHUB_SHA: event.sha,
      GITHUB_REF: 'refs/pull/1/merge',
      GITHUB_REF_NAME: '1/merge',
      GITHUB_HEAD_REF: 'feature/one',
      GITHUB_BASE_REF: 'main',
      GITHUB_API_URL: bench.standIn.apiUrl,
      GITHUB_SERVER_URL: bench.standIn.serverUrl,
    });
    expect(JSON.parse(readFileSync(environment.GITHUB_EVENT_PATH!, 'utf8'))).toEqual(event.payload);
  });
});

describe('a run of an action', () => {
  const script = [
    'import { appendFileSync, readFileSync } from "node:fs";',
    'const { env } = process;',
    'const event = JSON.parse(readFileSync(env.GITHUB_EVENT_PATH, "utf8"));',
    'const api = `${env.GITHUB_API_URL}/repos/${env.GITHUB_REPOSITORY}/issues/${event.number}/comments`;',
    'const headers = { authorization: `Bearer ${env.INPUT_TOKEN}` };',
    'const answer = await fetch(api, { method: "POST", headers, body: JSON.stringify({ body: "from the action" }) });',
    'appendFileSync(env.GITHUB_OUTPUT, "verdict=pass\\nreport<<END\\none\\ntwo\\nEND\\n");',
    'appendFileSync(env.GITHUB_STEP_SUMMARY, "# Summary\\n");',
    'console.log(`status ${answer.status}`, Object.keys(env).filter((name) => name.startsWith("npm_")).length);',
    'console.error("a warning");',
    'process.exitCode = 3;',
  ].join('\n');

  test('gives what it wrote, and has nothing of this process', async () => {
    writeFileSync(join(folder, 'action.mjs'), script);
    const event = pullRequestEvent(bench.standIn.world, 1, { action: 'opened' });
    const environment = environmentOf(event, { inputs: { token: 'a-token' } });
    const run = await runAction({ script: join(folder, 'action.mjs'), environment });
    expect(run).toMatchObject({
      exitCode: 3,
      stdout: 'status 201 0\n',
      stderr: 'a warning\n',
      outputs: { verdict: 'pass', report: 'one\ntwo' },
      summary: '# Summary\n',
    });
    expect(bench.standIn.state.comments.map(({ body }) => body)).toEqual(['from the action']);
    expect(bench.standIn.violations).toEqual([]);
  });

  test('is ended when it takes too long', async () => {
    writeFileSync(join(folder, 'action.mjs'), 'setInterval(() => {}, 1000);');
    const environment = environmentOf(workflowDispatchEvent(bench.standIn.world, {}));
    const run = await runAction({ script: join(folder, 'action.mjs'), environment, timeoutMilliseconds: 200 });
    expect(run.exitCode).toBeNull();
  });

  test('fails on outputs that the runner would not read', () => {
    expect(parseOutputs('a=1=2\r\n\nb<<X\nX=1\nX\n')).toEqual({ a: '1=2', b: 'X=1' });
    expect(() => parseOutputs('a<<X\nwithout end\n')).toThrow('no matching delimiter');
    expect(() => parseOutputs('nothing')).toThrow('invalid format');
  });
});
