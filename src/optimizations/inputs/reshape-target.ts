/** Which sizes a Reshape of fixed sizes would make of an input of another size. */
import { sizeOf } from '../../operators/value.ts';

/** What became larger: where a size is split in two and only their product is known, a batch stands in front. */
export type Growth = 'batch' | 'any';

interface Reshaping {
  readonly from: readonly number[];
  readonly to: readonly number[];
  /** The new sizes of what `from` was. */
  readonly input: readonly number[];
}

/**
 * Axes that hold the same elements before and after form a block: kept, joined or split. The new sizes of a block that is
 * kept or joined follow; of one that is split only if no size changed, if all but one part are 1, or if it is the batch
 * that grew: that goes into the first part. Undefined where it does not follow.
 */
export function reshapedAnew(shapes: Reshaping, growth: Growth): readonly number[] | undefined {
  const { from, to, input } = shapes;
  if (from.length !== input.length || [...from, ...to, ...input].some((size) => size < 1)) return undefined;
  const blocks = blocksOf(from, to);
  const sizes = blocks?.map((block) => {
    const pick = (axes: readonly number[], shape: readonly number[]) => axes.map((axis) => shape[axis]!);
    return blockAnew({ from: pick(block.from, from), to: pick(block.to, to), input: pick(block.from, input) }, growth);
  });
  return sizes?.every((one) => one !== undefined) === true ? sizes.flat() : undefined;
}

function blockAnew({ from, to, input }: Reshaping, growth: Growth): readonly number[] | undefined {
  const [before, now] = [sizeOf(from), sizeOf(input)];
  if (before === now) return to;
  if (to.length === 0) return undefined;
  const wide = to.flatMap((size, axis) => (size > 1 ? [axis] : []));
  const axis = to.length === 1 || growth === 'batch' ? 0 : wide.length === 1 ? wide[0]! : undefined;
  if (axis === undefined) return undefined;
  const size = (to[axis]! * now) / before;
  return Number.isInteger(size) ? to.with(axis, size) : undefined;
}

/** Axes of the two shapes, in their order. */
export interface AxisBlock {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** The finest runs of axes with equal products; undefined where the shapes hold different numbers of elements. */
export function blocksOf(from: readonly number[], to: readonly number[]): readonly AxisBlock[] | undefined {
  const blocks: AxisBlock[] = [];
  let [i, j] = [0, 0];
  while (i < from.length || j < to.length) {
    const start = { i, j };
    let left = i < from.length ? from[i++]! : 1;
    let right = j < to.length ? to[j++]! : 1;
    while (left !== right) {
      if (left < right && i < from.length) left *= from[i++]!;
      else if (right < left && j < to.length) right *= to[j++]!;
      else return undefined;
    }
    blocks.push({ from: range(start.i, i), to: range(start.j, j) });
  }
  return blocks;
}

function range(start: number, end: number): readonly number[] {
  return Array.from({ length: end - start }, (_, index) => start + index);
}
