/**
 * What-ifs that nobody has asked yet. A browser runs a program slowly until it has run it for a while, and a first what-if
 * of each kind on 1,000 layers takes up to a second for that alone; warm, all of them are answered in a moment. So the
 * worker answers some of each kind beforehand, one at a time: a reader's question comes before the next of them. What is
 * written in the panel and not yet made comes first of all, since that is most likely asked next.
 */
interface Rehearsing {
  /** Answers in the worker, for nobody; `isKept`: this may well be asked. */
  readonly rehearse: (edits: string, isKept: boolean) => Promise<unknown>;
  /** In milliseconds. */
  readonly now: () => number;
  /** Waits while nobody sees the page. */
  readonly seen: () => Promise<void>;
}

export interface Rehearsal {
  /** What the reader asks next, as it looks; empty: nothing that could be told. */
  readonly expect: (edits: string) => void;
  readonly stop: () => void;
}

/** Of work in all: what is not warm by then costs more battery than it is worth. */
const mostMilliseconds = 2500;
/** What readers are promised; where all take no longer there is nothing to practise. */
const quickMilliseconds = 50;
/** A round that takes more of the time of the one before shows that there is little left to gain. */
const worthwhileShare = 0.9;

/** Usual edits first, of the whole model and of one layer, which take other ways; then others of the same kinds. */
export const rounds: readonly (readonly string[])[] = [
  ['int8', 'w8', 'fp16', 'palettize 4', 'prune 0.5', 'int8 on top:1', 'fp16 on top:1', 'w8 on top:1'],
  [
    ...['int8 granularity=channel', 'int8 on top:2', 'w8 granularity=tensor', 'bf16', 'fp16 on top:2', 'prune 0.4'],
    ...['palettize 6', 'w8 on top:2; fp16'],
  ],
  [
    'int8 activations=dynamic',
    'int8 on top:3',
    'w4',
    'fp16 on top:3',
    'prune 0.3',
    'palettize 8',
    'int8 on top:9; fp16',
  ],
];

/** @param likely edits that the page offers, the first one first */
export function startRehearsal({ rehearse, now, seen }: Rehearsing, likely: readonly string[]): Rehearsal {
  const practice = practised(likely);
  let planned = practice.next();
  let expected = '';
  let isAtWork = false;
  let isStopped = false;

  const takeExpected = (): string => {
    const taken = expected;
    expected = '';
    return taken;
  };
  const work = async (): Promise<void> => {
    await seen();
    while (!isStopped) {
      const next = takeExpected();
      if (next !== '') await rehearse(next, true);
      else if (planned.done === true) return;
      else {
        const from = now();
        await rehearse(planned.value.edits, planned.value.isKept);
        planned = practice.next(now() - from);
      }
      await seen();
    }
  };
  const start = (): void => {
    if (isAtWork || isStopped) return;
    isAtWork = true;
    const stop = (): void => void (isStopped = true);
    // Where the worker fails, the first question says why.
    void work()
      .catch(stop)
      .finally(() => {
        isAtWork = false;
        if (expected !== '') start();
      });
  };
  start();
  return {
    expect: (edits) => {
      expected = edits;
      if (edits !== '') start();
    },
    stop: () => void (isStopped = true),
  };
}

interface Step {
  readonly edits: string;
  readonly isKept: boolean;
}

/** Is told how long each one took. */
function* practised(likely: readonly string[]): Generator<Step, void, number> {
  let left = mostMilliseconds;
  let before = Infinity;
  for (const edits of likely) {
    left -= yield { edits, isKept: true };
    if (left <= 0) return;
  }
  for (const round of rounds) {
    let [sum, slowest] = [0, 0];
    for (const edits of round) {
      const took = yield { edits, isKept: round === rounds[0] };
      sum += took;
      slowest = Math.max(slowest, took);
      if (sum >= left) return;
    }
    if (slowest <= quickMilliseconds || sum > worthwhileShare * before) return;
    left -= sum;
    before = sum;
  }
}
