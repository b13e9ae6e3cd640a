/** What is answered before it is asked, and for how long. */
import { expect, test } from 'vitest';
import { parseEdits } from '../../../../src/optimizations/index.ts';
import { rounds, startRehearsal, type Rehearsal } from '../../../../src/report/viewer/what-if/rehearsal.ts';

interface Setting {
  /** Of the answer number `index`. */
  readonly milliseconds: (index: number) => number;
  readonly likely?: readonly string[];
  /** Before the answer number `index`. */
  readonly act?: (index: number, rehearsal: () => Rehearsal) => void;
  readonly seen?: () => Promise<void>;
}

/** Everything that was rehearsed by the time that nothing happens any more. */
async function rehearsed({ milliseconds, likely = [], act, seen = () => Promise.resolve() }: Setting) {
  const asked: { readonly edits: string; readonly isKept: boolean }[] = [];
  let time = 0;
  const rehearse = (edits: string, isKept: boolean): Promise<void> => {
    act?.(asked.length, () => started);
    time += milliseconds(asked.length);
    asked.push({ edits, isKept });
    return Promise.resolve();
  };
  const started = startRehearsal({ rehearse, now: () => time, seen }, likely);
  await new Promise((resolve) => setTimeout(resolve, 20));
  return { asked, texts: asked.map(({ edits }) => edits), started };
}

test('edits to practise with are edits, and no round repeats another', () => {
  const all = rounds.flat();
  for (const text of all) expect(parseEdits(text).length).toBeGreaterThan(0);
  expect(new Set(all).size).toBe(all.length);
});

test('what the page offers comes first; one round will do where all are quick', async () => {
  const { asked, texts } = await rehearsed({ milliseconds: () => 5, likely: ['w4 on top:3'] });
  expect(texts).toEqual(['w4 on top:3', ...rounds[0]!]);
  expect(asked.every(({ isKept }) => isKept)).toBe(true);
});

test('rounds go on while they get faster, and what is only practice is not kept', async () => {
  const first = rounds[0]!.length;
  const faster = await rehearsed({ milliseconds: (index) => (index < first ? 100 : 60) });
  expect(faster.texts).toEqual(rounds.flat());
  expect(faster.asked.map(({ isKept }) => isKept)).toEqual(rounds.flat().map((_, index) => index < first));
  const asSlow = await rehearsed({ milliseconds: () => 60 });
  expect(asSlow.texts).toEqual([...rounds[0]!, ...rounds[1]!]);
});

test('all of it takes no more than some seconds and one answer', async () => {
  const { texts } = await rehearsed({ milliseconds: () => 900, likely: ['fold'] });
  expect(texts).toEqual(['fold', ...rounds[0]!.slice(0, 2)]);
  expect((await rehearsed({ milliseconds: () => 9000 })).texts).toHaveLength(1);
});

test('what the reader writes comes next, the last of it alone, and when all is done too', async () => {
  const { texts, started } = await rehearsed({
    milliseconds: () => 5,
    act: (index, rehearsal) => {
      if (index !== 1) return;
      for (const text of ['int8 on a', 'int8 on ab']) rehearsal().expect(text);
    },
  });
  expect(texts).toEqual([...rounds[0]!.slice(0, 2), 'int8 on ab', ...rounds[0]!.slice(2)]);
  const after: string[] = [];
  const own = startRehearsal(
    { rehearse: (edits) => Promise.resolve(after.push(edits)), now: () => 0, seen: () => Promise.resolve() },
    [],
  );
  await new Promise((resolve) => setTimeout(resolve, 20));
  own.expect('fold');
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(after).toEqual([...rounds[0]!, 'fold']);
  started.stop();
  started.expect('int8');
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(texts).not.toContain('int8 on a');
});

test('nothing is rehearsed while nobody sees the page, after its end, or after a failure', async () => {
  expect((await rehearsed({ milliseconds: () => 5, seen: () => new Promise(() => undefined) })).texts).toEqual([]);
  const stopped = await rehearsed({ milliseconds: () => 5, act: (index, own) => index === 2 && own().stop() });
  expect(stopped.texts).toHaveLength(3);
  let count = 0;
  const failing = startRehearsal(
    { rehearse: () => Promise.reject(new Error(String((count += 1)))), now: () => 0, seen: () => Promise.resolve() },
    [],
  );
  failing.expect('int8');
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(count).toBe(1);
});
