/** Constant weights of products, convolutions and embeddings, and which axes their channels lie along. */
import { elementCount } from '../../formats/dense.ts';
import { isFloat } from '../../ir/data-type.ts';
import type { Graph, Initializer, Model, Node } from '../../ir/graph.ts';
import { intAttribute } from '../../operators/attribute.ts';

export interface WeightOperand {
  /** Among the node's inputs. */
  readonly position: number;
  readonly weight: Initializer;
  /** Along which products are added up; absent for embeddings, which are looked up. */
  readonly inputAxis?: number;
}

/** Where an operator has weights, and the axis of their input channels; negative ones count from the last. */
interface Place {
  readonly position: number;
  readonly inputAxis: number | undefined;
}

const places: ReadonlyMap<string, (node: Node) => readonly Place[]> = new Map([
  ['Conv', () => [{ position: 1, inputAxis: 1 }]],
  ['ConvTranspose', () => [{ position: 1, inputAxis: 0 }]],
  [
    'Gemm',
    (node: Node) => [
      { position: 0, inputAxis: intAttribute(node, 'transA', 0) === 1 ? 0 : 1 },
      { position: 1, inputAxis: intAttribute(node, 'transB', 0) === 1 ? 1 : 0 },
    ],
  ],
  ['MatMul', matrices],
  ['FusedMatMul', matrices],
  ['RNN', recurrent],
  ['GRU', recurrent],
  ['LSTM', recurrent],
  ['Gather', () => [{ position: 0, inputAxis: undefined }]],
]);

function matrices(node: Node): readonly Place[] {
  return [
    { position: 0, inputAxis: intAttribute(node, 'transA', 0) === 1 ? -2 : -1 },
    { position: 1, inputAxis: intAttribute(node, 'transB', 0) === 1 ? -1 : -2 },
  ];
}

function recurrent(): readonly Place[] {
  return [
    { position: 1, inputAxis: 2 },
    { position: 2, inputAxis: 2 },
  ];
}

/** What Core ML Tools compresses is larger (`weight_threshold` of its optimization configs, in elements). */
const largestLeft = 2048;

/** Why the format's own tool leaves a weight as it is. */
export function leftByTool({ shape }: Initializer, format: Model['format']): string | undefined {
  if (format !== 'coreml' || elementCount(shape) > largestLeft) return undefined;
  return `Core ML Tools leave weights of up to ${largestLeft} elements as they are`;
}

/** Constant operands of two axes at least: one of fewer is a vector of scales or a bias. */
export function weightOperands(node: Node, graph: Graph): readonly WeightOperand[] {
  if (node.domain !== '' && node.domain !== 'com.microsoft') return [];
  const found = places.get(node.operator)?.(node) ?? [];
  return found.flatMap(({ position, inputAxis }) => {
    const weight = graph.initializers.get(node.inputs[position] ?? '');
    if (weight === undefined || weight.shape.length < 2) return [];
    return [{ position, weight, ...(inputAxis === undefined ? {} : { inputAxis: fromFirst(inputAxis, weight) }) }];
  });
}

function fromFirst(axis: number, { shape }: Initializer): number {
  return axis < 0 ? axis + shape.length : axis;
}

/** Why weights that are no plain floats stay as they are; undefined for floats. */
export function notFloat({ dtype, shape }: Initializer): string | undefined {
  if (!isFloat(dtype)) return `its weights are ${dtype} already`;
  return shape.includes(0) ? 'its weights are empty' : undefined;
}
