/** What rows can be told apart by: values of words, of which the reader chooses. */
import type { DiffRow } from '../../../compare/comparison.ts';
import { presentLayers } from '../../../compare/rows.ts';
import type { LayerCost } from '../../../simulate/simulation.ts';
import { causesWorthAWord } from '../../causes.ts';
import { rowStatus } from '../rows/row-status.ts';
import type { FacetName } from '../state/view-state.ts';

export interface Facet {
  readonly name: FacetName;
  readonly title: string;
  readonly valuesOf: (row: DiffRow) => readonly string[];
}

const distinct = (row: DiffRow, of: (layer: LayerCost) => string): readonly string[] => [
  ...new Set(
    presentLayers(row)
      .map(of)
      .filter((value) => value !== ''),
  ),
];

export const facets: readonly Facet[] = [
  { name: 'changed', title: 'Changed', valuesOf: (row) => [changedOrNot(row)] },
  { name: 'op', title: 'Operator', valuesOf: (row) => distinct(row, ({ op }) => op) },
  { name: 'unit', title: 'Unit', valuesOf: (row) => distinct(row, ({ unit }) => unit) },
  {
    ...{ name: 'status', title: 'Match' },
    valuesOf: ({ base, head, match }) => (base.length + head.length === 0 ? [] : [match.status]),
  },
  { name: 'cause', title: 'Cause', valuesOf: causesOf },
  { name: 'bound', title: 'Bound by', valuesOf: (row) => distinct(row, ({ bound }) => bound) },
  { name: 'dtype', title: 'Type', valuesOf: (row) => distinct(row, ({ dtype }) => dtype) },
];

function changedOrNot(row: DiffRow): string {
  return rowStatus(row) === 'same' ? 'unchanged' : 'changed';
}

function causesOf(row: DiffRow): readonly string[] {
  return causesWorthAWord(presentLayers(row)).flatMap(({ cause, seconds }) => (seconds > 0 ? [cause] : []));
}

/** How many rows have each value; the most frequent first. */
export function facetCounts(
  facet: Facet,
  rows: readonly DiffRow[],
): readonly { readonly value: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const row of rows) for (const value of facet.valuesOf(row)) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
}
