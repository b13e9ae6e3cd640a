/** On which layers an edit is made: what the reader chose, as words of the grammar. */
import { globsOf } from '../../../advise/phrasing.ts';
import type { DiffRow } from '../../../compare/comparison.ts';
import type { EditPhrase, Selection } from '../../../optimizations/grammar.ts';
import type { LayerCost } from '../../../simulate/simulation.ts';

/** The layers of the head that stand for nodes, in their order. */
export function headLayers(rows: readonly DiffRow[]): readonly LayerCost[] {
  return rows.flatMap(({ head }) => head.filter(({ nodes }) => nodes.length > 0));
}

/** One edit for each set of layers that one glob stands for. */
export function onSelection(
  edit: Omit<EditPhrase, 'on'>,
  rows: readonly DiffRow[],
  selection: ReadonlySet<number>,
): readonly EditPhrase[] {
  const all = headLayers(rows);
  const chosen = headLayers([...selection].sort((a, b) => a - b).flatMap((row) => rows[row] ?? []));
  const globs = globsOf(
    chosen.map(({ name }) => name),
    new Set(all.map(({ name }) => name)),
    { layers: all },
  );
  return globs.map((pattern): EditPhrase => ({ ...edit, on: onGlob(pattern) }));
}

function onGlob(pattern: string | undefined): Selection {
  return pattern === undefined ? { kind: 'all' } : { kind: 'glob', pattern };
}

/** Operators of the layers, by how many there are of each. */
export function operatorsOf(rows: readonly DiffRow[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { op } of headLayers(rows)) {
    for (const operator of op.split(' + ')) counts.set(operator, (counts.get(operator) ?? 0) + 1);
  }
  return [...counts].sort(([a, more], [b, fewer]) => fewer - more || (a < b ? -1 : 1)).map(([operator]) => operator);
}
