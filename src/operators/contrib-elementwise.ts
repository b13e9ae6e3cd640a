/**
 * ONNX Runtime's operators whose outputs have the shape of an input
 * (https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md).
 */
import type { DataType } from '../ir/data-type.ts';
import { floorDivide } from '../ir/dimension.ts';
import type { TensorType } from '../ir/graph.ts';
import { intAttribute } from './attribute.ts';
import { broadcastAll } from './broadcast.ts';
import { dataTypeAttribute } from './cast.ts';
import { elementsOf, printCost, vectorWork } from './counting.ts';
import type { Cost } from './counting.ts';
import { rootMeanSquareCost, standardizeCost } from './normalization.ts';
import type { Operator, TypedNode } from './operator.ts';
import { sameAs, shapeUnknownAs, tensor, withDimension } from './type.ts';
import type { OperatorClass } from './work.ts';

const domain = 'com.microsoft';

interface SameShape {
  readonly name: string;
  readonly summary: string;
  readonly cost: Cost;
  /** Inputs that broadcast to the output's shape; absent: the first alone. */
  readonly operands?: readonly number[];
  /** By position of the outputs, absent: that of the first operand. */
  readonly dtypes?: (typed: TypedNode) => readonly (DataType | null)[];
  readonly parameterInputs?: readonly number[];
  readonly operatorClass?: OperatorClass;
}

const rows: readonly SameShape[] = [
  {
    name: 'BiasDropout',
    summary: 'x+bias+residual; nothing is dropped at inference',
    cost: { add: 2 },
    dtypes: ({ inputs }) => [inputs[0]?.dtype ?? null, 'bool'],
    parameterInputs: [1],
  },
  { name: 'ComplexMul', summary: 'a·b of complex pairs', cost: { multiply: 2, add: 1 }, operands: [0, 1] },
  {
    name: 'ComplexMulConj',
    summary: 'a·conj(b) of complex pairs',
    cost: { multiply: 2, add: 1 },
    operands: [0, 1],
  },
  {
    name: 'MulInteger',
    summary: 'a·b of small integers, into 32 bits',
    cost: { multiply: 1, add: 2 },
    operands: [0, 2],
    dtypes: () => ['int32'],
  },
  { name: 'ScaledSiLU', summary: 'x·sigmoid(alpha·x)', cost: { exponential: 1, multiply: 2 } },
  { name: 'GatedAdd', summary: 'x+gate·y, a gate for each row', cost: { multiply: 1, add: 1 }, parameterInputs: [3] },
  {
    name: 'GatedRMSNorm',
    summary: 'Root mean square normalization times a gate',
    cost: { ...rootMeanSquareCost, exponential: 1 },
    parameterInputs: [1],
    operatorClass: 'normalization',
  },
  {
    name: 'BranchwiseRMSNorm',
    summary: 'Root mean square normalization of each branch',
    cost: rootMeanSquareCost,
    parameterInputs: [1],
    operatorClass: 'normalization',
  },
  {
    name: 'SkipGroupNorm',
    summary: 'Normalization of groups of channels of x+skip+bias, with an optional activation',
    cost: { ...standardizeCost, add: standardizeCost.add! + 2, exponential: 1 },
    parameterInputs: [1, 2, 4],
    operatorClass: 'normalization',
  },
  {
    name: 'QOrderedLayerNormalization',
    summary: 'Layer normalization of 8-bit integers',
    cost: { ...standardizeCost, convert: 1 },
    parameterInputs: [2, 3],
    operatorClass: 'normalization',
  },
  { name: 'QOrderedGelu', summary: 'Gelu of 8-bit integers', cost: { exponential: 1, multiply: 3, convert: 1 } },
  {
    name: 'QuantizeWithOrder',
    summary: 'Quantization to 8 bits in a layout of cuBLASLt',
    cost: { convert: 1 },
    dtypes: () => ['int8'],
    operatorClass: 'quantize',
  },
  {
    name: 'DequantizeWithOrder',
    summary: '8-bit integers to floats',
    cost: { convert: 1 },
    dtypes: (typed) => [dataTypeAttribute(typed, 'to', 'float32')],
    operatorClass: 'quantize',
  },
  {
    name: 'MRotaryEmbedding',
    summary: 'Rotation of pairs of elements by three positions',
    cost: { multiply: 2, add: 1 },
  },
  { name: 'NGramRepeatBlock', summary: 'Scores without repeated n-grams', cost: { add: 1 }, operands: [1] },
  {
    name: 'MurmurHash3',
    summary: 'A 32-bit hash of each element',
    cost: { multiply: 8, add: 4 },
    dtypes: ({ node }) => [intAttribute(node, 'positive', 1) === 0 ? 'int32' : 'uint32'],
  },
];

function shapeOf(row: SameShape, { inputs }: TypedNode, dtype: DataType | null): TensorType {
  const operands = (row.operands ?? [0]).map((position) => inputs[position]);
  const shape = broadcastAll(operands.map((operand) => operand?.shape ?? null));
  return shape === null ? shapeUnknownAs(dtype, operands[0]) : tensor(dtype, shape);
}

function sameShape(row: SameShape): Operator {
  return {
    domain,
    name: row.name,
    documentation: `${row.summary}. Counted as ${printCost(row.cost)} per output element.`,
    infer: (context) => {
      const own = context.inputs[row.operands?.[0] ?? 0]?.dtype ?? null;
      const dtypes = row.dtypes?.(context) ?? [];
      return context.node.outputs.map((_, position) => shapeOf(row, context, dtypes[position] ?? own));
    },
    work: (_, [output]) => ({
      operatorClass: row.operatorClass ?? 'elementwise',
      nests: [],
      vector: vectorWork(elementsOf(output), row.cost),
    }),
    ...(row.parameterInputs && { parameterInputs: row.parameterInputs }),
  };
}

/** Queries and keys, each turned by its table. */
const gemmaRotaryEmbedding: Operator = {
  domain,
  name: 'GemmaRotaryEmbedding',
  documentation: 'Rotation of queries and keys by sines and cosines. 2 multiplications and 1 addition per element.',
  infer: ({ inputs }) => [sameAs(inputs[1]), sameAs(inputs[3])],
  work: (_, outputs) => ({
    operatorClass: 'elementwise',
    nests: [],
    vector: outputs.flatMap((output) => vectorWork(elementsOf(output), { multiply: 2, add: 1 })),
  }),
};

/** Both halves may stand in one tensor. */
const swiGlu: Operator = {
  domain,
  name: 'SwiGLU',
  documentation: 'Swish of the gate times the other half. 4 additions, 3 multiplications and 1 exponential each.',
  infer: ({ inputs: [gate, up] }) => {
    if (up !== undefined || !gate?.shape || gate.shape.length === 0) return [sameAs(gate)];
    const half = floorDivide(gate.shape.at(-1)!, 2);
    return [tensor(gate.dtype, withDimension(gate.shape, gate.shape.length - 1, half))];
  },
  work: (_, [output]) => ({
    operatorClass: 'elementwise',
    nests: [],
    vector: vectorWork(elementsOf(output), { add: 4, multiply: 3, exponential: 1 }),
  }),
};

const isAllFinite: Operator = {
  domain,
  name: 'IsAllFinite',
  documentation: 'True where every element of every input is finite. 1 addition per element.',
  infer: () => [tensor('bool', [])],
  work: ({ inputs }) => ({
    operatorClass: 'reduction',
    nests: [],
    vector: inputs.flatMap((input) => vectorWork(elementsOf(input), { add: 1 })),
  }),
};

export const contribElementwiseOperators: readonly Operator[] = [
  ...rows.map(sameShape),
  gemmaRotaryEmbedding,
  swiGlu,
  isAllFinite,
];
