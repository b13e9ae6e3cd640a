/** Requests that broke are made again: after what may be over soon, and after what came as no answer. */
import type { Octokit } from '@octokit/rest';
import { setTimeout as wait } from 'node:timers/promises';

export interface RetrySettings {
  /** After the first try. */
  readonly retries: number;
  /** The others are four and nine times as long. */
  readonly firstPauseMilliseconds: number;
}

/** Asked again they say the same; what has to do with limits is for who counts them. */
const finalStatuses: ReadonlySet<number> = new Set([400, 401, 403, 404, 410, 422, 451]);

export function retryBroken({ hook }: Octokit, { retries, firstPauseMilliseconds }: RetrySettings): void {
  hook.wrap('request', async (request, options) => {
    for (let count = 1; ; count += 1) {
      try {
        return await request(options);
      } catch (error) {
        if (count > retries || !isWorthAnother(error)) throw error;
        await wait(count * count * firstPauseMilliseconds);
      }
    }
  });
}

/** No answer has the status 500. */
function isWorthAnother(error: unknown): boolean {
  if (!(error instanceof Error) || !('status' in error) || !('request' in error)) return false;
  const { status } = error;
  return typeof status === 'number' && status >= 400 && !finalStatuses.has(status);
}
