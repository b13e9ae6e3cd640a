/**
 * What stands around attention in ONNX Runtime's transformers: position biases, padding, embeddings, and whole
 * generation loops (https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md).
 */
import { add, multiply, unknown } from '../ir/dimension.ts';
import type { Dimension } from '../ir/dimension.ts';
import type { TensorType } from '../ir/graph.ts';
import { intAttribute } from './attribute.ts';
import { axisSize, elementsOf, matrixProduct, vectorWork } from './counting.ts';
import { moveWork } from './movement.ts';
import { standardizeCost, statisticsCost } from './normalization.ts';
import type { Operator, TypedNode } from './operator.ts';
import { decidedAtRunTime, dtypeOf, normalizeAxis, shapeUnknownAs, tensor } from './type.ts';

const domain = 'com.microsoft';

/** The number that an input holds; unknown where only a run can tell. */
function given({ node, values }: TypedNode, position: number): Dimension {
  return values[position]?.elements[0] ?? unknown(decidedAtRunTime(node.operator));
}

const relativePositionBias: Operator = {
  domain,
  name: 'RelativePositionBias',
  documentation: 'A bias for each pair of positions, looked up by their distance. 1 move per output element.',
  infer: (context) => {
    const [table] = context.inputs;
    const heads = table?.shape?.[1] ?? unknown('the table has no shape');
    return [tensor(dtypeOf(table), [1, heads, given(context, 1), given(context, 2)])];
  },
  work: moveWork,
  parameterInputs: [0],
};

const gatedRelativePositionBias: Operator = {
  domain,
  name: 'GatedRelativePositionBias',
  documentation:
    'A relative position bias scaled by a gate of the query. MACs: batch × heads × queries × head size × gate size; 3 ' +
    'multiplications and 2 additions per output element.',
  infer: ({ node, inputs }) => {
    const [query, , positions] = inputs;
    const batch = (query?.shape?.length === 2 ? inputs[6] : query)?.shape?.[0] ?? unknown('the batch is not known');
    const length = positions?.shape?.at(-1) ?? unknown('the positions have no shape');
    return [tensor(dtypeOf(query), [batch, intAttribute(node, 'num_heads', 1), length, length])];
  },
  work: ({ inputs }, [output]) => {
    const rows = axisSize(output, 0) * axisSize(output, 1) * axisSize(output, 2);
    const nest = matrixProduct(
      { rows, columns: axisSize(inputs[3], 1), depth: axisSize(inputs[3], 0) },
      { stationaryInput: 3 },
    );
    return {
      operatorClass: 'matmul',
      nests: [nest],
      vector: vectorWork(elementsOf(output), { multiply: 3, add: 2 }),
    };
  },
  parameterInputs: [1, 3, 4, 5],
};

const removePadding: Operator = {
  domain,
  name: 'RemovePadding',
  documentation: 'Tokens without those that pad their sequences. 1 move per output element.',
  infer: ({ inputs: [input], node }) => {
    const dtype = dtypeOf(input);
    if (input?.shape?.length !== 3) return node.outputs.map(() => shapeUnknownAs(dtype, input));
    const [batch, length, hidden] = input.shape as [Dimension, Dimension, Dimension];
    return [
      tensor(dtype, [unknown(decidedAtRunTime('RemovePadding')), hidden]),
      tensor('int32', [batch, length]),
      tensor('int32', [add(batch, 1)]),
      tensor('int32', [1]),
    ].slice(0, node.outputs.length);
  },
  upperBound: ({ inputs: [input], node }) => {
    if (input?.shape?.length !== 3) return node.outputs.map(() => shapeUnknownAs(dtypeOf(input), input));
    const [batch, length, hidden] = input.shape as [Dimension, Dimension, Dimension];
    return [tensor(dtypeOf(input), [multiply(batch, length), hidden])];
  },
  work: moveWork,
};

const restorePadding: Operator = {
  domain,
  name: 'RestorePadding',
  documentation: 'Tokens back at their places between zeros. 1 move per output element.',
  infer: ({ inputs: [input, offsets] }) => {
    const hidden = input?.shape?.[1];
    if (!offsets?.shape || hidden === undefined) return [shapeUnknownAs(dtypeOf(input), input)];
    return [tensor(dtypeOf(input), [...offsets.shape, hidden])];
  },
  work: moveWork,
};

const quantizedEmbedding: Operator = {
  domain,
  name: 'QEmbedLayerNormalization',
  documentation:
    'Sum of looked-up 8-bit embeddings, normalized. 2 moves, 2 additions and 2 conversions per element beside those of ' +
    'the layer normalization.',
  infer: ({ node, inputs }) => {
    const [ids, , words] = inputs;
    const hidden = words?.shape?.[1];
    if (ids?.shape?.length !== 2 || hidden === undefined) return node.outputs.map(() => shapeUnknownAs('float32', ids));
    return [tensor('float32', [...ids.shape, hidden]), tensor('int32', [ids.shape[0]!])].slice(0, node.outputs.length);
  },
  work: ({ inputs }, [output]) => ({
    operatorClass: 'normalization',
    nests: [],
    vector: [
      ...vectorWork(elementsOf(output), { ...standardizeCost, move: 2, convert: 2, add: standardizeCost.add! + 2 }),
      ...vectorWork(elementsOf(inputs[0]), statisticsCost),
    ],
  }),
  parameterInputs: [2, 3, 4, 5, 6],
};

/** Several weights may stand in one byte along the quantized axis, which is the last. */
const gatherBlockQuantized: Operator = {
  domain,
  name: 'GatherBlockQuantized',
  documentation: 'Rows of a table of a few bits, scaled. 1 move, 1 conversion and 1 multiplication per output element.',
  infer: ({ node, inputs }) => {
    const [data, indices, scales] = inputs;
    const dtype = dtypeOf(scales);
    if (!data?.shape || !indices?.shape) return [shapeUnknownAs(dtype, data?.shape ? indices : data)];
    const axis = normalizeAxis(intAttribute(node, 'gather_axis', 0), data.shape.length);
    if (axis === undefined) return [tensor(dtype, null, 'gather_axis lies outside of the rank')];
    const packed = data.dtype === 'uint8' ? 8 / Math.max(1, intAttribute(node, 'bits', 4)) : 1;
    const last = data.shape.length - 1;
    const whole = data.shape.map((size, position) => (position === last ? multiply(size, packed) : size));
    return [tensor(dtype, whole.toSpliced(axis, 1, ...indices.shape))];
  },
  work: (_, [output]) => ({
    operatorClass: 'data-movement',
    nests: [],
    vector: vectorWork(elementsOf(output), { move: 1, convert: 1, multiply: 1 }),
  }),
  parameterInputs: [0],
};

const torchEmbedding: Operator = {
  domain,
  name: 'TorchEmbedding',
  documentation: 'Rows of a table. 1 move per output element.',
  infer: ({ inputs: [table, indices] }) => {
    const width = table?.shape?.[1];
    if (!indices?.shape || width === undefined) return [shapeUnknownAs(dtypeOf(table), indices)];
    return [tensor(dtypeOf(table), [...indices.shape, width])];
  },
  work: moveWork,
  parameterInputs: [0],
};

/** The whole loop of a generation, with the decoder in an attribute. */
function generation(name: string, beams: boolean): Operator {
  const infer = (context: TypedNode): TensorType[] => {
    const { node, inputs } = context;
    const batch = inputs[0]?.shape?.[0] ?? unknown('the shape of the prompt is not known');
    const longest = given(context, 1);
    const open = (dtype: 'float32' | null) => tensor(dtype, null, decidedAtRunTime(name));
    if (!beams) return [tensor('int32', [batch, longest]), open('float32')].slice(0, node.outputs.length);
    const returned = given(context, 4);
    const sequences = [tensor('int32', [batch, returned, longest]), tensor('float32', [batch, returned])];
    return [...sequences, open('float32'), open('float32'), open('float32')].slice(0, node.outputs.length);
  };
  return {
    domain,
    name,
    documentation:
      'Generation of a text, token after token. The data decides how often its decoder runs: `inspect` counts one run of ' +
      'each of its bodies and says so; its time is not measured.',
    infer,
    volatile: true,
    repeatsBodies: true,
    work: () => ({ operatorClass: 'control', nests: [], vector: [{ operation: 'add', elements: Number.NaN }] }),
  };
}

export const contribSequenceOperators: readonly Operator[] = [
  relativePositionBias,
  gatedRelativePositionBias,
  removePadding,
  restorePadding,
  quantizedEmbedding,
  gatherBlockQuantized,
  torchEmbedding,
  generation('BeamSearch', true),
  generation('WhisperBeamSearch', true),
  generation('GreedySearch', false),
  generation('Sampling', false),
];
