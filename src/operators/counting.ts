/** Building blocks of an operator's `Work`: loop nests, and operations per element. */
import type { TensorType } from '../ir/graph.ts';
import { elementCount } from './type.ts';
import type { LoopNest, VectorOperation, VectorWork } from './work.ts';

/** Operations that one element takes, by kind. */
export type Cost = Readonly<Partial<Record<VectorOperation, number>>>;

const scalarNest: LoopNest = {
  B: 1,
  G: 1,
  K: 1,
  C: 1,
  OY: 1,
  OX: 1,
  FY: 1,
  FX: 1,
  strideY: 1,
  strideX: 1,
  dilationY: 1,
  dilationX: 1,
  streamedInput: 0,
  stationaryInput: 1,
  sequentialSteps: 1,
};

/** A nest with these sizes; every other loop runs once, input 0 is streamed over input 1. */
export function loopNest(sizes: Partial<LoopNest>): LoopNest {
  return { ...scalarNest, ...sizes };
}

/** `batch` independent products of rows × depth by depth × columns. */
export function matrixProduct(
  sizes: { readonly batch?: number; readonly rows: number; readonly columns: number; readonly depth: number },
  operands: Partial<LoopNest> = {},
): LoopNest {
  return loopNest({ G: sizes.batch ?? 1, OY: sizes.rows, K: sizes.columns, C: sizes.depth, ...operands });
}

/** Elements of a tensor whose shape is all numbers; 0 for an absent or unknown one. */
export function elementsOf(type: TensorType | undefined): number {
  return elementCount(type) ?? 0;
}

/** Size of one axis, counted from the end when negative; 0 where it is absent or no number. */
export function axisSize(type: TensorType | undefined, axis: number): number {
  const dimension = type?.shape?.at(axis);
  return typeof dimension === 'number' ? dimension : 0;
}

/** `elements` times a cost. */
export function vectorWork(elements: number, cost: Cost): VectorWork[] {
  return Object.entries(cost)
    .map(([operation, each]) => ({ operation: operation as VectorOperation, elements: elements * each }))
    .filter((work) => work.elements > 0);
}

const words: Readonly<Record<VectorOperation, string>> = {
  move: 'move',
  add: 'addition',
  multiply: 'multiplication',
  divide: 'division',
  exponential: 'exponential',
  convert: 'conversion',
  sort: 'comparison',
};

/** `2 additions and 1 exponential`. */
export function printCost(cost: Cost): string {
  const parts = Object.entries(cost).map(
    ([operation, each]) => `${each} ${words[operation as VectorOperation]}${each === 1 ? '' : 's'}`,
  );
  return [parts.slice(0, -1).join(', '), ...parts.slice(-1)].filter((part) => part !== '').join(' and ');
}

/** What fused activations cost an element, by the name that fused operators give them. */
const activationCosts: ReadonlyMap<string, Cost> = new Map<string, Cost>([
  ['Relu', { add: 1 }],
  ['Clip', { add: 2 }],
  ['LeakyRelu', { add: 1, multiply: 1 }],
  ['ThresholdedRelu', { add: 1 }],
  ['HardSigmoid', { add: 3, multiply: 1 }],
  ['HardSwish', { add: 3, multiply: 2 }],
  ['Sigmoid', { exponential: 1 }],
  ['Tanh', { exponential: 1 }],
  ['ScaledTanh', { exponential: 1, multiply: 2 }],
  ['Softplus', { exponential: 2, add: 1 }],
  ['Softsign', { add: 2, divide: 1 }],
  ['Elu', { exponential: 1, add: 1, multiply: 1 }],
  ['Gelu', { exponential: 1, add: 1, multiply: 2 }],
  ['silu', { exponential: 1, multiply: 1 }],
  ['swish', { exponential: 1, multiply: 1 }],
]);

/** Cost of a fused activation; none for an empty name, one operation for one that is not known. */
export function activationCost(name: string): Cost {
  if (name === '' || name === 'none') return {};
  return activationCosts.get(name) ?? { add: 1 };
}

/**
 * Steps of a sort, a search or a Fourier transform of `count` elements: log2 rounded up, by products alone. Logarithms of the
 * language differ in the last digit between engines, and with it the whole number above. NaN and infinity stay.
 */
export function halvings(count: number): number {
  if (!Number.isFinite(count)) return count;
  let steps = 0;
  for (let reach = 1; reach < count; reach *= 2) steps += 1;
  return steps;
}
