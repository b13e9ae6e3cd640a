import { isSettledWithin } from './deadline.ts';
import type { Journal, NumberedEntry } from './journal.ts';
import { createLanes, type Lanes } from './lanes.ts';
import { jobId, type Job, type Queue, type Work } from './queue.ts';
import { asError, runJob, type Outcome } from './run-job.ts';
import type { QueueSettings } from './settings.ts';

/** What a queue in one process is made of, and how it stands. */
interface State<Data> {
  readonly work: Work<Data>;
  readonly settings: QueueSettings;
  readonly journal: Journal<Data>;
  readonly lanes: Lanes<NumberedEntry<Data>>;
  readonly active: Set<Promise<void>>;
  /** By the id of the job that waits for its next attempt. */
  readonly delayed: Map<string, NodeJS.Timeout>;
  readonly stop: AbortController;
  isClosing: boolean;
  failed: number;
  /** The number of the newest entry. */
  sequence: number;
}

/** Takes in and does jobs in one process; what an earlier process left in the journal comes first. */
export function startMemoryQueue<Data>(work: Work<Data>, settings: QueueSettings, journal: Journal<Data>): Queue<Data> {
  const state: State<Data> = {
    work,
    settings,
    journal,
    lanes: createLanes(),
    active: new Set(),
    delayed: new Map(),
    stop: new AbortController(),
    isClosing: false,
    failed: 0,
    sequence: journal.left.at(-1)?.sequence ?? 0,
  };
  for (const entry of journal.left) state.lanes.put(entry);
  startJobs(state);
  const { lanes, active, delayed } = state;
  return {
    add: (job) => add(job, state),
    close: () => close(state),
    isHealthy: async () => !state.isClosing && (await journal.isWritable()),
    counts: () =>
      Promise.resolve({
        waiting: lanes.waitingCount(),
        active: active.size,
        delayed: delayed.size,
        failed: state.failed,
      }),
  };
}

async function add<Data>(job: Job<Data>, state: State<Data>): Promise<void> {
  if (state.isClosing) throw new Error('the queue is closing and takes no jobs');
  state.sequence += 1;
  const { group, key } = job;
  // What a journal would give back, with and without one.
  const data = JSON.parse(JSON.stringify(job.data)) as Data;
  const entry = { id: jobId(job), group, key, data, failures: 0, starts: 0, sequence: state.sequence };
  await state.journal.save(entry);
  enqueue(entry, state);
}

function enqueue<Data>(entry: NumberedEntry<Data>, state: State<Data>): void {
  clearTimeout(state.delayed.get(entry.id));
  state.delayed.delete(entry.id);
  state.lanes.put(entry);
  startJobs(state);
}

function startJobs<Data>(state: State<Data>): void {
  while (!state.isClosing && state.active.size < state.settings.concurrency) {
    const entry = state.lanes.take();
    if (entry === undefined) return;
    const run = start(entry, state).finally(() => {
      state.active.delete(run);
      state.lanes.release(entry.group);
      startJobs(state);
    });
    state.active.add(run);
  }
}

async function start<Data>(entry: NumberedEntry<Data>, state: State<Data>): Promise<void> {
  const started = { ...entry, starts: entry.starts + 1 };
  await noted(started, state, state.journal.update);
  await conclude(started, await runJob(started, state.work, state.settings, state.stop.signal), state);
}

async function conclude<Data>(entry: NumberedEntry<Data>, outcome: Outcome, state: State<Data>): Promise<void> {
  switch (outcome.kind) {
    case 'interrupted':
      return noted({ ...entry, starts: entry.starts - 1 }, state, state.journal.update);
    case 'again':
      return retry(entry, outcome, state);
    case 'failed':
      state.failed += 1;
      state.settings.log(`job ${entry.key} failed: ${outcome.error.message}`);
      return noted(entry, state, state.journal.settle);
    case 'done':
      return noted(entry, state, state.journal.settle);
  }
}

async function retry<Data>(
  entry: NumberedEntry<Data>,
  { error, failures, pauseMilliseconds }: Outcome & { readonly kind: 'again' },
  state: State<Data>,
): Promise<void> {
  state.settings.log(`job ${entry.key}, attempt ${failures}: ${error.message}`);
  const next = { ...entry, failures, lastError: error.message };
  await noted(next, state, state.journal.update);
  // Newer data has come meanwhile: it is tried at once, and in place of this.
  if (state.lanes.isWaiting(next) || state.isClosing) return;
  const timer = setTimeout(() => enqueue(next, state), pauseMilliseconds);
  state.delayed.set(next.id, timer);
}

/** Only `add` must not go on where the journal fails: a job that is under way is better done twice than not. */
async function noted<Data>(
  entry: NumberedEntry<Data>,
  { settings }: State<Data>,
  write: (entry: NumberedEntry<Data>) => Promise<void>,
): Promise<void> {
  try {
    await write(entry);
  } catch (problem) {
    settings.log(`job ${entry.key}: the journal cannot be written: ${asError(problem).message}`);
  }
}

async function close<Data>(state: State<Data>): Promise<void> {
  if (state.isClosing) return;
  state.isClosing = true;
  for (const timer of state.delayed.values()) clearTimeout(timer);
  const ended = Promise.allSettled(state.active);
  if (!(await isSettledWithin(ended, state.settings.graceMilliseconds))) {
    state.stop.abort(new Error('the queue is closing'));
    await ended;
  }
  await state.journal.close();
}
