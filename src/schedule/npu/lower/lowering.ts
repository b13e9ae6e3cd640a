/** What lowering a kernel's operators needs: tensors by name, shapes as the NPU sees them, who reads what. */
import type { Graph } from '../../../ir/graph.ts';
import { bitsPerElement } from '../../../ir/data-type.ts';
import type { FusedGroup } from '../../group.ts';
import type { Precision } from '../../legalize.ts';
import { storedBytes } from '../../legalize.ts';
import type { Operation, Program } from '../../program.ts';
import { shapeOf } from '../../program.ts';
import type { Connection, Extent, NpuOperation, NpuTensor } from '../operation.ts';
import { unitFilter } from '../operation.ts';

export interface Lowering {
  /** The machine transposes, resizes and finds extremes itself, and chains per-element work. */
  readonly chains: boolean;
  readonly program: Program;
  readonly precision: Precision;
  readonly kernel: number;
  readonly group: FusedGroup;
  /** The operand or result of this name, where it lies. */
  readonly connect: (name: string) => Connection;
  /** A tensor that the file does not have. */
  readonly temporary: (name: string, bits: number) => NpuTensor;
  readonly constant: (name: string, bits: number) => NpuTensor;
}

/** Rows, columns and channels of a tensor's axes; further axes count as rows. */
export function extentOf(axes: readonly number[], channelsLast: boolean): Extent {
  const last = channelsFirst(axes, channelsLast);
  const rank = last.length;
  let rows = 1;
  for (let axis = 0; axis < rank - 2; axis++) rows *= last[axis]!;
  return { height: rows, width: last[rank - 2] ?? 1, depth: last[rank - 1] ?? 1 };
}

/** Axes with the channels at the end. */
function channelsFirst(axes: readonly number[], channelsLast: boolean): readonly number[] {
  if (channelsLast || axes.length !== 4) return axes;
  const [batch, channels, height, width] = axes;
  return [batch!, height!, width!, channels!];
}

export function axesOf(name: string, { tensors }: Program): readonly number[] {
  return shapeOf(tensors.get(name));
}

/** The axis of the NPU's extents that an axis of the tensor becomes. */
export function axisIn(axis: number, rank: number, graph: Graph): keyof Extent | 'outer' {
  const fromEnd = rank - 1 - (axis < 0 ? axis + rank : axis);
  if (graph.channelsLast === true || rank !== 4) {
    return fromEnd === 0 ? 'depth' : fromEnd === 1 ? 'width' : fromEnd === 2 ? 'height' : 'outer';
  }
  return fromEnd === 2 ? 'depth' : fromEnd === 0 ? 'width' : fromEnd === 1 ? 'height' : 'outer';
}

/** Bits of an element as the target stores it. */
export function elementBits(name: string, { program, precision }: Pick<Lowering, 'program' | 'precision'>): number {
  const dtype = program.tensors.get(name)?.dtype ?? null;
  if (dtype === null) return 8;
  return Math.max(8, storedBytes(dtype, 1, 'activation', precision) * 8, bitsPerElement(dtype) > 32 ? 64 : 0);
}

/** What of an operation comes with its lowering; chains are made later. */
type Lowered = Omit<NpuOperation, 'chained' | 'taken' | 'heldBits'>;

export type Draft = Pick<NpuOperation, 'operator' | 'inputs' | 'output'> & Partial<Lowered>;

/** Field by field: engines read records fast whose fields always stand in one order. */
export function operation({ kernel }: Pick<Lowering, 'kernel'>, draft: Draft): NpuOperation {
  const { operator, inputs, output } = draft;
  return {
    name: draft.name ?? output.tensor.name,
    kernel: draft.kernel ?? kernel,
    operator,
    inputs,
    output,
    filter: draft.filter ?? unitFilter,
    resampling: draft.resampling ?? 'none',
    activation: draft.activation ?? 'none',
    tableBytes: draft.tableBytes ?? 0,
    weights: draft.weights ?? null,
    scaled: draft.scaled ?? true,
    joined: draft.joined ?? false,
    follows: draft.follows ?? false,
    onProcessor: draft.onProcessor ?? false,
  };
}

export function whole(tensor: NpuTensor, shape: Extent): Connection {
  return { tensor, shape };
}

/** A number that goes with the command, or is read beside the weights. */
export function scalar(context: Lowering, bits: number): Connection {
  return whole(context.constant('scalar', bits), { height: 1, width: 1, depth: 1 });
}

/** The result that the rest of the network sees: that of the group's last member. */
export function resultOf({ members, absorbed }: FusedGroup): string {
  const last = members.filter((member) => !absorbed.has(member)).at(-1) ?? members.at(-1)!;
  return last.node.outputs.find((name) => name !== '') ?? '';
}

/** Names of the operands that are computed, in their order. */
export function computedInputs({ node, typed }: Operation): readonly string[] {
  return node.inputs.filter((name, position) => name !== '' && typed.constant[position] !== true);
}

const deepEnough = 8;
const wantedDepth = 16;

/**
 * Element-wise work of few channels is spread over more: the smallest factors go to the channels until there are 16, the
 * rest to rows and columns in turn.
 */
export function spread(shape: Extent): Extent {
  const elements = shape.height * shape.width * shape.depth;
  if (elements <= wantedDepth || shape.depth >= deepEnough) return shape;
  const factors = primeFactors(elements);
  let [depth, height, width] = [1, 1, 1];
  while (depth < wantedDepth && factors.length > 0) depth *= factors.shift()!;
  for (const factor of factors) {
    if (width < height) width *= factor;
    else height *= factor;
  }
  return height >= width ? { height, width, depth } : { height: width, width: height, depth };
}

function primeFactors(value: number): number[] {
  const factors: number[] = [];
  let rest = value;
  for (let factor = 2; factor * factor <= rest; factor++) {
    while (rest % factor === 0) {
      factors.push(factor);
      rest /= factor;
    }
  }
  return rest > 1 ? [...factors, rest] : factors;
}

/** Work that Arm's compiler repeats for each piece is one operation where there are more: schedules stay small. */
const mostPlaces = 512;
const mostMatrices = 16;

export function isUnrolled(places: number): boolean {
  return places <= mostPlaces;
}

/** Into how many equal parts this many images or matrices are put. */
export function partsOf(count: number): number {
  let parts = Math.min(count, mostMatrices);
  while (count % parts !== 0) parts--;
  return parts;
}
