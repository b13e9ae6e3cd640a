import { afterEach, describe, expect, test } from 'vitest';
import { secondaryRateLimit } from './faults.ts';
import type { StandInOptions } from './options.ts';
import { startBench, type Bench } from './testing.ts';

let bench: Bench;

async function start(options: Partial<StandInOptions> = {}): Promise<Bench> {
  bench = await startBench(options);
  return bench;
}

afterEach(() => bench.close());

const comment = { body: { body: 'text' } };
const statusesOf = async (count: number, ask: () => Promise<{ status: number }>) => {
  const statuses: number[] = [];
  for (let index = 0; index < count; index += 1) statuses.push((await ask()).status);
  return statuses;
};

describe('faults', () => {
  test('strike the requests that they name, as often as they say', async () => {
    const fault = { method: 'GET', path: /^\/repos\/acme\/detector\/pulls\/1$/, times: 2, after: 1, status: 502 };
    const { call, standIn } = await start({ faults: [{ ...fault, body: '<html>Bad gateway</html>' }] });
    expect((await call('GET', '/pulls')).status).toBe(200);
    expect(await statusesOf(4, () => call('GET', '/pulls/1'))).toEqual([200, 502, 502, 200]);
    expect(standIn.requests.map(({ path, status, faulty }) => [path.split('/').at(-1), status, faulty])).toEqual([
      ['pulls', 200, false],
      ['1', 200, false],
      ['1', 502, true],
      ['1', 502, true],
      ['1', 200, false],
    ]);
    expect(standIn.requests[0]).toMatchObject({ method: 'GET', login: 'github-actions[bot]' });
    expect(standIn.violations).toEqual([]);
  });

  test('cut the connection before or after the change is made', async () => {
    const { call, standIn } = await start();
    standIn.faults.add({ method: 'POST', drop: true });
    await expect(call('POST', '/issues/1/comments', comment)).rejects.toThrow('fetch failed');
    expect(standIn.state.comments).toHaveLength(0);
    standIn.faults.add({ method: 'POST', drop: true, applied: true });
    await expect(call('POST', '/issues/1/comments', comment)).rejects.toThrow('fetch failed');
    expect(standIn.state.comments).toHaveLength(1);
    standIn.faults.add({ method: 'POST', status: 504, applied: true });
    expect((await call('POST', '/issues/1/comments', comment)).status).toBe(504);
    expect(standIn.state.comments).toHaveLength(2);
    expect(standIn.requests.map(({ status }) => status)).toEqual([null, null, 504]);
  });

  test('may only delay', async () => {
    const { call } = await start({ faults: [{ delayMilliseconds: 60 }] });
    const began = performance.now();
    expect((await call('GET', '/pulls/1')).status).toBe(200);
    expect(performance.now() - began).toBeGreaterThan(55);
  });

  test('fail each distinct call once', async () => {
    const { call } = await start({ failEachCallOnce: 502 });
    expect(await statusesOf(3, () => call('GET', '/pulls/1'))).toEqual([502, 200, 200]);
    expect(await statusesOf(2, () => call('GET', '/pulls'))).toEqual([502, 200]);
    expect(await statusesOf(2, () => call('POST', '/issues/1/comments', comment))).toEqual([502, 201]);
  });

  test('speak of rate limits as GitHub does', async () => {
    const { call } = await start({ faults: [secondaryRateLimit({ method: 'POST' })], limits: { requestsPerHour: 3 } });
    const refused = await call('POST', '/issues/1/comments', comment);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([403, '1']);
    expect(refused.body.message).toContain('You have exceeded a secondary rate limit');
    const { headers } = await call('GET', '/pulls/1');
    expect([headers.get('x-ratelimit-limit'), headers.get('x-ratelimit-remaining')]).toEqual(['3', '1']);
    await call('GET', '/pulls/1');
    const last = await call('GET', '/pulls/1');
    expect([last.status, last.headers.get('x-ratelimit-remaining')]).toEqual([403, '0']);
    expect(last.body.message).toContain('API rate limit exceeded');
  });
});

test('a hook can move the head in the middle of a run', async () => {
  const heads: string[] = [];
  const onRequest = ({ method }: { method: string }) => {
    if (method === 'POST') heads.push(bench.repository.commit('feature/one', { 'models/b.onnx': `${heads.length}` }));
  };
  const { call } = await start({ onRequest });
  const sha = async () => (await call<{ head: { sha: string } }>('GET', '/pulls/1')).body.head.sha;
  const before = await sha();
  await call('POST', '/issues/1/comments', comment);
  expect(await sha()).toBe(heads[0]);
  expect(heads[0]).not.toBe(before);
});
