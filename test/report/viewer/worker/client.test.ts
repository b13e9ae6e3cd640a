/** Questions and rehearsals on their way to a worker that answers when it is told to. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createSimulator } from '../../../../src/report/viewer/worker/client.ts';
import type { Answered, Asked, Question } from '../../../../src/report/viewer/worker/protocol.ts';

const place = { model: 0, target: 0 };
const rehearsal = (edits: string) => ({ kind: 'rehearse', place, edits, isKept: false }) as const;
const whatIf = (edits: string) => ({ kind: 'whatIf', place, edits }) as const;

interface PostedTo {
  onmessage?: (event: { readonly data: Answered }) => void;
}

let worker: PostedTo;
let asked: Asked[];

beforeEach(() => {
  asked = [];
  vi.stubGlobal('URL', { createObjectURL: () => 'blob:worker' });
  vi.stubGlobal('Worker', function createWorker() {
    worker = {};
    const postMessage = (message: Asked | string): void => {
      if (typeof message !== 'string') asked.push(message);
    };
    return Object.assign(worker, { postMessage, terminate: () => undefined });
  });
});
afterEach(() => void vi.unstubAllGlobals());

const passed = () => new Promise((resolve) => setTimeout(resolve, 10));
const questions = (): readonly Question[] => asked.map(({ question }) => question);
/** Of what was asked last. */
async function finish(answer: string | null): Promise<void> {
  worker.onmessage!({ data: { id: asked.at(-1)!.id, answer: answer as never } });
  await passed();
}

test('a question waits for the rehearsal that is under way, and no other', async () => {
  const { ask } = createSimulator(() => Promise.resolve(''));
  const rehearsed = ask(rehearsal('int8'));
  await passed();
  const later = ask(rehearsal('w8'));
  const answered = ask(whatIf('fp16'));
  await passed();
  expect(questions()).toEqual([rehearsal('int8')]);
  await finish(null);
  expect(questions()).toEqual([rehearsal('int8'), whatIf('fp16')]);
  await finish('of fp16');
  await expect(rehearsed).resolves.toBeNull();
  await expect(answered).resolves.toBe('of fp16');
  expect(questions().at(-1)).toEqual(rehearsal('w8'));
  await finish(null);
  await expect(later).resolves.toBeNull();
});

test('who asks on when an answer comes is not put behind a rehearsal', async () => {
  const { ask } = createSimulator(() => Promise.resolve(''));
  const words = ask({ kind: 'phrases', text: 'int8' }).then(() => ask(whatIf('int8')));
  await passed();
  const later = ask(rehearsal('w8'));
  await finish(null);
  expect(questions().map(({ kind }) => kind)).toEqual(['phrases', 'whatIf']);
  await finish('of int8');
  await expect(words).resolves.toBe('of int8');
  await finish(null);
  await expect(later).resolves.toBeNull();
});

test('of what-ifs the last one counts, rehearsals or not', async () => {
  const { ask } = createSimulator(() => Promise.resolve(''));
  void ask(rehearsal('int8'));
  await passed();
  const earlier = ask(whatIf('w8'));
  const last = ask(whatIf('fp16'));
  await expect(earlier).rejects.toThrow('another question came first');
  await finish(null);
  await finish('of fp16');
  await expect(last).resolves.toBe('of fp16');
  expect(questions()).toEqual([rehearsal('int8'), whatIf('fp16')]);
});
