/** Rows that are told in one line: copies of a repeated block that changed in the same way, or more where that helps. */
import type { AdditiveMetric, DiffRow } from '../compare/comparison.ts';
import { isAboutCopies } from '../compare/copies.ts';
import { leadingLayer } from '../compare/rows.ts';
import type { LayerCost } from '../simulate/simulation.ts';
import { scopeOfMost } from './scopes.ts';

/**
 * What is one row of a table. `layers`: copies of one layer. `block`: all layers of a block of which there are more copies
 * now, or fewer. `scope`: the changed layers of a module. `rest of scope`: those that have no row of their own. `operator`:
 * one row that holds all layers of an operator on both sides.
 */
export interface Contribution {
  readonly kind: 'layers' | 'block' | 'scope' | 'rest of scope' | 'operator';
  /** Where the rows' names differ only in numbers, these are `*`. */
  readonly name: string;
  readonly rows: readonly DiffRow[];
  readonly delta: Readonly<Record<AdditiveMetric, number>>;
}

/** A page asks for the same ones in each of its parts. */
const grouped = new WeakMap<readonly DiffRow[], readonly Contribution[]>();

export function groupRepeats(rows: readonly DiffRow[]): readonly Contribution[] {
  const groups = grouped.get(rows) ?? groupsOf(rows);
  grouped.set(rows, groups);
  return groups;
}

function groupsOf(rows: readonly DiffRow[]): readonly Contribution[] {
  const blocks = blockAt(rows);
  const groups = new Map<string, DiffRow[]>();
  rows.forEach((row, index) => {
    const key = blocks.has(index) ? `block ${blocks.get(index)!}` : kindOfChange(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  });
  return [...groups].map(([key, group]) => {
    const names = group.map(rowName);
    const inBlock = key.startsWith('block ');
    const name = inBlock ? (scopeOfMost(names) ?? `${names[0]!}…${names.at(-1)!}`) : commonName(names);
    return { kind: inBlock ? 'block' : 'layers', name, rows: group, delta: sumDeltas(group) };
  });
}

/** By position: where the run of rows begins that are copies of one block. */
function blockAt(rows: readonly DiffRow[]): ReadonlyMap<number, number> {
  const blocks = new Map<number, number>();
  const words = rows.map(copyWords);
  words.forEach((word, index) => {
    if (word === undefined || (word !== words[index - 1] && word !== words[index + 1])) return;
    blocks.set(index, word === words[index - 1] ? blocks.get(index - 1)! : index);
  });
  return blocks;
}

/** `one more copy of this block (×24, was ×23)`, of a layer of such a block. */
export function copyWords({ changes }: Pick<DiffRow, 'changes'>): string | undefined {
  return changes.find(isAboutCopies);
}

/** Equal for layers at the same place of equal blocks that changed in the same way. */
function kindOfChange(row: DiffRow): string {
  const work = (layers: readonly LayerCost[]): unknown =>
    layers.map(({ op, macs, outputShape }) => [op, macs, outputShape]);
  const change = [row.match.status, row.changes, work(row.base), work(row.head)];
  return JSON.stringify([rowName(row).split(/\d+/), ...change]);
}

export function sumDeltas(rows: readonly DiffRow[]): Readonly<Record<AdditiveMetric, number>> {
  const sum = (metric: AdditiveMetric): number => rows.reduce((total, row) => total + row.delta[metric], 0);
  return {
    latencySeconds: sum('latencySeconds'),
    energyJoules: sum('energyJoules'),
    macs: sum('macs'),
    parameters: sum('parameters'),
    weightsBytes: sum('weightsBytes'),
    fileBytes: sum('fileBytes'),
  };
}

export function rowName(row: DiffRow): string {
  return (leadingLayer(row.head) ?? leadingLayer(row.base))?.name ?? row.name;
}

/** The layer that a row spends most of its time in, which is what its bound should be about. */
export function slowestLayer(layers: readonly LayerCost[]): LayerCost | undefined {
  return layers.toSorted((a, b) => b.latencySeconds - a.latencySeconds)[0];
}

/**
 * One name for names that differ in numbers alone: `layer.0/MatMul`, `layer.1/MatMul` are `layer.*\/MatMul`; of plain
 * counters the first and the last are kept: `Conv_3…9`.
 */
export function commonName(names: readonly string[]): string {
  const split = names.map((name) => name.split(/(\d+)/));
  const [first, last] = [split[0]!, split.at(-1)!];
  const differing = first.flatMap((part, index) => (split.every((parts) => parts[index] === part) ? [] : [index]));
  const counter = first.length - 2;
  if (differing.length === 1 && differing[0] === counter && first.at(-1) === '') {
    return `${first.join('')}…${last[counter]!}`;
  }
  return first.map((part, index) => (differing.includes(index) ? '*' : part)).join('');
}

/** How many layers a row stands for; the file's overhead is none. */
export function layerCount(row: DiffRow): number {
  return Math.max(row.base.length, row.head.length);
}
