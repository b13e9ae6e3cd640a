/** Core ML's compressed weights, unpacked to dense tensors. */
import { multiply } from '../ir/dimension.ts';
import type { Shape, TensorType } from '../ir/graph.ts';
import { intAttribute } from './attribute.ts';
import { elementsOf, vectorWork } from './counting.ts';
import type { Operator, TypedNode } from './operator.ts';
import { dtypeOf, normalizeAxis, sameAs, shapeUnknownAs, tensor } from './type.ts';
import type { Work } from './work.ts';

const domain = 'coreml';

/** One element looked up or placed for each of the result. */
const moveEach = (_: TypedNode, outputs: readonly TensorType[]): Work => ({
  operatorClass: 'data-movement',
  nests: [],
  vector: vectorWork(elementsOf(outputs.at(-1)), { move: 1 }),
});

/** Where an entry of the table is a vector, one axis is that many times longer than that of the indices. */
function spread({ node }: TypedNode, shape: Shape): Shape {
  const size = intAttribute(node, 'vector_size', 1);
  const axis = normalizeAxis(intAttribute(node, 'vector_axis', 0), shape.length);
  return size === 1 || axis === undefined ? shape : shape.with(axis, multiply(shape[axis]!, size));
}

const inferTable = (typed: TypedNode): readonly TensorType[] => {
  const [indices, table] = typed.inputs;
  if (!indices?.shape) return [shapeUnknownAs(dtypeOf(table), indices)];
  return [tensor(dtypeOf(table), spread(typed, indices.shape))];
};

/** Outputs: the mask, and the elements that it marks. */
const inferSparseTable = (typed: TypedNode): readonly TensorType[] => {
  const [indices, mask, table] = typed.inputs;
  if (!indices?.shape) return [sameAs(mask), shapeUnknownAs(dtypeOf(table), indices)];
  const size = intAttribute(typed.node, 'vector_size', 1);
  const masked = mask?.shape ? tensor(dtypeOf(mask), spread(typed, mask.shape)) : sameAs(mask);
  return [masked, tensor(dtypeOf(table), [multiply(indices.shape[0] ?? 0, size)])];
};

export const compressedWeightOperators: readonly Operator[] = [
  {
    domain,
    name: 'constexpr_lut_to_dense',
    documentation: 'Palettized weights: indices of few bits into a table. 1 move per element when it is not folded.',
    infer: inferTable,
    work: moveEach,
    parameterInputs: [0],
    storageInputs: [1],
  },
  {
    domain,
    name: 'constexpr_sparse_to_dense',
    documentation: 'Sparse weights: the elements that a mask of bits marks, zeros elsewhere. 1 move per element.',
    infer: ({ inputs }) => [tensor(dtypeOf(inputs[0]), inputs[1]?.shape ?? null, 'the mask has no shape')],
    work: moveEach,
    parameterInputs: [0],
    storageInputs: [1],
  },
  {
    domain,
    name: 'constexpr_lut_to_sparse',
    documentation: 'Palettized sparse weights: indices into a table for the elements that a mask marks.',
    infer: inferSparseTable,
    work: moveEach,
    parameterInputs: [0],
    storageInputs: [1, 2],
  },
  {
    domain,
    name: 'constexpr_sparse_blockwise_shift_scale',
    documentation: 'Quantized sparse weights: scaled integers for the elements that a mask marks.',
    infer: ({ inputs }) => [sameAs(inputs[1]), tensor(dtypeOf(inputs[2]), inputs[0]?.shape ?? null, 'no shape')],
    work: (typed, outputs) => ({
      ...moveEach(typed, outputs),
      vector: vectorWork(elementsOf(outputs.at(-1)), { convert: 1 }),
    }),
    parameterInputs: [0],
    storageInputs: [1, 2, 3],
  },
];
