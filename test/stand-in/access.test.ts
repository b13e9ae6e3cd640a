import { afterEach, describe, expect, test } from 'vitest';
import { githubActions, workflowToken, type StandInOptions, type Token } from './options.ts';
import { startBench, type Bench } from './testing.ts';

let bench: Bench;

async function start(options: Partial<StandInOptions> = {}): Promise<Bench> {
  bench = await startBench(options);
  return bench;
}

afterEach(async () => {
  expect(bench.standIn.violations).toEqual([]);
  await bench.close();
});

const tokens: Readonly<Record<string, Token>> = {
  nothing: workflowToken({}),
  reads: workflowToken({ contents: 'read', pull_requests: 'read', checks: 'read' }),
  issues: workflowToken({ issues: 'write' }),
  app: { kind: 'app', app: githubActions },
  ada: { kind: 'user', login: 'ada', permissions: { contents: 'write', issues: 'write', checks: 'write' } },
  eve: { kind: 'user', login: 'eve', permissions: {} },
};

const head = () => bench.repository.git(['rev-parse', 'feature/one']).toString().trim();

describe('an installation token', () => {
  test('is told what a write would need', async () => {
    const { call } = await start({ tokens });
    const comment = { body: { body: 'text' } };
    const refused = await call('POST', '/issues/1/comments', { ...comment, token: 'reads' });
    expect([refused.status, refused.body.message]).toEqual([403, 'Resource not accessible by integration']);
    expect(refused.headers.get('x-accepted-github-permissions')).toBe('issues=write; pull_requests=write');
    expect((await call('POST', '/issues/1/comments', { ...comment, token: 'issues' })).status).toBe(201);
    const check = { name: 'n', head_sha: head() };
    expect((await call('POST', '/check-runs', { body: check, token: 'issues' })).status).toBe(403);
    const blob = { content: 'text' };
    expect((await call('POST', '/git/blobs', { body: blob, token: 'reads' })).status).toBe(403);
  });

  test('reads what is public without permission, and nothing private', async () => {
    const paths = [
      '/pulls/1',
      '/contents/models',
      '/issues/1/comments',
      `/compare/main...feature%2Fone`,
      '/branches/main',
    ];
    const statuses = async (token: string | null) =>
      Promise.all(paths.map(async (path) => (await bench.call('GET', path, { token })).status));
    await start({ tokens });
    expect(await statuses('nothing')).toEqual([200, 200, 200, 200, 200]);
    expect(await statuses(null)).toEqual([200, 200, 200, 200, 200]);
    await bench.close();
    await start({ tokens, private: true });
    expect(await statuses('nothing')).toEqual([403, 403, 403, 403, 403]);
    expect(await statuses('reads')).toEqual([200, 200, 200, 200, 200]);
    expect(await statuses('issues')).toEqual([403, 403, 200, 403, 403]);
    expect(await statuses('eve')).toEqual([404, 404, 404, 404, 404]);
    expect(await statuses(null)).toEqual([404, 404, 404, 404, 404]);
    expect((await bench.call('GET', '', { token: 'nothing' })).body).toMatchObject({ private: true });
  });

  test('is nobody at /user and not the App at /app', async () => {
    const { call } = await start({ tokens });
    const ask = async (path: string, token: string | null) => (await call('GET', path, { token })).status;
    expect(await ask(':/user', 'reads')).toBe(403);
    expect(await ask(':/user', 'ada')).toBe(200);
    expect(await ask(':/user', null)).toBe(401);
    expect(await ask(':/user', 'unknown')).toBe(401);
    expect(await ask(':/app', 'reads')).toBe(401);
    expect((await call('GET', ':/app', { token: 'app' })).body).toMatchObject({ slug: 'github-actions', id: 15368 });
  });
});

describe('a person', () => {
  test('comments, but has no checks', async () => {
    const { call } = await start({ tokens });
    const made = await call('POST', '/issues/1/comments', { body: { body: 'text' }, token: 'ada' });
    expect(made.body).toMatchObject({ user: { login: 'ada', type: 'User' }, performed_via_github_app: null });
    const refused = await call('POST', '/check-runs', { body: { name: 'n', head_sha: head() }, token: 'ada' });
    expect([refused.status, refused.body.message]).toEqual([403, 'You must authenticate via a GitHub App.']);
  });

  test('has a role, which `permission` tells roughly', async () => {
    const { call } = await start({ tokens, roles: { ada: 'maintain' } });
    const role = async (login: string) =>
      (await call('GET', `/collaborators/${login}/permission`, { token: 'reads' })).body;
    expect(await role('ada')).toMatchObject({ permission: 'write', role_name: 'maintain', user: { login: 'ada' } });
    expect(await role('acme')).toMatchObject({ permission: 'admin' });
    expect(await role('stranger')).toMatchObject({ permission: 'read', role_name: 'read' });
  });
});

test('another repository is not here', async () => {
  const { call } = await start({ tokens });
  expect((await call('GET', ':/repos/acme/other', { token: 'reads' })).status).toBe(404);
  expect((await call('GET', ':/repos/ACME/Detector', { token: 'reads' })).body).toMatchObject({
    full_name: 'acme/detector',
  });
});
