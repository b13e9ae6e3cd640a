/**
 * The change by operator, which is exact whatever was matched: for models of whose layers mostly nobody can say which is
 * which.
 */
import type { AdditiveMetric, DiffRow } from '../compare/comparison.ts';
import { additiveMetrics } from '../compare/comparison.ts';
import { leadingLayer } from '../compare/rows.ts';
import type { LayerCost } from '../simulate/simulation.ts';
import { copyWords, type Contribution } from './repeats.ts';
import { isGuess } from './why.ts';

/** From this share of the change on doubt decides. */
const most = 0.5;

/** Fewer doubtful rows can be looked at one by one. */
const fewestRows = 4;

/** Of the change that any row tells, which shares rest on doubtful matches. */
export interface Doubt {
  /** In pairs that are a guess. */
  readonly guessed: number;
  /** In layers that went while others of the same operator came: partners that were not found, or another network. */
  readonly exchanged: number;
}

/** Undefined where the matches tell enough of the change for its rows to be read one by one. */
export function doubtOf(rows: readonly DiffRow[], metric: AdditiveMetric): Doubt | undefined {
  const size = (some: readonly DiffRow[]): number => some.reduce((sum, row) => sum + Math.abs(row.delta[metric]), 0);
  const changed = rows.filter((row) => row.base.length + row.head.length > 0 && row.delta[metric] !== 0);
  const guesses = changed.filter(isGuess);
  const exchanges = [...exchangesByOperator(changed).values()].filter(
    ({ added, removed }) => added.length > 0 && removed.length > 0,
  );
  const exchanged = exchanges.reduce((sum, { added, removed }) => sum + 2 * Math.min(size(added), size(removed)), 0);
  const count = exchanges.reduce((sum, { added, removed }) => sum + added.length + removed.length, guesses.length);
  const [guessed, whole] = [size(guesses), size(changed)];
  if (count < fewestRows || guessed + exchanged <= most * whole) return undefined;
  return { guessed: guessed / whole, exchanged: exchanged / whole };
}

interface Exchange {
  readonly added: DiffRow[];
  readonly removed: DiffRow[];
}

function exchangesByOperator(rows: readonly DiffRow[]): ReadonlyMap<string, Exchange> {
  const exchanges = new Map<string, Exchange>();
  for (const row of rows) {
    const { status } = row.match;
    // Of a copied block it is known which it is a copy of.
    if ((status !== 'added' && status !== 'removed') || copyWords(row) !== undefined) continue;
    const operator = (leadingLayer(row.head) ?? leadingLayer(row.base))!.op;
    const exchange = exchanges.get(operator) ?? { added: [], removed: [] };
    exchanges.set(operator, exchange);
    exchange[status].push(row);
  }
  return exchanges;
}

/** One row for each operator, by name; rows without layers stay as they are. Adds up to what `rows` add up to. */
export function rollUpOperators(rows: readonly DiffRow[]): readonly DiffRow[] {
  const sides = new Map<string, { readonly base: LayerCost[]; readonly head: LayerCost[]; peak: boolean }>();
  for (const row of rows) {
    for (const side of ['base', 'head'] as const) {
      for (const layer of row[side]) {
        const operator = sides.get(layer.op) ?? { base: [], head: [], peak: false };
        sides.set(layer.op, operator);
        operator[side].push(layer);
      }
    }
    const peak = row.setsPeakMemory ? sides.get(leadingLayer(row.head)?.op ?? '') : undefined;
    if (peak !== undefined) peak.peak = true;
  }
  const operators = [...sides].sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    ...operators.map(([operator, { base, head, peak }]) => operatorRow(operator, base, head, peak)),
    ...rows.filter(({ base, head }) => base.length + head.length === 0),
  ];
}

function operatorRow(
  operator: string,
  base: readonly LayerCost[],
  head: readonly LayerCost[],
  setsPeakMemory: boolean,
): DiffRow {
  const sum = (layers: readonly LayerCost[], metric: AdditiveMetric): number =>
    layers.reduce((total, layer) => total + layer[metric], 0);
  const deltas = additiveMetrics.map((metric) => [metric, sum(head, metric) - sum(base, metric)] as const);
  const delta = Object.fromEntries(deltas) as Record<AdditiveMetric, number>;
  const same = base.length === head.length && additiveMetrics.every((metric) => delta[metric] === 0);
  const match = { status: same ? 'identical' : 'resized', evidence: 'none', confidence: 1 } as const;
  return { match, base, head, delta, changes: [], name: operator, setsPeakMemory };
}

export function operatorContribution(row: DiffRow): Contribution {
  return { kind: 'operator', name: row.name, rows: [row], delta: row.delta };
}
