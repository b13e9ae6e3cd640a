/** The axes of the same elements under another shape. */
import { intsAttribute } from '../../operators/attribute.ts';
import { sizeOf } from '../../operators/value.ts';
import { blocksOf } from '../inputs/reshape-target.ts';
import { current, fix, freeAxis, isFixed, narrowed, repeated, widened } from './channels.ts';
import type { Axis } from './channels.ts';
import { ownAxes, reasonAt, sizesOf, uniteAt } from './following.ts';
import type { Axes, Following } from './following.ts';

/** The new axes, or why the channels cannot be followed. */
export function reshapedAxes(following: Following, input: Axes, shape: readonly number[]): Axes | string {
  const sizes = sizesOf(input);
  const blocks = [...sizes, ...shape].includes(0) ? undefined : blocksOf(sizes, shape);
  if (blocks === undefined) return 'makes another number of elements';
  const own = ownAxes(shape, following.node);
  return blocks.flatMap((block) => {
    const from = block.from.map((axis) => input[axis]!);
    return blockAxes(following, from, { own: block.to.map((axis) => own[axis]!), at: block.to[0] ?? 0 });
  });
}

interface Target {
  readonly own: Axes;
  /** Where in the new shape the block begins. */
  readonly at: number;
}

function blockAxes(following: Following, from: Axes, target: Target): Axes {
  const { own } = target;
  const live = from.flatMap((axis, position) => (isFixed(axis) ? [] : [position]));
  const wide = own.flatMap((axis, position) => (sizesOf([axis])[0]! > 1 ? [position] : []));
  if (live.length === 0) return own;
  const joined = live.length === 1 ? joinedAxis(from, live[0]!) : undefined;
  if (joined !== undefined && own.length === 1) return [joined];
  if (joined !== undefined && wide.length === 1) return own.with(wide[0]!, joined);
  const parts = joined === undefined ? undefined : splitAxes(following, joined, target);
  if (parts !== undefined) return parts;
  for (const axis of from) fix(axis, reasonAt(following.node, why(live.length)));
  return own;
}

function why(live: number): string {
  return live === 1 ? 'splits them into heads or groups' : 'mixes them with others';
}

/** One axis of channels among others of plain sizes. */
function joinedAxis(from: Axes, live: number): Axis | undefined {
  const sizes = sizesOf(from);
  const inner = widened(current(from[live]!), sizeOf(sizes.slice(live + 1)));
  return repeated(inner, sizeOf(sizes.slice(0, live)));
}

/**
 * Four cases are more than a view: the positions of each channel that become axes of their own again, an image that is made of
 * a row (channels first), and two in which as many channels go from each group: the shuffle of channels that is written as
 * Reshape, Transpose, Reshape, and the normalization of groups.
 */
function splitAxes(following: Following, joined: Axis, { own, at }: Target): Axes | undefined {
  const { inputs, outputs } = following;
  const sizes = sizesOf(own);
  const narrow = narrowed(joined, sizeOf(sizes.slice(1)));
  if (narrow !== undefined) return own.with(0, narrow);
  if (inputs[0]?.length === 2 && at === 1 && outputs[0]?.length === 1 + own.length && own.length >= 2) {
    const channels = freeAxis(sizes[0]!);
    uniteAt(following, joined, widened(channels, sizeOf(sizes.slice(1))));
    return own.with(0, channels);
  }
  if (own.length !== 2 || !(isShuffled(following, at) || isNormalized(following, at))) return undefined;
  const positions = Math.min(...current(joined).map(({ width }) => width));
  if (sizes[1]! % positions !== 0) return undefined;
  const channels = freeAxis(sizes[1]! / positions);
  const all = repeated(widened(channels, positions), sizes[0]!);
  if (all === undefined) return undefined;
  uniteAt(following, joined, all);
  return own.with(1, widened(channels, positions));
}

/** The only reader swaps the two new axes. */
function isShuffled({ node, consumers, outputs }: Following, at: number): boolean {
  const [reader, ...others] = consumers.get(node.outputs[0]!) ?? [];
  if (reader?.operator !== 'Transpose' || others.length > 0) return false;
  const plain = [...outputs[0]!.keys()];
  const swapped = plain.with(at, at + 1).with(at + 1, at);
  return intsAttribute(reader, 'perm', []).join() === swapped.join();
}

/** All readers normalize each group by itself: GroupNormalization as exporters write it for older opsets. */
function isNormalized({ node, consumers }: Following, at: number): boolean {
  const readers = consumers.get(node.outputs[0]!) ?? [];
  return at === 1 && readers.length > 0 && readers.every(({ operator }) => operator === 'InstanceNormalization');
}
