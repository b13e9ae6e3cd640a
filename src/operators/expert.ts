/**
 * Mixtures of experts: each token goes through the k best of several gated layers
 * (https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md).
 */
import { intAttribute, stringAttribute } from './attribute.ts';
import { activationCost, axisSize, elementsOf, matrixProduct, vectorWork } from './counting.ts';
import type { Operator, TypedNode } from './operator.ts';
import { softmaxCost } from './softmax.ts';
import { sameAs } from './type.ts';
import type { LoopNest, Work } from './work.ts';

interface ExpertForm {
  readonly name: string;
  readonly summary: string;
  /** Weights, experts × rows × columns: up, down, and a gate where it is apart. */
  readonly weights: readonly number[];
  readonly biases: readonly number[];
  readonly quantized: boolean;
  /** Rows of packed bytes in a layout of their own: the matrices' depths are those that the tokens have. */
  readonly opaque?: true;
}

const forms: readonly ExpertForm[] = [
  { name: 'MoE', summary: 'Mixture of experts', weights: [2, 4, 6], biases: [3, 5, 7], quantized: false },
  {
    name: 'QMoE',
    summary: 'Mixture of experts with weights of a few bits',
    weights: [2, 5, 8],
    biases: [4, 7, 10],
    quantized: true,
  },
  {
    name: 'MoEPacked',
    summary: 'Mixture of experts with weights packed in a layout of its own',
    weights: [2, 4, 3],
    biases: [],
    quantized: true,
    opaque: true,
  },
];

/** Several packed weights stand in one stored element, along the last axis. */
function packing({ node }: TypedNode, form: ExpertForm): number {
  return form.quantized ? 8 / Math.max(1, intAttribute(node, 'expert_weight_bits', 4)) : 1;
}

/** Up and gate take a token's features, down takes what they made. */
function depthOf(typed: TypedNode, form: ExpertForm, position: number): number {
  if (form.opaque !== true) return axisSize(typed.inputs[position], 2) * packing(typed, form);
  return position === form.weights[1] ? axisSize(typed.inputs[form.weights[0]!], 1) : axisSize(typed.inputs[0], -1);
}

/** Each token meets k experts; which ones the data decides, the products are the same. */
function nestsOf(typed: TypedNode, form: ExpertForm): readonly LoopNest[] {
  const tokens = elementsOf(typed.inputs[0]) / Math.max(1, axisSize(typed.inputs[0], -1));
  const rows = tokens * intAttribute(typed.node, 'k', 1);
  return form.weights
    .filter((position) => typed.inputs[position] !== undefined)
    .map((position) => {
      const weight = typed.inputs[position];
      const sizes = { rows, columns: axisSize(weight, 1), depth: depthOf(typed, form, position) };
      return matrixProduct(sizes, { stationaryInput: position });
    });
}

function workOf(typed: TypedNode, form: ExpertForm): Work {
  const nests = nestsOf(typed, form);
  const activation = activationCost(stringAttribute(typed.node, 'activation_type', 'Relu'));
  const inner = nests[0] === undefined ? 0 : nests[0].OY * nests[0].K;
  const unpacked = form.quantized ? nests.reduce((sum, { OY, K, C }) => sum + (OY > 0 ? K * C : 0), 0) : 0;
  return {
    operatorClass: 'matmul',
    nests,
    vector: [
      ...vectorWork(elementsOf(typed.inputs[1]), softmaxCost),
      ...vectorWork(inner, activation),
      ...vectorWork(unpacked, { convert: 1, multiply: 1 }),
    ],
  };
}

function experts(form: ExpertForm): Operator {
  return {
    domain: 'com.microsoft',
    name: form.name,
    documentation:
      `${form.summary}: each token goes through k of them. MACs: tokens × k × the elements of one expert's matrices; ` +
      'the choice is a softmax over the experts.',
    infer: ({ inputs }) => [sameAs(inputs[0])],
    work: (typed) => workOf(typed, form),
    parameterInputs: [...form.weights, ...form.biases],
  };
}

export const expertOperators: readonly Operator[] = forms.map(experts);
