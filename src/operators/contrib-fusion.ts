/**
 * Biases, residuals and activations that ONNX Runtime fuses into one operator
 * (https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md).
 */
import { floorDivide } from '../ir/dimension.ts';
import type { TensorType } from '../ir/graph.ts';
import { elementsOf, printCost, vectorWork } from './counting.ts';
import type { Cost } from './counting.ts';
import { rootMeanSquareCost, standardizeCost, statisticsCost } from './normalization.ts';
import type { Operator, TypedNode } from './operator.ts';
import { softmaxCost } from './softmax.ts';
import { sameAs, shapeUnknownAs, tensor, withDimension } from './type.ts';
import type { OperatorClass } from './work.ts';

const domain = 'com.microsoft';

interface Fusion {
  readonly name: string;
  readonly summary: string;
  readonly cost: Cost;
  readonly parameterInputs: readonly number[];
  readonly operatorClass?: OperatorClass;
}

/** Outputs have the shape of the first input. */
const fusions: readonly Fusion[] = [
  {
    name: 'BiasGelu',
    summary: 'Gelu of x+bias',
    cost: { exponential: 1, add: 2, multiply: 3 },
    parameterInputs: [1],
  },
  {
    name: 'FastGelu',
    summary: 'Gelu of x+bias by tanh',
    cost: { exponential: 1, add: 3, multiply: 5 },
    parameterInputs: [1],
  },
  { name: 'BiasAdd', summary: 'x+bias+skip', cost: { add: 2 }, parameterInputs: [1] },
  {
    name: 'BiasSoftmax',
    summary: 'Softmax of x+bias',
    cost: { ...softmaxCost, add: 4 },
    parameterInputs: [],
    operatorClass: 'softmax',
  },
];

function fusion(row: Fusion): Operator {
  return {
    domain,
    name: row.name,
    documentation: `${row.summary}. Counted as ${printCost(row.cost)} per output element.`,
    infer: ({ inputs }) => [sameAs(inputs[0])],
    work: (_, [output]) => ({
      operatorClass: row.operatorClass ?? 'elementwise',
      nests: [],
      vector: vectorWork(elementsOf(output), row.cost),
    }),
    parameterInputs: row.parameterInputs,
  };
}

const biasSplitGelu: Operator = {
  domain,
  name: 'BiasSplitGelu',
  documentation: 'Gelu of one half of x+bias times the other. 3 additions, 4 multiplications and 1 exponential each.',
  infer: ({ inputs }) => {
    const [input] = inputs;
    if (!input?.shape || input.shape.length === 0) return [sameAs(input)];
    const half = floorDivide(input.shape.at(-1)!, 2);
    return [tensor(input.dtype, withDimension(input.shape, input.shape.length - 1, half))];
  },
  work: (_, [output]) => ({
    operatorClass: 'elementwise',
    nests: [],
    vector: vectorWork(elementsOf(output), { add: 3, multiply: 4, exponential: 1 }),
  }),
  parameterInputs: [1],
};

interface SkipForm {
  readonly name: string;
  readonly summary: string;
  readonly cost: Cost;
  readonly bias: number;
  readonly parameterInputs: readonly number[];
}

const skipForms: readonly SkipForm[] = [
  {
    name: 'SkipLayerNormalization',
    summary: 'Layer normalization of the sum of two tensors',
    cost: standardizeCost,
    bias: 4,
    parameterInputs: [2, 3, 4],
  },
  {
    name: 'SkipSimplifiedLayerNormalization',
    summary: 'Root mean square normalization of the sum of two tensors',
    cost: rootMeanSquareCost,
    bias: 3,
    parameterInputs: [2, 3],
  },
];

/** Statistics of each row, as floats. */
function rowStatistics(input: TensorType | undefined): TensorType {
  if (!input?.shape) return shapeUnknownAs('float32', input);
  return tensor('float32', [...input.shape.slice(0, -1), 1]);
}

function normalizedRows(typed: TypedNode, cost: Cost, added: number): ReturnType<NonNullable<Operator['work']>> {
  const input = typed.inputs[0];
  const rows = input?.shape?.slice(0, -1).reduce<number>((product, size) => product * Number(size), 1) ?? 0;
  return {
    operatorClass: 'normalization',
    nests: [],
    vector: [
      ...vectorWork(elementsOf(input), { ...cost, add: (cost.add ?? 0) + added }),
      ...vectorWork(rows, statisticsCost),
    ],
  };
}

function skipNormalization(form: SkipForm): Operator {
  return {
    domain,
    name: form.name,
    documentation:
      `${form.summary}. ${printCost(form.cost)} per element, 1 addition for each tensor that is added, ` +
      `${printCost(statisticsCost)} for each row.`,
    infer: ({ node, inputs }) => {
      const statistics = rowStatistics(inputs[0]);
      const types = [sameAs(inputs[0]), statistics, statistics, sameAs(inputs[0])];
      return types.slice(0, node.outputs.length);
    },
    work: (typed) => normalizedRows(typed, form.cost, typed.inputs[form.bias] === undefined ? 1 : 2),
    parameterInputs: form.parameterInputs,
  };
}

/** Word, position and segment tables are looked up by the ids, added and normalized. */
const embedLayerNormalization: Operator = {
  domain,
  name: 'EmbedLayerNormalization',
  documentation:
    'Sum of looked-up embeddings, normalized. 2 moves and 2 additions per element beside those of the layer normalization.',
  infer: ({ node, inputs }) => {
    const [ids, , words] = inputs;
    const hidden = words?.shape?.[1];
    if (ids?.shape?.length !== 2 || hidden === undefined)
      return node.outputs.map(() => shapeUnknownAs(words?.dtype ?? null, ids));
    const embedded = tensor(words?.dtype ?? null, [...ids.shape, hidden]);
    return [embedded, tensor('int32', [ids.shape[0]!]), embedded].slice(0, node.outputs.length);
  },
  work: ({ inputs }, [output]) => ({
    operatorClass: 'normalization',
    nests: [],
    vector: [
      ...vectorWork(elementsOf(output), { ...standardizeCost, move: 2, add: standardizeCost.add! + 2 }),
      ...vectorWork(elementsOf(inputs[0]), statisticsCost),
    ],
  }),
  parameterInputs: [2, 3, 4, 5, 6],
};

export const contribFusionOperators: readonly Operator[] = [
  ...fusions.map(fusion),
  biasSplitGelu,
  ...skipForms.map(skipNormalization),
  embedLayerNormalization,
];
