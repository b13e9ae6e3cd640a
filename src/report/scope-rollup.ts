/**
 * Changed layers of one module told in one row, where a table has fewer rows than there are changes. Modules are read
 * from names: `backbone/stage3/0/conv` stands in `backbone/stage3/0`, which stands in `backbone/stage3`.
 */
import type { AdditiveMetric } from '../compare/comparison.ts';
import { sumDeltas, type Contribution } from './repeats.ts';

/** From this share of the change on, the rows as they are tell enough. */
const enough = 0.9;

/** Scopes deeper than this are one: names of a hostile file. */
const deepest = 12;

interface Item {
  /** The modules that it stands in, the outermost first, each with its separator. */
  readonly scope: readonly string[];
  readonly name: string;
  /** One: a row as it was. */
  readonly parts: readonly Contribution[];
}

/** As many rows as there were, or fewer: at most `room`, where the scopes allow it. What changed stays the same. */
export function rollUpScopes(
  changed: readonly Contribution[],
  all: readonly Contribution[],
  metric: AdditiveMetric,
  room: number,
): readonly Contribution[] {
  const size = (one: Contribution): number => Math.abs(one.delta[metric]);
  const ranked = changed.toSorted((a, b) => size(b) - size(a));
  const sum = total(ranked, size);
  if (room < 1 || ranked.length <= room || total(ranked.slice(0, room), size) >= enough * sum) return changed;
  // A layer with a fair share of the whole change is news by itself.
  const single = ranked.filter((one) => size(one) * room >= sum);
  const others = ranked.slice(single.length).map(itemOf);
  const items = merge(others, room - single.length, commonDepth(all), (one) => total(one.parts, size));
  const merged = items.filter(({ parts }) => parts.length > 1);
  if (merged.length === 0) return changed;
  const apart = new Set(single);
  const rows = (): readonly Contribution[] => [...apart, ...items.flatMap((item) => rowsOf(item, apart))];
  // Rows that are left go to the largest layers, each of which takes one more at most.
  for (const part of merged.flatMap(({ parts }) => parts).toSorted((a, b) => size(b) - size(a))) {
    if (rows().length >= room) break;
    apart.add(part);
  }
  return rows();
}

function total(parts: readonly Contribution[], size: (one: Contribution) => number): number {
  return parts.reduce((sum, part) => sum + size(part), 0);
}

function itemOf(one: Contribution): Item {
  return { scope: one.kind === 'layers' ? scopesOf(one.name) : [], name: one.name, parts: [one] };
}

/** `/stage3/0/conv` stands in `/stage3/`, then `0/`; `stage3.0.conv` in `stage3.`, then `0.`. */
function scopesOf(name: string): readonly string[] {
  // TFLite joins the names of what was fused; the first says where.
  const [first = ''] = name.split(';', 1);
  const parts = first.match(first.includes('/') ? /\/*[^/]+\/+(?=.)/g : /[^.]+\.(?=.)/g) ?? [];
  return parts.slice(0, deepest);
}

/** How many scopes all layers of the model share: those tell nothing. */
function commonDepth(all: readonly Contribution[]): number {
  const [first = [], ...others] = all.filter(({ rows }) => rows.some(hasLayers)).map(({ name }) => scopesOf(name));
  return others.reduce((depth, scopes) => {
    const differing = first.findIndex((scope, index) => scopes[index] !== scope);
    return differing < 0 ? depth : Math.min(depth, differing);
  }, first.length);
}

function hasLayers({ base, head }: Contribution['rows'][number]): boolean {
  return base.length + head.length > 0;
}

/** The innermost scopes first, of those the ones that changed least, until `room` items are left. */
function merge(items: readonly Item[], room: number, outermost: number, size: (item: Item) => number): readonly Item[] {
  let left = items;
  for (let depth = deepest; depth > outermost && left.length > room; depth -= 1) {
    const scopes = [...byScope(left, depth).values()].filter((inside) => inside.length > 1).map(joinItems(depth));
    const smallestFirst = scopes.toSorted((a, b) => size(a) - size(b));
    let count = left.length;
    const chosen = smallestFirst.filter(({ replaces }) => {
      if (count <= room) return false;
      count -= replaces.length - 1;
      return true;
    });
    const gone = new Set(chosen.flatMap(({ replaces }) => replaces));
    left = [...left.filter((item) => !gone.has(item)), ...chosen];
  }
  return left;
}

function byScope(items: readonly Item[], depth: number): ReadonlyMap<string, readonly Item[]> {
  const scopes = new Map<string, Item[]>();
  for (const item of items) {
    if (item.scope.length < depth) continue;
    const key = item.scope.slice(0, depth).join('');
    const inside = scopes.get(key);
    if (inside === undefined) scopes.set(key, [item]);
    else inside.push(item);
  }
  return scopes;
}

function joinItems(depth: number): (items: readonly Item[]) => Item & { readonly replaces: readonly Item[] } {
  return (items) => ({
    scope: items[0]!.scope.slice(0, depth - 1),
    name: `${items[0]!.scope.slice(0, depth).join('')}*`,
    parts: items.flatMap(({ parts }) => parts),
    replaces: items,
  });
}

function rowsOf({ name, parts }: Item, apart: ReadonlySet<Contribution>): readonly Contribution[] {
  const inside = parts.filter((part) => !apart.has(part));
  if (inside.length <= 1) return inside;
  const rows = inside.flatMap((part) => part.rows);
  const kind = inside.length < parts.length ? 'rest of scope' : 'scope';
  return [{ kind, name, rows, delta: sumDeltas(rows) }];
}
