import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allOperations } from './description.ts';
import { handlers } from './routes/index.ts';
import type { Violation } from './validate.ts';
import { startBench, type Bench } from './testing.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());

/** Sends a request and returns what was said against it. */
async function said(
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; violations: readonly Violation[] }> {
  const before = bench.standIn.violations.length;
  const { status } = await bench.call(method, path, body === undefined ? {} : { body });
  return { status, violations: bench.standIn.violations.slice(before) };
}

const sha = '1'.repeat(40);

describe('a request is held against the description', () => {
  const wrong: readonly [reason: string, method: string, path: string, body?: unknown][] = [
    ["must have required property 'head_sha'", 'POST', '/check-runs', { name: 'n' }],
    [
      '/conclusion must be equal to one of the allowed values',
      'POST',
      '/check-runs',
      { name: 'n', head_sha: sha, conclusion: 'passed' },
    ],
    [
      '/output must have required property',
      'POST',
      '/check-runs',
      { name: 'n', head_sha: sha, output: { title: 't' } },
    ],
    ['must NOT have additional properties (conclusions)', 'PATCH', '/check-runs/1', { conclusions: 'success' }],
    [
      '/started_at must match format "date-time"',
      'POST',
      '/check-runs',
      { name: 'n', head_sha: sha, started_at: 'now' },
    ],
    ['/body must be string', 'POST', '/issues/1/comments', { body: 5 }],
    ['body: is missing', 'POST', '/issues/1/comments'],
    ['body: is no JSON', 'POST', '/issues/1/comments', '{'],
    ['query: the whole must NOT have additional properties (perpage)', 'GET', '/pulls?perpage=100'],
    ['query: /page must be integer', 'GET', '/pulls?page=two'],
    ['query: /state must be equal to one of the allowed values', 'GET', '/pulls?state=merged'],
    ['path: /pull_number must be integer', 'GET', '/pulls/one'],
  ];

  test.each(wrong)('%s', async (reason, method, path, body) => {
    const { violations } = await said(method, path, body);
    expect(violations).toHaveLength(1);
    expect(violations[0]!.where).toBe('request');
    expect(violations[0]!.reason).toContain(reason);
    expect(violations[0]!.call).toBe(`${method} /repos/acme/detector${path.split('?')[0]!}`);
  });

  test('and what is wrong in its body is refused', async () => {
    const { status } = await said('POST', '/check-runs', { name: 'n' });
    expect(status).toBe(422);
  });

  test('and an unknown operation is told of', async () => {
    const { status, violations } = await said('PUT', '/pulls/1/merge', {});
    expect(status).toBe(404);
    expect(violations).toMatchObject([{ where: 'route', call: 'PUT /repos/acme/detector/pulls/1/merge' }]);
  });
});

describe('an answer is held against the description', () => {
  test('so that a wrong one of the stand-in is told of', async () => {
    const before = bench.standIn.violations.length;
    const { body } = await bench.call<{ id: number }>('POST', '/issues/1/comments', { body: { body: 'text' } });
    Object.assign(bench.standIn.state.comments[0]!, { body: 5, createdAt: 'yesterday' });
    await bench.call('GET', `/issues/comments/${body.id}`);
    const call = `GET /repos/acme/detector/issues/comments/${body.id}`;
    const violations = bench.standIn.violations.slice(before);
    expect(violations).toMatchObject([{ where: 'response', call }]);
    expect(violations[0]!.reason).toContain('200: /body must be string');
  });

  test('and every operation of the description has a handler', () => {
    const described = allOperations().map(({ id }) => id);
    expect(described.filter((id) => handlers[id] === undefined)).toEqual([]);
    expect(Object.keys(handlers).sort()).toEqual([...described].sort());
  });
});
