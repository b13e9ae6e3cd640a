/** What lowering a kernel's operators needs: tensors by name, shapes as the NPU sees them, who reads what. */
import type { Graph } from '../../../ir/graph.ts';
import type { FusedGroup } from '../../group.ts';
import type { Precision } from '../../legalize.ts';
import type { Operation, Program } from '../../program.ts';
import type { Connection, Extent, NpuOperation, NpuTensor } from '../operation.ts';
import { unitFilter } from '../operation.ts';
import type { Tensors } from './tensors.ts';
import { copyOf, placeOf } from './tensors.ts';

export interface Lowering {
  /** The machine transposes, resizes and finds extremes itself, and chains per-element work. */
  readonly chains: boolean;
  readonly program: Program;
  readonly precision: Precision;
  readonly kernel: number;
  readonly group: FusedGroup;
  /** Name of the result that the rest of the network sees. */
  readonly result: string;
  readonly tensors: Tensors;
  /** A tensor that the file does not have. */
  readonly temporary: (name: string, bits: number) => NpuTensor;
  readonly constant: (name: string, bits: number) => NpuTensor;
}

/** The axis of the NPU's extents that an axis of the tensor becomes. */
export function axisIn(axis: number, rank: number, graph: Graph): keyof Extent | 'outer' {
  const fromEnd = rank - 1 - (axis < 0 ? axis + rank : axis);
  if (graph.channelsLast === true || rank !== 4) {
    return fromEnd === 0 ? 'depth' : fromEnd === 1 ? 'width' : fromEnd === 2 ? 'height' : 'outer';
  }
  return fromEnd === 2 ? 'depth' : fromEnd === 0 ? 'width' : fromEnd === 1 ? 'height' : 'outer';
}

/** The operand or result of this name, where it lies. */
export function connect({ tensors, result }: Lowering, name: string): Connection {
  const place = placeOf(name, tensors);
  return name === result ? place : copyOf(place, tensors);
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
  let last = members.length - 1;
  while (last >= 0 && absorbed.has(members[last]!)) last--;
  const { node } = members[last] ?? members.at(-1)!;
  for (const name of node.outputs) if (name !== '') return name;
  return '';
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
