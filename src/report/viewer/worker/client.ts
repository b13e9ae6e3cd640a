/** The worker, seen from the page's own thread. It is started when it is first asked. */
import type { Answered, Answers, Asked, Kind, Question } from './protocol.ts';

export interface Simulator {
  /** Rejects with a `SimulatorError` whose message is for the reader. */
  readonly ask: <K extends Kind>(question: Extract<Question, { kind: K }>) => Promise<Answers[K]>;
}

export class SimulatorError extends Error {
  override readonly name = 'SimulatorError';
}

interface Waiting {
  readonly resolve: (answer: Answers[Kind]) => void;
  readonly reject: (error: Error) => void;
}

/** @param partOf text of a part of the page */
export function createSimulator(partOf: (id: string) => Promise<string>): Simulator {
  const waiting = new Map<number, Waiting>();
  let worker: Promise<Worker> | undefined;
  let count = 0;
  const receive = ({ data }: MessageEvent<Answered>): void => {
    const asked = waiting.get(data.id);
    waiting.delete(data.id);
    if ('failed' in data) asked?.reject(new SimulatorError(data.failed));
    else asked?.resolve(data.answer);
  };
  const ask = async (question: Question): Promise<Answers[Kind]> => {
    worker ??= start(partOf, receive);
    const there = await worker;
    const id = (count += 1);
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      there.postMessage({ id, question } satisfies Asked);
    });
  };
  // The answer to a question of one kind is of that kind: the worker answers under the number that it was asked by.
  return { ask: ask as Simulator['ask'] };
}

async function start(partOf: (id: string) => Promise<string>, receive: (event: MessageEvent<Answered>) => void) {
  const [program, models] = await Promise.all([partOf('worker'), partOf('models')]);
  const address = URL.createObjectURL(new Blob([program], { type: 'text/javascript' }));
  const worker = new Worker(address);
  worker.onmessage = receive;
  worker.postMessage(models);
  return worker;
}
