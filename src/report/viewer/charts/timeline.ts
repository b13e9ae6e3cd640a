/** The run of one inference as spans on lanes: units, their arithmetic, memories, and what waits for a start. */
import { computeLane, serialLane } from '../../../simulate/term.ts';
import type { ScheduleAnswer } from '../worker/protocol.ts';

export interface Lane {
  readonly kind: 'unit' | 'arithmetic' | 'memory' | 'start';
  /** Id of the unit or the memory; empty for starts. */
  readonly id: string;
  /** In order of time; spans of one lane do not overlap. */
  readonly spans: readonly Span[];
}

export interface Span {
  readonly from: number;
  readonly to: number;
  /** Indices of kernels, from the first to the last one. */
  readonly first: number;
  readonly last: number;
}

/** Lanes on which something happens: of each unit its layers and its arithmetic, then memories, then starts. */
export function lanesOf({ units, memories, kernels, startSeconds }: ScheduleAnswer): readonly Lane[] {
  const spans = new Map<string, Span[]>();
  const add = (key: string, from: number, to: number, kernel: number): void => {
    const span = { from, to, first: kernel, last: kernel };
    const known = spans.get(key);
    if (known === undefined) spans.set(key, [span]);
    else known.push(span);
  };
  if (startSeconds > 0) add('start ', 0, startSeconds, -1);
  for (const [index, kernel] of kernels.entries()) {
    const { unit, startSeconds: start, seconds } = kernel;
    if (seconds > 0) add(`unit ${unit}`, start, start + seconds, index);
    for (const { lane, startSeconds: behind, seconds: length } of kernel.lanes) {
      const key = lane === computeLane ? `arithmetic ${unit}` : lane === serialLane ? 'start ' : `memory ${lane}`;
      add(key, start + behind, start + behind + length, index);
    }
  }
  const lane = (kind: Lane['kind'], id: string): readonly Lane[] => {
    const own = spans.get(`${kind} ${id}`);
    return own === undefined ? [] : [{ kind, id, spans: own.sort((a, b) => a.from - b.from) }];
  };
  return [
    ...units.flatMap((unit) => [...lane('unit', unit), ...lane('arithmetic', unit)]),
    ...memories.flatMap((memory) => lane('memory', memory)),
    ...lane('start', ''),
  ];
}

/** What of a lane is seen between two times; spans that are too short to be told apart become one. */
export function spansInSight(spans: readonly Span[], from: number, to: number, shortest: number): readonly Span[] {
  const seen: Span[] = [];
  for (const span of spans) {
    if (span.to < from || span.from > to) continue;
    const before = seen.at(-1);
    if (before !== undefined && span.to - before.from <= shortest) {
      seen[seen.length - 1] = { ...before, to: Math.max(before.to, span.to), last: span.last };
    } else seen.push(span);
  }
  return seen;
}

/** Time in which at least two of these lanes are busy at once, of a sorted walk over their ends. */
export function overlapSeconds(lanes: readonly Lane[]): number {
  const ends = lanes
    .flatMap(({ spans }) =>
      spans.flatMap(({ from, to }) => [
        { at: from, step: 1 },
        { at: to, step: -1 },
      ]),
    )
    .sort((a, b) => a.at - b.at || a.step - b.step);
  let [busy, overlap, last] = [0, 0, 0];
  for (const { at, step } of ends) {
    if (busy > 1) overlap += at - last;
    busy += step;
    last = at;
  }
  return overlap;
}
