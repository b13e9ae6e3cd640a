import { describe, expect, onTestFinished, test } from 'vitest';
import { createClient, isRefused, reasonOf, statusOf } from '../../src/github/client.ts';
import { startBench } from '../stand-in/testing.ts';

const answered = (status: number, message: string) => Object.assign(new Error(message), { name: 'HttpError', status });

describe('an error', () => {
  test('is refused with 403 and 404, but not where there were too many requests', () => {
    expect(isRefused(answered(403, 'Resource not accessible by integration'))).toBe(true);
    expect(isRefused(answered(404, 'Not Found'))).toBe(true);
    expect(isRefused(answered(403, 'API rate limit exceeded for installation ID 1.'))).toBe(false);
    expect(isRefused(answered(403, 'You have exceeded a secondary rate limit.'))).toBe(false);
    expect(isRefused(answered(403, 'You have triggered an abuse detection mechanism.'))).toBe(false);
    for (const other of [answered(401, ''), answered(500, ''), new Error('404'), { status: 404 }, 404, null]) {
      expect(isRefused(other)).toBe(false);
    }
  });

  test('has a status only where the server gave one', () => {
    expect([statusOf(answered(422, 'x')), statusOf(new Error('x')), statusOf('x'), statusOf({ status: 1 })]).toEqual([
      422,
      undefined,
      undefined,
      undefined,
    ]);
    expect(statusOf(Object.assign(new Error('x'), { status: '422' }))).toBeUndefined();
  });

  test('is told in one line of bounded length, with what broke a connection', () => {
    expect(reasonOf(answered(422, 'No\n  way'))).toBe('422 No way');
    expect(reasonOf(answered(422, 'x'.repeat(9000)))).toHaveLength(304);
    expect(reasonOf(new Error('x'.repeat(9000)))).toHaveLength(300);
    expect(reasonOf(new TypeError('fetch failed', { cause: new Error('ECONNRESET') }))).toBe(
      'fetch failed: ECONNRESET',
    );
    expect(reasonOf('x')).toBe('x');
  });
});

async function client(faults: NonNullable<Parameters<typeof startBench>[0]>['faults'] & object) {
  const { standIn, close } = await startBench({ faults });
  onTestFinished(close);
  const log: string[] = [];
  const options = { apiUrl: standIn.apiUrl, token: 'a-token', userAgent: 'model-budget/0' };
  return { standIn, log, octokit: createClient({ ...options, log: (line) => void log.push(line) }) };
}

const repository = { owner: 'acme', repo: 'detector' };

describe('the client', () => {
  test('asks again after a server error, and sends the token', async () => {
    const { octokit, standIn } = await client([{ status: 502, times: 1 }]);
    expect((await octokit.rest.repos.get(repository)).data.name).toBe('detector');
    expect(standIn.requests.map(({ status, login }) => [status, login])).toEqual([
      [502, 'github-actions[bot]'],
      [200, 'github-actions[bot]'],
    ]);
  });

  test('waits for a limit that lifts soon, and says so without the token', async () => {
    const message = 'You have exceeded a secondary rate limit.';
    const { octokit, log } = await client([{ status: 403, headers: { 'retry-after': '1' }, body: { message } }]);
    expect((await octokit.rest.repos.get(repository)).status).toBe(200);
    expect(log).toEqual([expect.stringMatching(/^secondary rate limit at GET .*: again in 1 s$/)]);
    expect(log.join()).not.toContain('a-token');
  });

  test('does not wait for one that lifts later than a run can last', async () => {
    const message = 'You have exceeded a secondary rate limit.';
    const { octokit, log } = await client([{ status: 403, headers: { 'retry-after': '3600' }, body: { message } }]);
    await expect(octokit.rest.repos.get(repository)).rejects.toThrow('secondary rate limit');
    expect(log).toEqual([expect.stringMatching(/giving up$/)]);
  });
});
