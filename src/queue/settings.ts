/** How a queue works, whichever driver it has. */
export interface QueueSettings {
  /** Jobs that one process works on at the same time. */
  readonly concurrency: number;
  /** Attempts with the same data before the job is given up. */
  readonly attempts: number;
  /** The longest pause before the second attempt; it doubles with each one. */
  readonly retryMilliseconds: number;
  /** What one attempt may take. */
  readonly timeLimitMilliseconds: number;
  /** How long a handler may go on after its signal was aborted. Then the queue goes on without it. */
  readonly abandonMilliseconds: number;
  /** Starts with the same data before the job is held to be what kills the process. */
  readonly maximumStarts: number;
  /** What `close` gives to active jobs before it aborts their signals. */
  readonly graceMilliseconds: number;
  /** How long a job of a process that died stays its own (Redis). A handler must not block its process for longer. */
  readonly leaseMilliseconds: number;
  readonly log: (line: string) => void;
  /** From 0 to below 1, for pauses that differ. */
  readonly random: () => number;
}

const minute = 60_000;

/** Five attempts over about four minutes, which a short outage of GitHub does not outlast. */
export const defaultSettings: Omit<QueueSettings, 'log'> = {
  concurrency: 4,
  attempts: 5,
  retryMilliseconds: 15_000,
  timeLimitMilliseconds: 15 * minute,
  abandonMilliseconds: 5_000,
  maximumStarts: 20,
  graceMilliseconds: 20_000,
  leaseMilliseconds: minute,
  random: Math.random,
};

/** Between half of the longest pause and all of it, so that jobs that failed together do not come back together. */
export function retryPause(failures: number, settings: QueueSettings): number {
  const longest = settings.retryMilliseconds * 2 ** (failures - 1);
  return Math.round((longest * (1 + settings.random())) / 2);
}
