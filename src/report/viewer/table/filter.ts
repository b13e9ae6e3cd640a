/** Which rows are shown. */
import type { DiffRow } from '../../../compare/comparison.ts';
import { UserError } from '../../../errors.ts';
import { layerGlob } from '../../../glob.ts';
import { rowName } from '../../repeats.ts';
import type { Column } from '../figures/column.ts';
import { sourceNodes } from '../figures/columns.ts';
import type { TableView, ValueRange } from '../state/view-state.ts';
import { facets } from './facets.ts';

type Test = (row: DiffRow, index: number) => boolean;

export type Filters = Pick<TableView, 'search' | 'facets' | 'ranges'>;

interface Searched {
  readonly rows: readonly DiffRow[];
  /** By row; asked for where something is searched for. */
  readonly names: RowNames;
  /** Those of the ranges, one for each. */
  readonly columns: readonly (Column | undefined)[];
}

export interface RowNames {
  /** As `namesOf` tells them. */
  readonly whole: () => readonly (readonly string[])[];
  /** The same in small letters. */
  readonly small: () => readonly (readonly string[])[];
}

/** Indices of the rows that pass every filter, in execution order. */
export function passingRows({ rows, names, columns }: Searched, filters: Filters): readonly number[] {
  const tests = [
    ...facetTests(filters),
    ...filters.ranges.flatMap((range, index) => rangeTest(range, columns[index])),
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
function rangeTest({ above, below }: ValueRange, column: Column | undefined): readonly Test[] {
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
function searchTest(search: string, { whole, small }: RowNames): readonly Test[] {
  const text = search.trim();
  if (text === '') return [];
  if (text.includes('*')) {
    const [matches, names] = [globTest(text), whole()];
    return [(_, index) => names[index]!.some(matches)];
  }
  const [part, names] = [text.toLowerCase(), small()];
  return [(_, index) => names[index]!.some((name) => name.includes(part))];
}

export function namesOf(row: DiffRow): readonly string[] {
  const operators = [...row.head, ...row.base].map(({ op }) => op);
  return [...new Set([rowName(row), ...sourceNodes(row), ...operators])];
}

function globTest(text: string): (name: string) => boolean {
  try {
    return layerGlob(text);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return () => false;
  }
}
