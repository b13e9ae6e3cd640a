import { createHash } from 'node:crypto';

/** What is to be done. `data` is plain JSON. */
export interface Job<Data> {
  /** Names the job within its group: of one key at most one job waits, and the newest data wins. */
  readonly key: string;
  /** Jobs of one group never run at the same time: one group for each pull request. */
  readonly group: string;
  readonly data: Data;
}

/** How many jobs there are; `failed` are those given up, as far back as the driver remembers. */
export interface Counts {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly failed: number;
}

/**
 * Jobs between whoever takes them in and whoever does them. A job that `add` has taken is never lost: it is done, or
 * `Work.onFailed` has been told, whatever is killed in between. It may be started more than once, so its effects must be
 * such that doing them again changes nothing.
 */
export interface Queue<Data> {
  /** Resolves when the job is kept safe; rejects within seconds where it cannot be. */
  readonly add: (job: Job<Data>) => Promise<void>;
  readonly counts: () => Promise<Counts>;
  /** Whether `add` would work now. */
  readonly isHealthy: () => Promise<boolean>;
  /** Starts no more jobs, gives the active ones the grace period, and leaves the others for the next start. */
  readonly close: () => Promise<void>;
}

/** What an attempt may know of itself. */
export interface AttemptContext {
  /** Aborted when the time limit is over, when the queue closes, and when another process may have taken the job. */
  readonly signal: AbortSignal;
  /** 1 for the first attempt with this data. */
  readonly attempt: number;
}

/** Who does the jobs. */
export interface Work<Data> {
  /** Throws a `PermanentError` where trying again is of no use, anything else where it is. */
  readonly handle: (data: Data, context: AttemptContext) => Promise<void>;
  /** Called when a job is given up. Where it throws, it is called again later, as often as an attempt would be made. */
  readonly onFailed: (data: Data, error: Error) => Promise<void>;
}

/** Trying again would end in the same way. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
}

/** A job as drivers keep it, with what has become of it so far. New data starts anew. */
export interface Entry<Data> extends Job<Data> {
  readonly id: string;
  /** Attempts that ended in an error. */
  readonly failures: number;
  /** Attempts that were begun; more than failures if a process died at it. */
  readonly starts: number;
  readonly lastError?: string;
}

/** The name of a job where only plain letters and digits will do: in file names and in Redis keys. */
export function jobId({ group, key }: { readonly group: string; readonly key: string }): string {
  return digestOf([group, key]);
}

/** 32 hexadecimal digits that stand for these texts. */
export function digestOf(texts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex').slice(0, 32);
}
