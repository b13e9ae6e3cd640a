/**
 * Changed layers of one module told in one row, where a table has fewer rows than there are changes. Modules are read
 * from names: `backbone/stage3/0/conv` stands in `backbone/stage3/0`, which stands in `backbone/stage3`.
 */
import type { AdditiveMetric } from '../compare/comparison.ts';
import { sumDeltas, type Contribution } from './repeats.ts';
import { deepestScope, scopesOf } from './scopes.ts';

/** From this share of the change on, the rows as they are tell enough. */
const enough = 0.9;

/** Less than this share may go untold for a layer that has a row of its own. */
const negligible = 0.01;

interface Item {
  /** The modules that it stands in, the outermost first, each with its separator. */
  readonly scope: readonly string[];
  readonly name: string;
  /** One: a row as it was. */
  readonly parts: readonly Contribution[];
}

interface Joined extends Item {
  readonly replaces: readonly Item[];
}

/** A table of `room` rows, and how much of the change it has to show. */
interface Goal {
  readonly room: number;
  readonly least: number;
  readonly size: (one: Contribution) => number;
}

/** As many rows as there were, or fewer, of which the `room` largest tell most of the change. It stays the same. */
export function rollUpScopes(
  changed: readonly Contribution[],
  all: readonly Contribution[],
  metric: AdditiveMetric,
  room: number,
): readonly Contribution[] {
  const size = (one: Contribution): number => Math.abs(one.delta[metric]);
  const ranked = changed.toSorted((a, b) => size(b) - size(a));
  const sum = total(ranked, size);
  const goal = { room, least: enough * sum, size };
  if (room < 1 || reaches(ranked.map(itemOf), goal)) return changed;
  // A layer with a fair share of the whole change is news by itself.
  const single = ranked.filter((one) => size(one) * room >= sum);
  const others = ranked.slice(single.length).map(itemOf);
  const left = { ...goal, room: room - single.length, least: goal.least - total(single, size) };
  const items = merge(others, commonDepth(all), left);
  if (items.length === others.length) return changed;
  return [...single, ...takeApart(items, left).map((row) => restOf(row, single))];
}

/** What the largest items tell. */
function told(items: readonly Item[], { room, size }: Goal): number {
  const sizes = items.map(({ parts }) => total(parts, size)).sort((a, b) => b - a);
  return sizes.slice(0, room).reduce((sum, one) => sum + one, 0);
}

function reaches(items: readonly Item[], goal: Goal): boolean {
  return told(items, goal) >= goal.least;
}

/** The largest layers inside of scopes get rows of their own again, as long as the table tells as much as before. */
function takeApart(items: readonly Item[], goal: Goal): readonly Contribution[] {
  const { room, size } = goal;
  const required = { ...goal, least: (1 - negligible) * told(items, goal) };
  const scopes = items.filter(({ parts }) => parts.length > 1);
  const inside = scopes.flatMap(({ parts }) => parts).toSorted((a, b) => size(b) - size(a));
  let apart: ReadonlySet<Contribution> = new Set();
  for (const part of inside.slice(0, room)) {
    const more = new Set([...apart, part]);
    const rest = items.map((item) => ({ ...item, parts: item.parts.filter((one) => !more.has(one)) }));
    if (!reaches([...[...more].map(itemOf), ...rest], required)) break;
    apart = more;
  }
  return [...apart, ...items.flatMap((item) => rowsOf(item, apart))];
}

function total(parts: readonly Contribution[], size: (one: Contribution) => number): number {
  return parts.reduce((sum, part) => sum + size(part), 0);
}

function itemOf(one: Contribution): Item {
  return { scope: one.kind === 'layers' ? scopesOf(one.name) : [], name: one.name, parts: [one] };
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

/** The innermost scopes first, of those the ones that changed most, until the largest items tell enough. */
function merge(items: readonly Item[], outermost: number, goal: Goal): readonly Item[] {
  let left = items;
  for (let depth = deepestScope; depth > outermost && !reaches(left, goal); depth -= 1) {
    const scopes = [...byScope(left, depth).values()].filter((inside) => inside.length > 1).map(joinItems(depth));
    const size = (item: Item): number => total(item.parts, goal.size);
    left = fewestJoined(
      left,
      scopes.toSorted((a, b) => size(b) - size(a)),
      goal,
    );
  }
  return left;
}

/** With as few of the scopes joined as tell enough. Each one more tells more, so that halving finds them. */
function fewestJoined(items: readonly Item[], scopes: readonly Joined[], goal: Goal): readonly Item[] {
  const joinFirst = (count: number): readonly Item[] => {
    const chosen = scopes.slice(0, count);
    const gone = new Set(chosen.flatMap(({ replaces }) => replaces));
    return [...items.filter((item) => !gone.has(item)), ...chosen];
  };
  let [low, high] = [0, scopes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (reaches(joinFirst(middle), goal)) high = middle;
    else low = middle + 1;
  }
  return joinFirst(low);
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

function joinItems(depth: number): (items: readonly Item[]) => Joined {
  return (items) => ({
    scope: items[0]!.scope.slice(0, depth - 1),
    name: `${items[0]!.scope.slice(0, depth).join('')}*`,
    parts: items.flatMap(({ parts }) => parts),
    replaces: items,
  });
}

/** A scope of which some layers are told beside it. */
function restOf(row: Contribution, single: readonly Contribution[]): Contribution {
  const prefix = row.name.slice(0, -1);
  const beside = single.some(({ name }) => scopesOf(name).join('').startsWith(prefix));
  return row.kind === 'scope' && beside ? { ...row, kind: 'rest of scope' } : row;
}

function rowsOf({ name, parts }: Item, apart: ReadonlySet<Contribution>): readonly Contribution[] {
  const inside = parts.filter((part) => !apart.has(part));
  if (inside.length <= 1) return inside;
  const rows = inside.flatMap((part) => part.rows);
  const kind = inside.length < parts.length ? 'rest of scope' : 'scope';
  return [{ kind, name, rows, delta: sumDeltas(rows) }];
}
