import { within } from './deadline.ts';
import { PermanentError, type Entry, type Work } from './queue.ts';
import { retryPause, type QueueSettings } from './settings.ts';

/** What has become of a job that a driver has started. */
export type Outcome =
  | { readonly kind: 'done' }
  /** Given up, and `onFailed` knows it. */
  | { readonly kind: 'failed'; readonly error: Error }
  | { readonly kind: 'again'; readonly pauseMilliseconds: number; readonly failures: number; readonly error: Error }
  /** Stopped from outside: as if it had not been started. */
  | { readonly kind: 'interrupted' };

/** Makes one attempt, or tells `onFailed` where there have been enough of them. Never rejects. */
export async function runJob<Data>(
  entry: Entry<Data>,
  work: Work<Data>,
  settings: QueueSettings,
  stop: AbortSignal,
): Promise<Outcome> {
  if (entry.failures >= settings.attempts) {
    return giveUp(entry, new Error(entry.lastError ?? 'all attempts failed'), work, settings);
  }
  if (entry.starts > settings.maximumStarts) {
    const text = `its process ended ${entry.starts - 1 - entry.failures} times while it worked on this job`;
    return giveUp({ ...entry, failures: settings.attempts }, new Error(text), work, settings);
  }
  const outcome = await attempt(entry, work, settings, stop);
  if (outcome.kind !== 'again') return outcome;
  const { error, failures } = outcome;
  const isLast = error instanceof PermanentError || failures >= settings.attempts;
  return isLast ? giveUp({ ...entry, failures: settings.attempts }, error, work, settings) : outcome;
}

async function attempt<Data>(
  entry: Entry<Data>,
  work: Work<Data>,
  settings: QueueSettings,
  stop: AbortSignal,
): Promise<Outcome> {
  const limit = settings.timeLimitMilliseconds;
  const overdue = new AbortController();
  const timer = setTimeout(() => overdue.abort(new Error(`not done within ${limit / 1000} seconds`)), limit);
  const signal = AbortSignal.any([stop, overdue.signal]);
  try {
    await untilAbandoned(
      async () => work.handle(entry.data, { signal, attempt: entry.failures + 1 }),
      signal,
      settings.abandonMilliseconds,
    );
    return { kind: 'done' };
  } catch (thrown) {
    if (stop.aborted) return { kind: 'interrupted' };
    const error = asError(overdue.signal.aborted ? overdue.signal.reason : thrown);
    return again(entry.failures + 1, error, settings);
  } finally {
    clearTimeout(timer);
  }
}

/** Rejects a while after the signal, even if the handler never ends. */
async function untilAbandoned(handle: () => Promise<void>, signal: AbortSignal, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let abandon = (): void => undefined;
  const abandoned = new Promise<never>((_, reject) => {
    abandon = () => {
      timer = setTimeout(() => reject(asError(signal.reason)), milliseconds);
    };
  });
  if (signal.aborted) abandon();
  signal.addEventListener('abort', abandon);
  try {
    await Promise.race([handle(), abandoned]);
  } finally {
    signal.removeEventListener('abort', abandon);
    clearTimeout(timer);
  }
}

/** Failures above the number of attempts count how often `onFailed` itself failed. */
async function giveUp<Data>(
  entry: Entry<Data>,
  error: Error,
  work: Work<Data>,
  settings: QueueSettings,
): Promise<Outcome> {
  try {
    const tooLong = 'telling that it failed took too long';
    await within((async () => work.onFailed(entry.data, error))(), settings.timeLimitMilliseconds, tooLong);
    return { kind: 'failed', error };
  } catch (problem) {
    settings.log(`job ${entry.key}: ${error.message}; it could not be told: ${asError(problem).message}`);
    const failures = entry.failures + 1;
    if (failures >= 2 * settings.attempts) return { kind: 'failed', error };
    return again(failures, error, settings);
  }
}

function again(failures: number, error: Error, settings: QueueSettings): Outcome {
  const pauses = failures < settings.attempts ? failures : failures - settings.attempts + 1;
  return { kind: 'again', pauseMilliseconds: retryPause(pauses, settings), failures, error };
}

/** Anything can be thrown. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
