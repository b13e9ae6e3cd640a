import { afterEach, describe, expect, test } from 'vitest';
import { githubActions, workflowToken, type StandInOptions } from './options.ts';
import { addComment } from './state.ts';
import { allPermissions, startBench, type Bench } from './testing.ts';

interface Made {
  readonly id: number;
  readonly sha: string;
}

let bench: Bench;

async function start(options: Partial<StandInOptions> = {}): Promise<Bench> {
  bench = await startBench(options);
  return bench;
}

const head = () => bench.repository.git(['rev-parse', 'feature/one']).toString().trim();

const expectNoViolations = () => expect(bench.standIn.violations).toEqual([]);

afterEach(() => bench.close());

describe('comments', () => {
  test('are made, changed, listed in pages and taken away', async () => {
    const { call, standIn } = await start();
    const { status, body } = await call<Made>('POST', '/issues/1/comments', { body: { body: 'first' } });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      user: { login: 'github-actions[bot]', type: 'Bot' },
      performed_via_github_app: { slug: 'github-actions', id: 15368 },
    });
    await call('PATCH', `/issues/comments/${body.id}`, { body: { body: 'changed' } });
    expect((await call('GET', `/issues/comments/${body.id}`)).body).toMatchObject({ body: 'changed' });
    for (let count = 0; count < 149; count += 1) {
      addComment(standIn.world, 1, { login: 'ada', app: null }, `comment ${count}`);
    }
    const first = await call<Made[]>('GET', '/issues/1/comments?per_page=100');
    const second = await call<Made[]>('GET', '/issues/1/comments?per_page=100&page=2');
    expect([first.body.length, second.body.length]).toEqual([100, 50]);
    expect(first.headers.get('link')).toContain('rel="next"');
    expect(second.headers.get('link')).toContain('rel="prev"');
    expect(await call('DELETE', `/issues/comments/${body.id}`)).toMatchObject({ status: 204 });
    expect((await call('GET', `/issues/comments/${body.id}`)).status).toBe(404);
    expect((await call('GET', '/issues/7/comments')).status).toBe(404);
    expectNoViolations();
  });

  test('hold 65,536 characters and no more', async () => {
    const { call, standIn } = await start();
    const post = (body: string) => call('POST', '/issues/1/comments', { body: { body } });
    expect((await post('x'.repeat(65_536))).status).toBe(201);
    const refused = await post('x'.repeat(65_537));
    expect(refused.status).toBe(422);
    expect(refused.body).toMatchObject({ errors: [{ message: 'Body is too long (maximum is 65536 characters)' }] });
    expect((await post(' \n')).status).toBe(422);
    expect(standIn.state.comments).toHaveLength(1);
    expectNoViolations();
  });

  test('take a reaction once from everybody', async () => {
    const { call } = await start();
    const { body } = await call<Made>('POST', '/issues/1/comments', { body: { body: 'first' } });
    const react = () => call('POST', `/issues/comments/${body.id}/reactions`, { body: { content: 'eyes' } });
    expect([(await react()).status, (await react()).status]).toEqual([201, 200]);
    expect((await call('GET', `/issues/comments/${body.id}`)).body).toMatchObject({ reactions: { eyes: 1 } });
    expectNoViolations();
  });
});

describe('check runs', () => {
  const annotation = { path: 'a.yml', start_line: 1, end_line: 1, annotation_level: 'failure', message: 'm' };
  const annotations = (count: number) => Array.from({ length: count }, () => annotation);

  test('run, complete, keep their history and collect annotations', async () => {
    const { call, standIn } = await start();
    const body = { name: 'model-budget', head_sha: head(), status: 'in_progress' };
    const made = await call<Made>('POST', '/check-runs', { body });
    expect(made.body).toMatchObject({ status: 'in_progress', conclusion: null, completed_at: null });
    expect(made.body).toMatchObject({ pull_requests: [{ number: 1 }], app: { slug: 'github-actions' } });
    const path = `/check-runs/${made.body.id}`;
    const output = { title: 'Title', summary: 'Summary' };
    await call('PATCH', path, { body: { output: { ...output, annotations: annotations(50) } } });
    const done = { conclusion: 'failure', output: { ...output, annotations: annotations(1) } };
    expect((await call('PATCH', path, { body: done })).body).toMatchObject({
      status: 'completed',
      conclusion: 'failure',
      output: { annotations_count: 51 },
    });
    expect((await call<unknown[]>('GET', `${path}/annotations?per_page=100`)).body).toHaveLength(51);
    expect(standIn.state.checkRuns[0]!.history).toHaveLength(3);
    expectNoViolations();
  });

  test('are listed by their newest of each name', async () => {
    const { call } = await start();
    const make = (name: string) => call<Made>('POST', '/check-runs', { body: { name, head_sha: head() } });
    const [, newer, other] = [await make('one'), await make('one'), await make('other')];
    const list = async (query: string) => {
      const { body } = await call<{ total_count: number; check_runs: Made[] }>(
        'GET',
        `/commits/${head()}/check-runs${query}`,
      );
      return body.check_runs.map(({ id }) => id);
    };
    expect(await list('')).toEqual([other.body.id, newer.body.id]);
    expect(await list('?filter=all')).toHaveLength(3);
    expect(await list('?check_name=one')).toEqual([newer.body.id]);
    expect(await list(`?app_id=${githubActions.id + 1}`)).toEqual([]);
    expectNoViolations();
  });

  test('hold 65,535 bytes of summary, whatever the characters', async () => {
    const { call } = await start();
    const post = (summary: string) =>
      call('POST', '/check-runs', { body: { name: 'n', head_sha: head(), output: { title: 't', summary } } });
    expect((await post('Δ'.repeat(32_767))).status).toBe(201);
    const refused = await post('Δ'.repeat(32_768));
    expect(refused.body).toMatchObject({
      message: 'Validation Failed',
      errors: [{ field: 'summary', message: 'summary exceeds a maximum bytesize of 65535' }],
    });
    expectNoViolations();
  });

  test('take 50 annotations at once, and a commit that is there', async () => {
    const { call, standIn } = await start();
    const output = { title: 't', summary: 's', annotations: annotations(51) };
    expect((await call('POST', '/check-runs', { body: { name: 'n', head_sha: head(), output } })).status).toBe(422);
    expect(standIn.violations.map(({ where }) => where)).toEqual(['request']);
    const nowhere = { name: 'n', head_sha: '1'.repeat(40) };
    expect((await call('POST', '/check-runs', { body: nowhere })).body).toMatchObject({ status: '422' });
    const unfinished = { name: 'n', head_sha: head(), status: 'completed' };
    expect((await call('POST', '/check-runs', { body: unfinished })).status).toBe(422);
  });

  test('belong to the App that made them', async () => {
    const other = { slug: 'other', id: 7, name: 'Other' };
    const tokens = {
      'a-token': workflowToken(allPermissions),
      'other-token': { kind: 'installation', app: other, permissions: allPermissions },
    } as const;
    const { call } = await start({ tokens });
    const made = await call<Made>('POST', '/check-runs', { body: { name: 'n', head_sha: head() } });
    const body = { conclusion: 'success' };
    const refused = await call('PATCH', `/check-runs/${made.body.id}`, { body, token: 'other-token' });
    expect(refused.status).toBe(403);
    expect(refused.body).toMatchObject({ message: expect.stringContaining('Invalid app_id `7`') as string });
    expectNoViolations();
  });
});

describe('the Git data API', () => {
  test('writes an orphan branch that git reads', async () => {
    const { call, repository } = await start();
    const png = Buffer.from([137, 80, 78, 71]);
    const content = { content: png.toString('base64'), encoding: 'base64' };
    const blob = await call<Made>('POST', '/git/blobs', { body: content });
    const tree = [{ path: 'charts/a.png', mode: '100644', type: 'blob', sha: blob.body.sha }];
    const made = await call<Made>('POST', '/git/trees', { body: { tree } });
    const commit = { message: 'Charts', tree: made.body.sha, parents: [] };
    const first = (await call<Made>('POST', '/git/commits', { body: commit })).body.sha;
    const ref = { ref: 'refs/heads/charts', sha: first };
    expect((await call('POST', '/git/refs', { body: ref })).status).toBe(201);
    expect((await call('POST', '/git/refs', { body: ref })).body).toMatchObject({
      message: 'Reference already exists',
    });
    expect(repository.git(['show', 'charts:charts/a.png'])).toEqual(png);

    const change = [
      { path: 'charts/a.png', mode: '100644', type: 'blob', sha: null },
      { path: 'charts/b.txt', mode: '100644', type: 'blob', content: 'text' },
    ];
    const next = await call<Made>('POST', '/git/trees', { body: { base_tree: made.body.sha, tree: change } });
    const body = { message: 'More', tree: next.body.sha, parents: [first] };
    const second = (await call<Made>('POST', '/git/commits', { body })).body.sha;
    expect((await call('PATCH', '/git/refs/heads/charts', { body: { sha: second } })).status).toBe(200);
    expect(repository.git(['ls-tree', '-r', '--name-only', 'charts']).toString()).toBe('charts/b.txt\n');
    const back = { body: { sha: first } };
    expect((await call('PATCH', '/git/refs/heads/charts', back)).body).toMatchObject({
      message: 'Update is not a fast forward',
    });
    expect((await call('PATCH', '/git/refs/heads/charts', { body: { sha: first, force: true } })).status).toBe(200);
    expect((await call('DELETE', '/git/refs/heads%2Fcharts')).status).toBe(204);
    expect((await call('DELETE', '/git/refs/heads%2Fcharts')).status).toBe(422);
    expectNoViolations();
  });

  test('refuses trees, commits and refs of what is not there', async () => {
    const { call } = await start();
    const missing = '1'.repeat(40);
    const message = async (path: string, body: unknown) =>
      (await call<{ message: string }>('POST', path, { body })).body.message;
    const entry = { path: 'a', mode: '100644', type: 'blob', sha: missing };
    expect(await message('/git/trees', { tree: [entry] })).toBe(`tree.sha ${missing} is not a valid blob`);
    expect(await message('/git/trees', { tree: [{ ...entry, path: '../a' }] })).toContain('malformed');
    expect(await message('/git/trees', { tree: [{ ...entry, sha: null }] })).toBe('GitRPC::BadObjectState');
    expect(await message('/git/trees', { base_tree: missing, tree: [entry] })).toContain('base_tree');
    expect(await message('/git/commits', { message: 'm', tree: missing })).toBe('Tree SHA does not exist');
    expect(await message('/git/refs', { ref: 'refs/heads/x', sha: missing })).toBe('Object does not exist');
    expect(await message('/git/refs', { ref: 'x', sha: missing })).toContain('not a valid ref name');
    expectNoViolations();
  });
});
