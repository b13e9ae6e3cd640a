/** Equal parts next to one another are one child of a level: the layers of a transformer, the blocks of a stage. */
import type { DiffRow } from '../../compare/comparison.ts';
import { commonName } from '../repeats.ts';
import type { LayerCost } from '../../simulate/simulation.ts';
import type { DraftChild, DraftModule } from './module-draft.ts';
import { stretchOf } from './stretches.ts';

/** Parts of several children are looked for on levels with more children than these: short ones are seen at a glance. */
const shortLevel = 12;

/** The largest part of several children. */
const longestPart = 48;

/** How often a part of several children occurs at least. */
const fewestParts = 3;

/** One level folds at a time, the innermost first; the same function is for all levels of a tree. */
export function foldRepeats(rows: readonly DiffRow[]): (children: readonly DraftChild[]) => readonly DraftChild[] {
  const kindOf = kindReader(rows);
  return (children) => {
    const modules = foldModules(children, children.map(kindOf));
    return modules.length > shortLevel ? foldParts(modules, modules.map(kindOf), rows) : modules;
  };
}

/** A small number, equal for children of equal structure: which layers they are, and what became of them. */
function kindReader(rows: readonly DiffRow[]): (child: DraftChild) => number {
  const numbers = new Map<string, number>();
  const known = new WeakMap<DraftModule, number>();
  const number = (text: string): number => {
    const found = numbers.get(text) ?? numbers.size;
    numbers.set(text, found);
    return found;
  };
  const kindOf = (child: DraftChild): number => {
    if (typeof child === 'number') return number(rowText(rows[child]!));
    const found =
      known.get(child) ?? number([child.kind, withoutNumbers(child.title), ...child.children.map(kindOf)].join('\n'));
    known.set(child, found);
    return found;
  };
  return kindOf;
}

function rowText({ match, changes, base, head }: DiffRow): string {
  const work = (layers: readonly LayerCost[]): unknown =>
    layers.map(({ op, unit, dtype, macs, outputShape }) => [op, unit, dtype, macs, outputShape]);
  return JSON.stringify([match.status, changes, work(base), work(head)]);
}

function withoutNumbers(text: string): string {
  return text.replace(/\d+/g, '#');
}

function foldModules(children: readonly DraftChild[], kinds: readonly number[]): readonly DraftChild[] {
  const folded: DraftChild[] = [];
  for (let from = 0; from < children.length;) {
    let to = from + 1;
    while (to < children.length && kinds[to] === kinds[from]) to += 1;
    const equal = children.slice(from, to);
    const modules = equal.filter((child) => typeof child !== 'number');
    if (modules.length > 1) folded.push(repeatOf(modules));
    else folded.push(...equal);
    from = to;
  }
  return folded;
}

/** From the left, at each place the part whose copies cover the most. */
function foldParts(
  children: readonly DraftChild[],
  kinds: readonly number[],
  rows: readonly DiffRow[],
): readonly DraftChild[] {
  const agreements = agreementsOf(kinds);
  const folded: DraftChild[] = [];
  for (let from = 0; from < children.length;) {
    const { size, count } = bestPart(kinds, agreements, from);
    if (count === 1) {
      folded.push(children[from]!);
      from += 1;
      continue;
    }
    const parts = Array.from({ length: count }, (_, index) => {
      const start = from + index * size;
      return stretchOf(children.slice(start, start + size), rows);
    });
    folded.push(repeatOf(parts));
    from += size * count;
  }
  return folded;
}

/** By size and place: how many children in a row are as the ones that stand so many places behind them. */
function agreementsOf(kinds: readonly number[]): readonly Int32Array[] {
  return Array.from({ length: longestPart + 1 }, (_, size) => {
    const lengths = new Int32Array(kinds.length + 1);
    for (let at = kinds.length - size - 1; at >= 0 && size > 1; at -= 1) {
      lengths[at] = kinds[at] === kinds[at + size] ? lengths[at + 1]! + 1 : 0;
    }
    return lengths;
  });
}

/** `count` is 1 where nothing repeats. Of equal ones the smallest part. */
function bestPart(
  kinds: readonly number[],
  agreements: readonly Int32Array[],
  from: number,
): { readonly size: number; readonly count: number } {
  let best = { size: 1, count: 1 };
  for (let size = 2; size <= longestPart; size += 1) {
    const count = 1 + Math.floor(agreements[size]![from]! / size);
    if (count < fewestParts || count * size <= best.count * best.size) continue;
    const isOneKind = kinds.slice(from, from + size).every((kind) => kind === kinds[from]);
    if (!isOneKind) best = { size, count };
  }
  return best;
}

function repeatOf(children: readonly DraftModule[]): DraftModule {
  const titles = children.map(({ title }) => title);
  const alike = new Set(titles.map(withoutNumbers)).size === 1;
  const name = alike ? commonTitle(titles) : `${titles[0]!} …`;
  return { kind: 'repeat', path: '', title: `${name} ×${children.length}`, children };
}

/** Separators stay behind the name. */
function commonTitle(titles: readonly string[]): string {
  const names = titles.map((title) => title.replace(/[/.]+$/, ''));
  return commonName(names);
}
