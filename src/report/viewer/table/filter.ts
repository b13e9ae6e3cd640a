/** Which rows are shown. */
import type { DiffRow } from '../../../compare/comparison.ts';
import { UserError } from '../../../errors.ts';
import { layerGlob } from '../../../glob.ts';
import { rowName } from '../../repeats.ts';
import { sourceNodes, type Columns } from '../figures/columns.ts';
import type { TableView, ValueRange } from '../state/view-state.ts';
import { facets } from './facets.ts';

type Test = (row: DiffRow, index: number) => boolean;

export type Filters = Pick<TableView, 'search' | 'facets' | 'ranges'>;

interface Searched {
  readonly rows: readonly DiffRow[];
  /** By row, as `namesOf` tells them; asked for where something is searched for. */
  readonly names: () => readonly (readonly string[])[];
  readonly columns: Columns;
}

/** Indices of the rows that pass every filter, in execution order. */
export function passingRows({ rows, names, columns }: Searched, filters: Filters): readonly number[] {
  const tests = [
    ...facetTests(filters),
    ...filters.ranges.flatMap((range) => rangeTest(range, columns)),
    ...searchTest(filters.search, names),
  ];
  const passing: number[] = [];
  rows.forEach((row, index) => {
    if (tests.every((test) => test(row, index))) passing.push(index);
  });
  return passing;
}

export function isFiltered({ search, facets: chosen, ranges }: Filters): boolean {
  return search.trim() !== '' || ranges.length > 0 || Object.values(chosen).some((values) => values.size > 0);
}

function facetTests({ facets: chosen }: Filters): readonly Test[] {
  return facets.flatMap(({ name, valuesOf }) => {
    const wanted = chosen[name];
    if (wanted === undefined || wanted.size === 0) return [];
    return [(row: DiffRow) => valuesOf(row).some((value) => wanted.has(value))];
  });
}

/** A column that this report does not have filters nothing. */
function rangeTest({ column: id, above, below }: ValueRange, columns: Columns): readonly Test[] {
  const column = columns.byId.get(id);
  if (column?.kind !== 'numbers') return [];
  const { values } = column.figures;
  return [
    (_, index) => {
      const value = values[index]!;
      return (above === null || value > above) && (below === null || value < below);
    },
  ];
}

/**
 * With a `*`, the glob of budgets and what-ifs; else a part of the name, whatever its case. Source nodes have names too,
 * and operators are found by theirs.
 */
function searchTest(search: string, names: Searched['names']): readonly Test[] {
  const text = search.trim();
  if (text === '') return [];
  const matches = nameTest(text);
  const all = names();
  return [(_, index) => all[index]!.some(matches)];
}

export function namesOf(row: DiffRow): readonly string[] {
  const operators = [...row.head, ...row.base].map(({ op }) => op);
  return [...new Set([rowName(row), ...sourceNodes(row), ...operators])];
}

function nameTest(text: string): (name: string) => boolean {
  if (text.includes('*')) {
    try {
      return layerGlob(text);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return () => false;
    }
  }
  const part = text.toLowerCase();
  return (name) => name.toLowerCase().includes(part);
}
