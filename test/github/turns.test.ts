// Turns of requests: as many at once as may be, as far apart as they must be.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLane, turns } from '../../src/github/turns.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Work that says when it starts, and ends when it is told to. */
function works() {
  const started: string[] = [];
  const ends = new Map<string, (failure?: Error) => void>();
  const work = (name: string) => (): Promise<string> => {
    started.push(`${name} at ${Date.now() - begin}`);
    return new Promise((resolve, reject) => {
      ends.set(name, (failure) => (failure === undefined ? resolve(name) : reject(failure)));
    });
  };
  const begin = Date.now();
  return { started, work, end: (name: string, failure?: Error) => ends.get(name)!(failure) };
}

test('no more than so many at once, in their order, also after one that failed', async () => {
  const { started, work, end } = works();
  const lane = createLane({ maxConcurrent: 2 });
  const [one, two, three, four] = ['one', 'two', 'three', 'four'].map((name) => lane.schedule({}, work(name)));
  await vi.advanceTimersByTimeAsync(10);
  expect(started).toEqual(['one at 0', 'two at 0']);
  end('two', new Error('no'));
  await expect(two).rejects.toThrow('no');
  await vi.advanceTimersByTimeAsync(10);
  expect(started.slice(2)).toEqual(['three at 10']);
  end('one');
  await vi.advanceTimersByTimeAsync(10);
  expect(started.slice(3)).toEqual(['four at 20']);
  expect(lane.isIdle()).toBe(false);
  for (const name of ['three', 'four']) end(name);
  expect(await Promise.all([one, three, four])).toEqual(['one', 'three', 'four']);
  expect(lane.isIdle()).toBe(true);
});

test('starts are as far apart as they must be, though the one before has ended', async () => {
  const { started, work, end } = works();
  const lane = createLane({ maxConcurrent: 1, minTime: 1000 });
  for (const name of ['one', 'two', 'three']) void lane.schedule({}, work(name));
  await vi.advanceTimersByTimeAsync(1);
  end('one');
  await vi.advanceTimersByTimeAsync(5000);
  end('two');
  await vi.advanceTimersByTimeAsync(5000);
  expect(started).toEqual(['one at 0', 'two at 1000', 'three at 5001']);
  end('three');
  await vi.advanceTimersByTimeAsync(0);
  expect(lane.isIdle()).toBe(true);
});

test('what is tried again comes first, and takes no place', async () => {
  const { started, work, end } = works();
  const lane = createLane({ maxConcurrent: 1 });
  for (const name of ['one', 'two']) void lane.schedule({}, work(name));
  void lane.schedule({ weight: 0 }, work('again'));
  await vi.advanceTimersByTimeAsync(0);
  expect(started).toEqual(['one at 0', 'again at 0']);
  end('again');
  await vi.advanceTimersByTimeAsync(0);
  expect(started).toHaveLength(2);
  end('one');
  await vi.advanceTimersByTimeAsync(0);
  expect(started.at(-1)).toBe('two at 0');
});

test('accounts do not wait for each other, and have the same lane each time', async () => {
  const { started, work } = works();
  const group = turns.Group({ maxConcurrent: 1, minTime: 1000 });
  for (const account of ['a', 'b', 'a']) void group.key(account).schedule({}, work(account));
  await vi.advanceTimersByTimeAsync(0);
  expect(started).toEqual(['a at 0', 'b at 0']);
  expect(group.key('a')).toBe(group.key('a'));
});

test('lanes of more accounts than are at work at once are forgotten', async () => {
  const group = turns.Group({ maxConcurrent: 1 });
  const first = group.key('0');
  const { work } = works();
  void group.key('busy').schedule({}, work('busy'));
  const busy = group.key('busy');
  for (let account = 1; account < 1000; account += 1) group.key(String(account));
  await vi.advanceTimersByTimeAsync(0);
  expect(group.key('0')).not.toBe(first);
  expect(group.key('busy')).toBe(busy);
});

test('work is done again after the pauses that its listener names, with the same values', async () => {
  vi.useRealTimers();
  const repeats = turns();
  const heard: unknown[] = [];
  repeats.on('failed', (error, { args }) => {
    heard.push([(error as Error).message, args]);
    return Promise.resolve(heard.length < 3 ? 20 : undefined);
  });
  const begin = performance.now();
  const refuse = (value: string): Promise<never> => Promise.reject(new Error(`no ${value}`));
  await expect(repeats.schedule(refuse, ...(['x'] as never[]))).rejects.toThrow('no x');
  expect(heard).toEqual(Array.from({ length: 3 }, () => ['no x', ['x']]));
  // Timers may be early by a millisecond.
  expect(performance.now() - begin).toBeGreaterThanOrEqual(38);
});

test('who is told of an event says what becomes of it', async () => {
  const target: Parameters<typeof turns.Events>[0] = {};
  const { trigger } = turns.Events(target);
  target.on!('limit', (seconds) => Promise.resolve(Number(seconds) < 10));
  expect(await Promise.all([trigger('limit', 5), trigger('limit', 60), trigger('other')])).toEqual([
    true,
    false,
    undefined,
  ]);
});
