/** `doctor` with GitHub to ask, and whom it asks. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { remoteOf } from '../../src/cli/doctor/remote.ts';
import { run } from '../../src/cli/run.ts';
import { githubActions, workflowToken, type AppIdentity, type StandInOptions } from '../stand-in/options.ts';
import { startStandIn, type StandIn } from '../stand-in/stand-in.ts';
import { one, openPractice, writeBlob, type Practice } from './practice.ts';
import { pointerText, type TemporaryRepository } from './repository.ts';

describe('with GitHub to ask', () => {
  const app: AppIdentity = { slug: 'our-budgets', id: 4711, name: 'Our budgets' };
  const reads = workflowToken({ contents: 'read', pull_requests: 'read', checks: 'read' });
  let standIn: StandIn | undefined;
  let practice: Practice;
  let repository: TemporaryRepository;
  let doctor: Practice['doctor'];

  beforeEach(() => {
    practice = openPractice();
    ({ repository, doctor } = practice);
  });

  afterEach(() => {
    practice.close();
  });

  afterEach(async () => {
    expect(standIn?.violations ?? []).toEqual([]);
    await standIn?.close();
    standIn = undefined;
  });

  /** The clone is the server's own repository. */
  async function connect(options: Partial<StandInOptions> = {}): Promise<StandIn> {
    repository.copy('cnn-residual.onnx', 'a.onnx');
    await run(['init', '--quiet']);
    repository.commit();
    repository.git('branch', 'change');
    standIn = await startStandIn({
      gitFolder: join(repository.folder, '.git'),
      repository: 'acme/detector',
      pullRequests: [{ number: 1, head: { ref: 'change' }, base: 'main' }],
      tokens: {
        reads,
        nothing: workflowToken({}),
        app: { kind: 'installation', app, permissions: { checks: 'write' } },
        actions: workflowToken({ checks: 'write' }),
      },
      ...options,
    });
    vi.stubEnv('GITHUB_API_URL', standIn.apiUrl);
    vi.stubEnv('GITHUB_TOKEN', 'reads');
    repository.git('remote', 'add', 'origin', `${standIn.serverUrl}/acme/detector.git`);
    return standIn;
  }

  async function makeCheck(token: string, name = 'model-budget'): Promise<void> {
    const answer = await fetch(`${standIn!.apiUrl}/repos/acme/detector/check-runs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ name, head_sha: repository.git('rev-parse', 'change') }),
    });
    expect(answer.status).toBe(201);
  }

  test('a check that nobody requires holds no merge', async () => {
    await connect();
    const { findings, levels, exitCode } = await doctor();
    expect(levels).toEqual([
      ...['required-check: warning', 'config: ok', 'models: ok', 'workflow: ok', 'repository: ok', 'merge-queue: ok'],
      'app: ok',
    ]);
    expect(one(findings, 'repository').message).toContain('public, its default branch is `main`');
    expect(exitCode).toBe(0);
  });

  test('a check from any source can be made by anybody', async () => {
    await connect({ rules: { protection: [{ context: 'model-budget' }], mergeQueue: true } });
    await makeCheck('actions');
    const { findings } = await doctor();
    expect(one(findings, 'required-check')).toMatchObject({ level: 'ok' });
    expect(one(findings, 'check-source')).toMatchObject({
      level: 'warning',
      lines: ['Required check model-budget, source: GitHub Actions'],
    });
    expect(one(findings, 'merge-queue').message).toContain('goes through a merge queue');
  });

  test('Action and App together: the App is to be pinned', async () => {
    await connect({ rules: { ruleset: [{ context: 'model-budget', appId: githubActions.id }] } });
    await makeCheck('actions');
    await makeCheck('app');
    await makeCheck('app', 'model-budgeting');
    const { findings } = await doctor();
    expect(one(findings, 'app').message).toContain('leaves the comment to the Action; pin the App');
    expect(one(findings, 'check-source')).toMatchObject({
      level: 'warning',
      lines: ['Required check model-budget, source: our-budgets'],
    });
  });

  test('the App pinned is as it should be; one that makes no check is not', async () => {
    await connect({
      rules: {
        ruleset: [{ context: 'model-budget', appId: app.id }],
        protection: [{ context: 'model-budget (edge)', appId: 99 }],
      },
    });
    await makeCheck('app');
    const { findings } = await doctor();
    const sources = findings.filter(({ id }) => id === 'check-source').map(({ level, message }) => [level, message]);
    expect(sources).toEqual([
      ['warning', expect.stringContaining('the App 99')],
      ['ok', '`model-budget` must come from `our-budgets`'],
    ]);
  });

  test('a token that may not know says what it lacks', async () => {
    await connect({ private: true });
    vi.stubEnv('GITHUB_TOKEN', '');
    vi.stubEnv('GH_TOKEN', 'nothing');
    const { findings, exitCode } = await doctor();
    expect(one(findings, 'required-check').message).toContain('the token lacks contents: read');
    expect(one(findings, 'app').message).toContain('the token lacks checks: read');
    expect(one(findings, 'private').level).toBe('ok');
    expect(exitCode).toBe(0);
    vi.stubEnv('GH_TOKEN', 'of nobody');
    const refused = await doctor();
    expect(one(refused.findings, 'repository')).toMatchObject({ level: 'unknown' });
    expect(one(refused.findings, 'repository').message).toContain('401');
  });

  test('the Git LFS endpoint is asked for an object that the last commit names', async () => {
    const folder = join(repository.folder, '.git', 'objects-of-lfs');
    mkdirSync(folder);
    const content = 'an object';
    const oid = createHash('sha256').update(content).digest('hex');
    repository.put('.gitattributes', '*.tflite filter=lfs\n');
    repository.put('b.tflite', pointerText(oid, content.length));
    repository.git('add', '.gitattributes');
    const object = writeBlob(repository, pointerText(oid, content.length));
    repository.git('update-index', '--add', '--cacheinfo', `100644,${object},b.tflite`);
    repository.git('commit', '--quiet', '-m', 'pointer');
    await connect({ lfs: { folder } });
    const missing = await doctor();
    expect(one(missing.findings, 'lfs-endpoint')).toMatchObject({ level: 'error' });
    expect(missing.exitCode).toBe(1);
    writeFileSync(join(folder, oid), content);
    expect(one((await doctor()).findings, 'lfs-endpoint')).toMatchObject({ level: 'ok' });
  });
});

describe('whom to ask', () => {
  const token = { GITHUB_TOKEN: 't' };
  test.each([
    'https://github.com/acme/detector.git',
    'https://github.com/acme/detector',
    'https://user:secret@github.com/acme/detector.git/',
    'git@github.com:acme/detector.git',
    'ssh://git@github.com:22/acme/detector',
  ])('%s', (address) => {
    expect(remoteOf(address, token)).toMatchObject({
      repository: { owner: 'acme', repo: 'detector' },
      apiUrl: 'https://api.github.com',
      serverUrl: 'https://github.com',
    });
  });

  test('the token goes to no server that only the clone names', () => {
    expect(remoteOf('https://git.example/acme/detector', token)).toContain('GITHUB_API_URL=https://git.example/api/v3');
    expect(
      remoteOf('https://git.example/acme/detector', { ...token, GITHUB_API_URL: 'https://git.example/api/v3/' }),
    ).toMatchObject({
      apiUrl: 'https://git.example/api/v3',
      serverUrl: 'https://git.example',
    });
    expect(remoteOf('/srv/git/detector', token)).toContain('GITHUB_REPOSITORY');
    expect(remoteOf(undefined, { ...token, GITHUB_REPOSITORY: 'acme/detector' })).toMatchObject({
      repository: { owner: 'acme', repo: 'detector' },
    });
    expect(remoteOf('https://github.com/acme/detector', {})).toContain('set GITHUB_TOKEN');
  });
});
