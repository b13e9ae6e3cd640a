/** The lines of the table from top to bottom: rows, the modules they stand in, and what open rows are made of. */
import type { DiffRow } from '../../../compare/comparison.ts';
import type { LayerCost } from '../../../simulate/simulation.ts';
import type { PageModule } from '../../html/document.ts';
import { sorted, type SortKeys } from './order.ts';

export type Line = ModuleLine | RowLine | PartLine;

interface CommonLine {
  /** Unique in the table. */
  readonly key: string;
  /** From 1, as assistive technology counts. */
  readonly level: number;
}

export interface ModuleLine extends CommonLine {
  readonly kind: 'module';
  readonly module: PageModule;
  /** Those of its rows that pass the filters. */
  readonly rows: readonly number[];
  readonly open: boolean;
}

export interface RowLine extends CommonLine {
  readonly kind: 'row';
  readonly row: number;
  /** Undefined: there is nothing to open. */
  readonly open: boolean | undefined;
}

/** A layer of a row that has several, or a node of the file that a layer was made of. */
export interface PartLine extends CommonLine {
  readonly kind: 'part';
  readonly row: number;
  readonly name: string;
  readonly side: 'base' | 'head' | 'both';
  readonly layer: LayerCost | undefined;
}

export interface Arrangement {
  readonly rows: readonly DiffRow[];
  /** By row, as `hasParts` tells. */
  readonly openable: readonly boolean[];
  /** Indices, in execution order. */
  readonly passing: readonly number[];
  /** The same in the order of the sort. */
  readonly ordered: readonly number[];
  /** Undefined: rows stand by themselves. */
  readonly root: PageModule | undefined;
  readonly keys: SortKeys | undefined;
  readonly openModules: ReadonlySet<string>;
  readonly openRows: ReadonlySet<number>;
}

export function arrange(arrangement: Arrangement): readonly Line[] {
  const { root, ordered } = arrangement;
  if (root !== undefined) return groupedLines(root, arrangement);
  const lines: Line[] = [];
  for (const row of ordered) addRow(lines, row, 1, arrangement);
  return lines;
}

/** Depth first, without calling itself: modules are as deep as names of a file make them. */
function groupedLines(root: PageModule, arrangement: Arrangement): readonly Line[] {
  const { keys, openModules } = arrangement;
  const passing = new Set(arrangement.passing);
  const rowsOf = rowsByModule(root, passing);
  const lines: Line[] = [];
  const open: { readonly child: number | PageModule; readonly level: number }[] = [];
  const push = (module: PageModule, level: number): void => {
    const own = module.children.filter((child) =>
      typeof child === 'number' ? passing.has(child) : rowsOf(child).length > 0,
    );
    const keyOf = (child: number | PageModule): number | string =>
      typeof child === 'number' ? keys!.ofRow(child) : keys!.ofModule(rowsOf(child));
    const order = keys === undefined ? own : sorted(own, keyOf, keys.descending);
    for (const child of order.toReversed()) open.push({ child, level });
  };
  push(root, 1);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { child, level } = next;
    if (typeof child === 'number') {
      addRow(lines, child, level, arrangement);
      continue;
    }
    const isOpen = openModules.has(child.id);
    lines.push({ kind: 'module', key: `m${child.id}`, level, module: child, rows: rowsOf(child), open: isOpen });
    if (isOpen) push(child, level + 1);
  }
  return lines;
}

/** Rows that pass, of each module and those in it, in execution order. */
function rowsByModule(root: PageModule, passing: ReadonlySet<number>): (module: PageModule) => readonly number[] {
  const outerFirst: PageModule[] = [root];
  // The list grows while it is walked through.
  for (const module of outerFirst) outerFirst.push(...module.children.filter((child) => typeof child !== 'number'));
  const found = new Map<PageModule, readonly number[]>();
  for (const module of outerFirst.toReversed()) {
    const rows: number[] = [];
    for (const child of module.children) {
      if (typeof child !== 'number') for (const row of found.get(child)!) rows.push(row);
      else if (passing.has(child)) rows.push(child);
    }
    found.set(module, rows);
  }
  return (module) => found.get(module) ?? [];
}

function addRow(lines: Line[], row: number, level: number, { rows, openable, openRows }: Arrangement): void {
  const open = openable[row]! ? openRows.has(row) : undefined;
  lines.push({ kind: 'row', key: `r${row}`, level, row, open });
  if (open === true) lines.push(...partLines(row, rows[row]!, level + 1));
}

/** A layer that is one node of the same name says nothing more. */
export function hasParts({ base, head }: DiffRow): boolean {
  const several = (layers: readonly LayerCost[]): boolean =>
    layers.length > 1 || layers.some(({ nodes }) => nodes.length > 1);
  return several(base) || several(head);
}

function partLines(row: number, { base, head }: DiffRow, level: number): readonly PartLine[] {
  if (base.length > 1 || head.length > 1) {
    const layers = (side: 'base' | 'head', of: readonly LayerCost[]): readonly PartLine[] =>
      of.map((layer, index) => ({
        ...{ kind: 'part', key: `p${row}:${side}${index}`, level, row, side, layer },
        name: layer.name,
      }));
    return [...layers('base', base), ...layers('head', head)];
  }
  const [before, after] = [new Set(base.flatMap(({ nodes }) => nodes)), new Set(head.flatMap(({ nodes }) => nodes))];
  return [...new Set([...after, ...before])].map((name, index) => ({
    ...{ kind: 'part', key: `p${row}:${index}`, level, row, name, layer: undefined },
    side: !before.has(name) ? 'head' : !after.has(name) ? 'base' : 'both',
  }));
}
