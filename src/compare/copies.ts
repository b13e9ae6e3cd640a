/**
 * Repeated blocks. When a block equal to its neighbours was added and the weights do not tell which one is new, no
 * method can say, and it does not matter: their costs are equal. The report then says "one more copy".
 */
import type { Group } from './groups.ts';
import type { KeyedGraph, KeyedNode } from './keyed-graph.ts';

export interface CopyRun {
  /** Copies of the block in this graph, those in the run included. */
  readonly copies: number;
  /** How many of them are in the run. */
  readonly added: number;
  /** True when the weights of the neighbours say that they are the old ones. */
  readonly certain: boolean;
}

/** `2 more copies of this block (×8, was ×6)` */
export function copyRunWords({ copies, added }: CopyRun, status: 'added' | 'removed'): string {
  const [before, after] = status === 'added' ? [copies - added, copies] : [copies, copies - added];
  const [number, noun] = added === 1 ? ['one', 'copy'] : [String(added), 'copies'];
  return `${number} ${status === 'added' ? 'more' : 'fewer'} ${noun} of this block (×${after}, was ×${before})`;
}

const aboutCopies = / (?:more|fewer) (?:copy|copies) of this block \(/;

/** True for what `copyRunWords` writes. */
export function isAboutCopies(words: string): boolean {
  return aboutCopies.test(words);
}

/** For nodes (by position) that only this side has and that repeat the block beside them. */
export function copiedNodes(
  graph: KeyedGraph,
  groups: readonly Group[],
  side: 'base' | 'head',
): ReadonlyMap<number, CopyRun> {
  const groupAt = new Map(groups.flatMap((group) => group[side].map((position) => [position, group] as const)));
  const isAlone = (position: number): boolean => {
    return groupAt.get(position)?.[side === 'base' ? 'head' : 'base'].length === 0;
  };
  const copies = new Map<number, CopyRun>();
  for (const [start, end] of runs(graph.nodes.length, isAlone)) {
    const run = copyRun(graph.nodes, start, end, (position) => groupAt.get(position)?.evidence === 'weight-hash');
    if (run === undefined) continue;
    for (let position = start; position < end; position += 1) copies.set(position, run);
  }
  return copies;
}

function* runs(length: number, inside: (position: number) => boolean): Generator<readonly [number, number]> {
  let start = -1;
  for (let position = 0; position <= length; position += 1) {
    const here = position < length && inside(position);
    if (here && start < 0) start = position;
    if (!here && start >= 0) yield [start, position];
    if (!here) start = -1;
  }
}

function copyRun(
  nodes: readonly KeyedNode[],
  start: number,
  end: number,
  isCertain: (position: number) => boolean,
): CopyRun | undefined {
  const same = (a: number, b: number): boolean =>
    nodes[a]?.localKey === nodes[b]?.localKey && nodes[a]?.outputKey === nodes[b]?.outputKey;
  const period = smallestPeriod(start, end, same);
  // A repeated activation is no block.
  if (!nodes.slice(start, start + period).some((node) => node.weights.length > 0)) return undefined;
  let [first, last] = [start, end];
  while (first > 0 && same(first - 1, first - 1 + period)) first -= 1;
  while (last < nodes.length && same(last, last - period)) last += 1;
  const copies = Math.floor((last - first) / period);
  const added = (end - start) / period;
  if (copies <= added) return undefined;
  const beside = [
    ...positions(Math.max(first, start - period), start),
    ...positions(end, Math.min(last, end + period)),
  ];
  return { copies, added, certain: beside.some(isCertain) };
}

/** The shortest stretch that the run is whole copies of; the run itself where it does not repeat. */
function smallestPeriod(start: number, end: number, same: (a: number, b: number) => boolean): number {
  const length = end - start;
  // The failure function of Knuth, Morris and Pratt: linear, whatever the graph.
  const border = [0];
  for (let at = 1; at < length; at += 1) {
    let candidate = border[at - 1]!;
    while (candidate > 0 && !same(start + at, start + candidate)) candidate = border[candidate - 1]!;
    border.push(same(start + at, start + candidate) ? candidate + 1 : 0);
  }
  const period = length - border[length - 1]!;
  return length % period === 0 ? period : length;
}

function positions(start: number, end: number): readonly number[] {
  return Array.from({ length: Math.max(0, end - start) }, (_, index) => start + index);
}
