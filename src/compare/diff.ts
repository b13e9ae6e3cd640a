/** Two simulations of two versions of one model: rows of layers that add up to the change of the totals. */
import type { LayerCost, Simulation } from '../simulate/simulation.ts';
import {
  additiveMetrics,
  type AdditiveMetric,
  type DiffRow,
  type GraphMatch,
  type Match,
  type MatchStatus,
  type MetricKey,
  type NodeMatch,
  type TotalDiff,
} from './comparison.ts';
import { onlyWeights, weightsNotAvailable } from './describe-change.ts';
import { groupLayers, leadingLayer, type LayerGroup } from './rows.ts';
import { diffTotals, metricValues, type MissingSide, type TotalsSide } from './totals.ts';

export interface DiffInput {
  readonly base: Simulation | MissingSide;
  readonly head: Simulation | MissingSide;
  /** Needed where both sides are there. */
  readonly match?: GraphMatch;
  /** Change of the file's size, where it is known of a side that was not simulated. */
  readonly fileBytesDelta?: number | null;
}

export interface SimulationDiff {
  /** In the head's execution order, removed rows where they stood; the row `file overhead` last. */
  readonly rows: readonly DiffRow[];
  readonly totals: Readonly<Record<MetricKey, TotalDiff>>;
}

/** The name of the row of bytes that belong to no layer: names, graph structure, metadata. */
export const fileOverheadRow = 'file overhead';

const noMatch: GraphMatch = { change: 'changed', matches: [] };

export function diffSimulations({ base, head, match = noMatch, fileBytesDelta }: DiffInput): SimulationDiff {
  const [from, to] = [presentSide(base), presentSide(head)];
  const groups = groupLayers(from?.layers ?? [], to?.layers ?? [], match);
  const [fusedBefore, fusedAfter] = [fusedByLayer(from), fusedByLayer(to)];
  const rows = groups.map((group) => {
    const row = layerRow(group, from, to);
    return {
      ...row,
      changes: changesOf(group, row, [fusedText(row.base, fusedBefore), fusedText(row.head, fusedAfter)]),
    };
  });
  const totals = diffTotals(totalsSide(base), totalsSide(head));
  const known = fileBytesDelta ?? totals.fileBytes.delta;
  const ofLayers = rows.reduce((bytes, row) => bytes + row.delta.fileBytes, 0);
  // Of a side whose layers nobody knows the whole file is overhead.
  const overhead = (to?.fileOverheadBytes ?? 0) - (from?.fileOverheadBytes ?? 0);
  return { rows: [...rows, fileOverhead(known === null ? overhead : known - ofLayers)], totals };
}

function presentSide(side: Simulation | MissingSide): Simulation | undefined {
  return typeof side === 'string' ? undefined : side;
}

function totalsSide(side: Simulation | MissingSide): TotalsSide | MissingSide {
  return typeof side === 'string' ? side : { values: metricValues(side), bands: side.totals.bands };
}

function layerRow(
  group: LayerGroup,
  from: Simulation | undefined,
  to: Simulation | undefined,
): Omit<DiffRow, 'changes'> {
  const base = group.base.map((position) => from!.layers[position]!);
  const head = group.head.map((position) => to!.layers[position]!);
  return {
    match: matchOf(group),
    base,
    head,
    delta: deltaOf(base, head),
    name: (leadingLayer(head) ?? leadingLayer(base))!.name,
    setsPeakMemory: head.some((layer) => layer.name === to?.peakMemoryLayer),
  };
}

function deltaOf(base: readonly LayerCost[], head: readonly LayerCost[]): DiffRow['delta'] {
  const deltas = additiveMetrics.map((metric) => [metric, sum(head, metric) - sum(base, metric)] as const);
  return Object.fromEntries(deltas) as Record<AdditiveMetric, number>;
}

function sum(layers: readonly LayerCost[], metric: AdditiveMetric): number {
  return layers.reduce((total, layer) => total + layer[metric], 0);
}

/** What counts most when a row holds several matches; the first that occurs is the row's status. */
const weightiest: readonly MatchStatus[] = ['fused', 'split', 'replaced', 'resized', 'moved', 'retrained', 'identical'];

function matchOf({ base, head, matches }: LayerGroup): Match {
  const [first] = matches;
  const { evidence, confidence } = first ?? {
    evidence: 'none',
    confidence: base.length > 0 && head.length > 0 ? 1 : 0.9,
  };
  const lowest = matches.reduce((least, match) => Math.min(least, match.confidence), confidence);
  return { status: statusOf(base.length, head.length, matches), evidence, confidence: lowest };
}

function statusOf(base: number, head: number, matches: readonly NodeMatch[]): MatchStatus {
  const statuses = new Set(matches.map((match) => match.status));
  if (base === 0) return statuses.has('copy') ? 'copy' : 'added';
  if (head === 0) return statuses.has('copy') ? 'copy' : 'removed';
  if (base !== head) return base > head ? 'fused' : 'split';
  return weightiest.find((status) => statuses.has(status)) ?? 'identical';
}

const wordsAboutWeights: ReadonlySet<string> = new Set([onlyWeights, weightsNotAvailable]);

function changesOf(
  { matches }: LayerGroup,
  { base, head }: Pick<DiffRow, 'base' | 'head'>,
  [fusedBefore, fusedAfter]: readonly [string, string],
): readonly string[] {
  const words = new Set(matches.flatMap((match) => match.changes));
  dropEchoes(words);
  // Weights of another shape or type are other weights.
  if ([...words].some((word) => !wordsAboutWeights.has(word) && word !== 'moved')) words.delete(onlyWeights);
  if (base.length === 0 || head.length === 0) return [...words];
  // What came or went inside of a layer is no layer.
  for (const word of ['added', 'removed']) words.delete(word);
  // A replaced or fused node says so itself.
  const told = matches.some(({ status }) => status === 'replaced' || status === 'fused' || status === 'split');
  if (fusedBefore !== fusedAfter && !told) words.add(`re-fused: ${fusedBefore} → ${fusedAfter}`);
  const [fellBack, fallsBack] = [base, head].map((layers) => layers.some((layer) => layer.fallback !== null));
  if (fallsBack === true && fellBack === false) words.add('falls back to the CPU');
  if (fallsBack === false && fellBack === true) words.add('came back from the CPU');
  return [...words];
}

/** What is behind a widened layer is wider too, and nobody needs to read it twice. */
function dropEchoes(words: Set<string>): void {
  const sizes = [...words].flatMap((word) => /^(?:widened|narrowed) (\d+)→(\d+)$/.exec(word)?.slice(1) ?? []);
  for (let at = 0; at < sizes.length; at += 2) {
    const [from, to] = [sizes[at]!, sizes[at + 1]!];
    for (const word of ['channels', 'weights']) words.delete(`${word} ${from}→${to}`);
    for (const word of [...words]) if (isLastAxis(word, from, to)) words.delete(word);
  }
}

/** `shape 1×32×256→1×32×512` says no more than 256→512. */
function isLastAxis(word: string, from: string, to: string): boolean {
  const [, before = '', after = ''] = /^shape ([\d×]+)→([\d×]+)$/.exec(word) ?? [];
  const [rest, left] = [before, after].map((shape) => shape.slice(0, shape.lastIndexOf('×') + 1)) as [string, string];
  return rest !== '' && rest === left && before === rest + from && after === left + to;
}

/** `Conv + Relu` for one kernel, `Conv, Relu` for two. */
function fusedText(layers: readonly LayerCost[], fused: ReadonlyMap<string, string>): string {
  return layers.flatMap((layer) => fused.get(layer.id) ?? []).join(', ');
}

function fusedByLayer(simulation: Simulation | undefined): ReadonlyMap<string, string> {
  const kernels = simulation?.schedule.kernels ?? [];
  return new Map(kernels.map((kernel) => [kernel.name, kernel.fused.join(' + ')]));
}

function fileOverhead(fileBytes: number): DiffRow {
  const nothing = Object.fromEntries(additiveMetrics.map((metric) => [metric, 0])) as Record<AdditiveMetric, number>;
  return {
    match: { status: fileBytes === 0 ? 'identical' : 'resized', evidence: 'none', confidence: 1 },
    base: [],
    head: [],
    delta: { ...nothing, fileBytes },
    changes: [],
    name: fileOverheadRow,
    setsPeakMemory: false,
  };
}
