/**
 * The simulator in its workers, seen from the page's own thread. A worker is started when it is first asked and gets one
 * question at a time; searches have one of their own, so that nothing else waits for them. Nothing waits for more than one
 * rehearsal.
 */
import type { Answered, Answers, Asked, Kind, Question } from './protocol.ts';

export interface Simulator {
  /**
   * Rejects with a `SimulatorError` whose message is for the reader; with a `SupersededError` where a later question of
   * the kind came first, or `cancel`.
   */
  readonly ask: <K extends Kind>(
    question: Extract<Question, { kind: K }>,
    onProgress?: (done: number) => void,
  ) => Promise<Answers[K]>;
  /** Stops the search that is under way. */
  readonly cancelSearch: () => void;
}

export class SimulatorError extends Error {
  override readonly name: string = 'SimulatorError';
}

/** Nobody waits for this answer any more. */
export class SupersededError extends SimulatorError {
  override readonly name = 'SupersededError';
}

interface Waiting {
  readonly question: Question;
  readonly resolve: (answer: Answers[Kind]) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: ((done: number) => void) | undefined;
}

/** Of these only the last question counts. */
const superseding: ReadonlySet<Kind> = new Set(['whatIf', 'search', 'details', 'prepare']);

/** @param partOf text of a part of the page */
export function createSimulator(partOf: (id: string) => Promise<string>): Simulator {
  let program: Promise<string> | undefined;
  const start = (): StartedWorker => {
    const address = (program ??= addressOfProgram(partOf));
    // The next start tries again.
    void address.catch(() => {
      if (program === address) program = undefined;
    });
    return startWorker(address, partOf);
  };
  const [quick, searching] = [createLane(start), createLane(start)];
  const ask = (question: Question, onProgress?: (done: number) => void): Promise<Answers[Kind]> => {
    const lane = question.kind === 'search' ? searching : quick;
    if (question.kind === 'search') lane.stop();
    if (superseding.has(question.kind)) lane.forget(question.kind);
    return new Promise((resolve, reject) => {
      lane.add({ question, resolve, reject, onProgress });
    });
  };
  // The answer to a question of one kind is of that kind: the worker answers under the number that it was asked by.
  return { ask: ask as Simulator['ask'], cancelSearch: searching.stop };
}

/** One worker and those who wait for it. */
interface Lane {
  readonly add: (waiting: Waiting) => void;
  /** Drops questions that the worker was not asked yet. */
  readonly forget: (kind: Kind) => void;
  /** Ends the worker in the middle of its work, if it is at work; the next question starts another one. */
  readonly stop: () => void;
}

type StartedWorker = Promise<Pick<Worker, 'postMessage' | 'terminate' | 'onmessage' | 'onerror'>>;

function createLane(start: () => StartedWorker): Lane {
  let worker: StartedWorker | undefined;
  const queue = createQueue();
  let asked: { readonly id: number; readonly waiting: Waiting } | undefined;
  let count = 0;

  const settle = (settleOne: (waiting: Waiting) => void): void => {
    const settled = asked?.waiting;
    asked = undefined;
    if (settled !== undefined) settleOne(settled);
    next();
  };
  const receive = ({ data }: MessageEvent<Answered>): void => {
    if (data.id !== asked?.id) return;
    if ('done' in data) asked.waiting.onProgress?.(data.done);
    else if ('failed' in data) settle(({ reject }) => reject(new SimulatorError(data.failed)));
    else settle(({ resolve }) => resolve(data.answer));
  };
  const fail = (reason: string): void => {
    terminate(worker);
    worker = undefined;
    settle(({ reject }) => reject(new SimulatorError(`the simulator cannot be started: ${reason}`)));
  };
  function next(isPause = false): void {
    if (asked !== undefined) return;
    const waiting = queue.take(isPause);
    // Who got an answer often asks the next question right away: a rehearsal waits until that was possible.
    if (waiting === undefined && !queue.isEmpty()) setTimeout(() => next(true));
    if (waiting === undefined) return;
    const id = (count += 1);
    asked = { id, waiting };
    worker ??= start();
    worker.then(
      (there) => {
        // It may have been stopped while it started.
        if (asked?.id !== id) return;
        there.onmessage = receive;
        there.onerror = ({ message }) => fail(message);
        there.postMessage({ id, question: waiting.question } satisfies Asked);
      },
      (error: unknown) => {
        if (asked?.id === id) fail(error instanceof Error ? error.message : String(error));
      },
    );
  }
  return {
    add: (waiting) => {
      queue.add(waiting);
      next();
    },
    forget: queue.forget,
    stop: () => {
      if (asked === undefined) return;
      terminate(worker);
      worker = undefined;
      settle(superseded);
    },
  };
}

/** Those that the worker was not asked yet, in their order. */
function createQueue() {
  let all: readonly Waiting[] = [];
  return {
    add: (waiting: Waiting): void => void (all = [...all, waiting]),
    isEmpty: (): boolean => all.length === 0,
    /** Rehearsals only in a pause, and behind all others. */
    take: (isPause: boolean): Waiting | undefined => {
      const first = all.find(({ question }) => question.kind !== 'rehearse') ?? (isPause ? all[0] : undefined);
      all = all.filter((one) => one !== first);
      return first;
    },
    forget: (kind: Kind): void => {
      all.filter(({ question }) => question.kind === kind).forEach(superseded);
      all = all.filter(({ question }) => question.kind !== kind);
    },
  };
}

function superseded({ reject }: Waiting): void {
  reject(new SupersededError('another question came first'));
}

/** Also one that has not started yet, or never will. */
function terminate(worker: StartedWorker | undefined): void {
  void worker?.then(
    (there) => there.terminate(),
    () => undefined,
  );
}

async function addressOfProgram(partOf: (id: string) => Promise<string>): Promise<string> {
  return URL.createObjectURL(new Blob([await partOf('worker')], { type: 'text/javascript' }));
}

async function startWorker(program: Promise<string>, partOf: (id: string) => Promise<string>): Promise<Worker> {
  const [address, models] = await Promise.all([program, partOf('models')]);
  const worker = new Worker(address);
  worker.postMessage(models);
  return worker;
}
