/**
 * Products with weights of a few bits, unpacked and scaled as they are used
 * (https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md).
 */
import type { Dimension } from '../ir/dimension.ts';
import type { Node, TensorType } from '../ir/graph.ts';
import { intAttribute, stringAttribute } from './attribute.ts';
import { activationCost, axisSize, elementsOf, matrixProduct, vectorWork } from './counting.ts';
import { productClass } from './matmul.ts';
import { rootMeanSquareCost } from './normalization.ts';
import type { Operator, TypedNode } from './operator.ts';
import { dtypeOf, sameAs, shapeUnknownAs, tensor } from './type.ts';
import type { LoopNest, VectorWork } from './work.ts';

const domain = 'com.microsoft';

/** One matrix among the inputs: where its packed weights and its bias stand, and its columns. */
interface Projection {
  readonly weight: number;
  readonly bias?: number;
  readonly columns: (typed: TypedNode) => Dimension | undefined;
}

interface PackedForm {
  readonly name: string;
  readonly summary: string;
  readonly projections: readonly Projection[];
  /** Inputs with the scales and zero points of blocks. */
  readonly storage?: readonly number[];
  /** Rows of the matrices; absent: the input's last axis. */
  readonly depth?: (typed: TypedNode) => number;
}

const attribute =
  (name: string) =>
  ({ node }: { readonly node: Node }): number | undefined =>
    intAttribute(node, name, undefined);

/** Weights stored as columns × packed depth. */
const firstAxis = ({ inputs }: TypedNode) => inputs[1]?.shape?.[0];

const packedForms: readonly PackedForm[] = [
  {
    name: 'MatMulNBits',
    summary: 'Matrix product with weights of a few bits in scaled blocks',
    projections: [{ weight: 1, bias: 5, columns: attribute('N') }],
    storage: [2, 3],
  },
  {
    name: 'MatMulBnb4',
    summary: 'Matrix product with 4-bit floats in blocks scaled by their maxima',
    projections: [{ weight: 1, columns: attribute('N') }],
    storage: [2],
  },
  {
    name: 'MatMulFpQ4',
    summary: 'Matrix product with prepacked 4-bit weights, whose shape is an input',
    projections: [{ weight: 1, columns: ({ values }) => values[2]?.elements.at(-1) }],
  },
  {
    name: 'MatMulBlockQuantizedFp4Weight',
    summary: 'Matrix product with 4-bit floats in scaled blocks',
    projections: [{ weight: 1, bias: 5, columns: firstAxis }],
  },
  {
    name: 'MatMulBlockQuantizedFp8Weight',
    summary: 'Matrix product with 8-bit floats in scaled blocks',
    projections: [{ weight: 1, bias: 4, columns: firstAxis }],
  },
  {
    name: 'MatMulPacked',
    summary: 'Matrix product with weights packed in a layout of its own',
    projections: [{ weight: 1, columns: attribute('N') }],
  },
];

function projectedType(input: TensorType | undefined, columns: Dimension | undefined): TensorType {
  if (!input?.shape || columns === undefined) return shapeUnknownAs(dtypeOf(input), input);
  return tensor(input.dtype, [...input.shape.slice(0, -1), columns]);
}

function nestsOf(typed: TypedNode, projections: readonly Projection[]): readonly LoopNest[] {
  const depth = intAttribute(typed.node, 'K', axisSize(typed.inputs[0], -1));
  const rows = elementsOf(typed.inputs[0]) / Math.max(1, axisSize(typed.inputs[0], -1));
  return projections.map(({ weight, columns }) => {
    const count = columns(typed);
    const sizes = { rows, columns: typeof count === 'number' ? count : 0, depth };
    return matrixProduct(sizes, { stationaryInput: weight });
  });
}

/** Each weight is converted and scaled once, each bias added to its outputs. */
function vectorsOf(
  typed: TypedNode,
  projections: readonly Projection[],
  nests: readonly LoopNest[],
): readonly VectorWork[] {
  return nests.flatMap(({ K, C, OY }, index) => {
    const bias = projections[index]?.bias;
    const added = bias !== undefined && typed.inputs[bias] !== undefined ? { add: 1 } : {};
    return [...vectorWork(K * C, { convert: 1, multiply: 1 }), ...vectorWork(OY * K, added)];
  });
}

const counted =
  'MACs: rows × columns × depth; 1 conversion and 1 multiplication for each weight; a bias is 1 addition per output ' +
  'element';

function weightsAndBiases(projections: readonly Projection[]): readonly number[] {
  return projections.flatMap(({ weight, bias }) => (bias === undefined ? [weight] : [weight, bias]));
}

function packedProduct({ name, summary, projections, storage = [] }: PackedForm): Operator {
  return {
    domain,
    name,
    documentation: `${summary}. ${counted}.`,
    infer: (context) => [projectedType(context.inputs[0], projections[0]!.columns(context))],
    work: (typed) => {
      const nests = nestsOf(typed, projections);
      return { operatorClass: productClass(nests[0]!, typed), nests, vector: vectorsOf(typed, projections, nests) };
    },
    parameterInputs: weightsAndBiases(projections),
    storageInputs: storage,
  };
}

/** Several products of one input, which is normalized before them where a scale is given. */
interface FusedForm {
  readonly name: string;
  readonly summary: string;
  readonly normScale: number;
  readonly projections: readonly Projection[];
  /** Outputs before the sum that goes on. */
  readonly gated: boolean;
}

const fusedForms: readonly FusedForm[] = [
  {
    name: 'MatMulNBitsMlp',
    summary: 'Gate and up projection of a gated layer, with weights of a few bits',
    normScale: 2,
    projections: [
      { weight: 3, bias: 5, columns: attribute('N') },
      { weight: 6, bias: 8, columns: attribute('N') },
    ],
    gated: true,
  },
  {
    name: 'MatMulNBitsQkv',
    summary: 'Projections to queries, keys and values, with weights of a few bits',
    normScale: 2,
    projections: [
      { weight: 3, bias: 5, columns: attribute('Nq') },
      { weight: 6, bias: 8, columns: attribute('Nkv') },
      { weight: 9, bias: 11, columns: attribute('Nkv') },
    ],
    gated: false,
  },
];

function fusedProducts(form: FusedForm): Operator {
  return {
    domain,
    name: form.name,
    documentation: `${form.summary}, behind an optional normalization. ${counted}; normalization and activation are vector work.`,
    infer: (context) => {
      const types = form.projections.map(({ columns }) => projectedType(context.inputs[0], columns(context)));
      return [...(form.gated ? types.slice(0, 1) : types), sameAs(context.inputs[0])].slice(
        0,
        context.node.outputs.length,
      );
    },
    work: (typed, [output]) => {
      const nests = nestsOf(typed, form.projections);
      const skip = typed.inputs[1] === undefined ? 0 : 1;
      const norm = typed.inputs[form.normScale] === undefined ? {} : rootMeanSquareCost;
      const activation = form.gated ? activationCost(stringAttribute(typed.node, 'activation', 'silu')) : {};
      const vector = [
        ...vectorWork(elementsOf(typed.inputs[0]), { ...norm, add: (norm.add ?? 0) + skip }),
        ...vectorsOf(typed, form.projections, nests),
        ...vectorWork(elementsOf(output), activation),
        ...(form.gated ? vectorWork(elementsOf(output), { multiply: 1 }) : []),
      ];
      return { operatorClass: productClass(nests[0]!, typed), nests, vector };
    },
    parameterInputs: [form.normScale, ...weightsAndBiases(form.projections)],
  };
}

/** The rank of an adapter is what its second matrix has columns for, in the scales of the first. */
const adapted: Operator = {
  domain,
  name: 'MatMulNBitsQLoRA',
  documentation:
    'Matrix product with weights of a few bits, and beside it one through two narrow matrices. MACs: rows × (columns × ' +
    'depth + rank × (depth + columns)); 1 conversion and 1 multiplication for each weight, 1 addition per output element.',
  infer: (context) => [projectedType(context.inputs[0], intAttribute(context.node, 'N', undefined))],
  work: (typed, [output]) => {
    const columns = intAttribute(typed.node, 'N', 0);
    const depth = intAttribute(typed.node, 'K', axisSize(typed.inputs[0], -1));
    const rows = elementsOf(typed.inputs[0]) / Math.max(1, axisSize(typed.inputs[0], -1));
    const rank = axisSize(typed.inputs[3], 0);
    const nests = [
      matrixProduct({ rows, columns, depth }, { stationaryInput: 1 }),
      matrixProduct({ rows, columns: rank, depth }, { stationaryInput: 3 }),
      matrixProduct({ rows, columns, depth: rank }, { stationaryInput: 5 }),
    ];
    return {
      operatorClass: productClass(nests[0]!, typed),
      nests,
      vector: [...vectorsOf(typed, [], nests), ...vectorWork(elementsOf(output), { add: 1 })],
    };
  },
  parameterInputs: [1, 3, 5],
};

export const packedWeightOperators: readonly Operator[] = [
  adapted,
  ...packedForms.map(packedProduct),
  ...fusedForms.map(fusedProducts),
];
