/**
 * ONNX Runtime's operators on tokens: hashes of n-grams, speculative decoding, splitting of strings, embeddings
 * (https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md).
 */
import { add, unknown } from '../ir/dimension.ts';
import type { Dimension } from '../ir/dimension.ts';
import { intAttribute } from './attribute.ts';
import { dataTypeAttribute } from './cast.ts';
import { axisSize, elementsOf, matrixProduct, vectorWork } from './counting.ts';
import { moveWork } from './movement.ts';
import type { Operator, TypedNode } from './operator.ts';
import { decidedAtRunTime, dtypeOf, sameAs, shapeUnknownAs, tensor } from './type.ts';
import type { Work } from './work.ts';

const domain = 'com.microsoft';

const longest = ({ node }: TypedNode): number => intAttribute(node, 'max_ngram_size', 2);

/** For each n from 2 to the longest n-gram, so many hashes of each token. */
const hashCount = (typed: TypedNode): number => (longest(typed) - 1) * intAttribute(typed.node, 'n_head_per_ngram', 1);

/** A product and an exclusive or for each token of the n-gram, and the remainder. */
function hashWork(typed: TypedNode, [hashes]: Parameters<NonNullable<Operator['work']>>[1]): Work {
  const elements = elementsOf(hashes);
  return {
    operatorClass: 'elementwise',
    nests: [],
    vector: vectorWork(elements, { multiply: longest(typed), add: longest(typed), divide: 1 }),
  };
}

const hashDocumentation =
  'Hashes of the n-grams that end in each token. For each hash a multiplication and an addition for each token of the ' +
  'longest n-gram, and 1 division.';

const hashMapping: Operator = {
  domain,
  name: 'NGramHashMapping',
  documentation: hashDocumentation,
  infer: (context) => {
    const [ids] = context.inputs;
    const dtype = dtypeOf(ids);
    if (!ids?.shape) return context.node.outputs.map(() => shapeUnknownAs(dtype, ids));
    const kept = longest(context) - 1;
    const types = [tensor(dtype, [...ids.shape, hashCount(context)]), tensor(dtype, [ids.shape[0] ?? 1, kept])];
    return types.slice(0, context.node.outputs.length);
  },
  work: hashWork,
};

/** Tokens of all sequences stand behind each other; their offsets tell how many sequences there are. */
const varlenHashMapping: Operator = {
  domain,
  name: 'VarlenNGramHashMapping',
  documentation: `${hashDocumentation} Sequences stand behind each other.`,
  infer: (context) => {
    const [ids, , , offsets] = context.inputs;
    const dtype = dtypeOf(ids);
    if (!ids?.shape) return context.node.outputs.map(() => shapeUnknownAs(dtype, ids));
    const batch = sequencesOf(offsets?.shape?.[0]);
    const kept = longest(context) - 1;
    return [
      tensor(dtype, [...ids.shape, hashCount(context)]),
      tensor(dtype, [batch, kept]),
      tensor('int32', [batch, kept]),
      tensor(dtype, [batch, intAttribute(context.node, 'state_update_capacity', 0), kept]),
    ].slice(0, context.node.outputs.length);
  },
  work: hashWork,
};

/** Sequences by the length of their offsets, which hold one more. */
export function sequencesOf(offsets: Dimension | undefined): Dimension {
  return offsets === undefined ? unknown('the offsets of the sequences have no shape') : add(offsets, -1);
}

/** Predictions are taken over up to where they and the source part. */
const bifurcationDetector: Operator = {
  domain,
  name: 'BifurcationDetector',
  documentation: 'Tokens that a guess got right, added to those there are. 1 comparison per token of the source.',
  infer: ({ inputs: [, current] }) => [
    tensor('int64', current?.shape ? [unknown(decidedAtRunTime('BifurcationDetector'))] : null, current?.reason),
    tensor('int64', [1]),
  ],
  upperBound: ({ inputs: [, current, , guess] }) => [
    tensor('int64', [add(current?.shape?.[0] ?? 0, guess?.shape?.[0] ?? 0)]),
    tensor('int64', [1]),
  ],
  work: ({ inputs }) => ({
    operatorClass: 'control',
    nests: [],
    vector: vectorWork(elementsOf(inputs[0]), { add: 1 }),
  }),
};

const prefixCommit: Operator = {
  domain,
  name: 'SpeculativePrefixCommit',
  documentation: 'Takes over the tokens that a verifier agrees with. 1 addition per predicted token.',
  infer: ({ inputs: [predicted, , , control, context] }) => {
    const batch = predicted?.shape?.length === 1 ? 1 : predicted?.shape?.[0];
    const head = batch === undefined ? shapeUnknownAs('int32', predicted) : tensor('int32', [batch]);
    return [head, sameAs(control), sameAs(context)];
  },
  work: ({ inputs }) => ({
    operatorClass: 'control',
    nests: [],
    vector: vectorWork(elementsOf(inputs[0]), { add: 1 }),
  }),
};

const tokenizer: Operator = {
  domain,
  name: 'Tokenizer',
  documentation: 'Strings split into tokens, padded to the longest. 1 move per output element.',
  infer: ({ inputs: [text] }) => {
    if (!text?.shape) return [shapeUnknownAs('string', text)];
    return [tensor('string', [...text.shape, unknown(decidedAtRunTime('Tokenizer'))])];
  },
  work: moveWork,
};

/** Words are rows of characters: each is looked up, convolved over the word, and the largest answer kept. */
const wordConvolution: Operator = {
  domain,
  name: 'WordConvEmbedding',
  documentation:
    'Vectors of words from the vectors of their characters by a convolution and its maximum. MACs: words × positions × ' +
    'filters × window × character size; 1 exponential and 1 comparison for each answer.',
  infer: ({ inputs: [words, weight] }) => {
    const filters = weight?.shape?.[0];
    if (!words?.shape || filters === undefined) return [shapeUnknownAs('float32', words)];
    return [tensor('float32', [...words.shape.slice(0, -1), filters])];
  },
  work: ({ node, inputs }) => {
    const [words, weight, , characters] = inputs;
    const length = axisSize(words, -1);
    const window = intAttribute(node, 'conv_window_size', axisSize(weight, 2));
    const positions = Math.max(0, length - window + 1);
    const rows = (elementsOf(words) / Math.max(1, length)) * positions;
    const depth = window * intAttribute(node, 'char_embedding_size', axisSize(characters, 1));
    const columns = axisSize(weight, 0);
    return {
      operatorClass: 'convolution',
      nests: [matrixProduct({ rows, columns, depth })],
      vector: vectorWork(rows * columns, { exponential: 1, add: 2 }),
    };
  },
  parameterInputs: [1, 2, 3],
};

/** Rows of a table whose elements are packed in a layout that `packed_type` names. */
const gatherPacked: Operator = {
  domain,
  name: 'GatherPacked',
  documentation: 'Rows of a packed table, unpacked. 1 move, 1 conversion and 1 multiplication per output element.',
  infer: (context) => {
    const indices = context.inputs[1];
    const dtype = dataTypeAttribute(context, 'output_dtype', 'bfloat16');
    const width = intAttribute(context.node, 'K', undefined);
    if (!indices?.shape || width === undefined) return [shapeUnknownAs(dtype, indices)];
    return [tensor(dtype, [...indices.shape, width])];
  },
  work: (_, [output]) => ({
    operatorClass: 'data-movement',
    nests: [],
    vector: vectorWork(elementsOf(output), { move: 1, convert: 1, multiply: 1 }),
  }),
  parameterInputs: [0],
};

/** Block floating point: bytes of blocks that share an exponent; how many there are its type decides. */
const quantizeBlocks: Operator = {
  domain,
  name: 'QuantizeBFP',
  documentation: 'Floats to blocks that share an exponent. 1 conversion per element.',
  infer: ({ inputs: [input] }) => {
    const bytes = tensor('uint8', [unknown('the type of block floating point decides it')]);
    const rank = input?.shape ? tensor('int64', [input.shape.length]) : shapeUnknownAs('int64', input);
    return [bytes, rank, rank];
  },
  work: ({ inputs }) => ({
    operatorClass: 'quantize',
    nests: [],
    vector: vectorWork(elementsOf(inputs[0]), { convert: 1 }),
  }),
  parameterInputs: [0],
};

const dequantizeBlocks: Operator = {
  domain,
  name: 'DequantizeBFP',
  documentation: 'Blocks that share an exponent to floats. 1 conversion per element.',
  infer: (context) => {
    const shape = context.values[1]?.elements ?? null;
    return [tensor(dataTypeAttribute(context, 'dtype', 'float32'), shape, decidedAtRunTime('DequantizeBFP'))];
  },
  work: (_, [output]) => ({
    operatorClass: 'quantize',
    nests: [],
    vector: vectorWork(elementsOf(output), { convert: 1 }),
  }),
  parameterInputs: [0],
};

/** ONNX Runtime's example of an operator. */
const sample: Operator = {
  domain,
  name: 'SampleOp',
  documentation: 'Passes its input on. 1 move per element.',
  infer: ({ inputs }) => [sameAs(inputs[0])],
  work: moveWork,
};

export const contribTokenOperators: readonly Operator[] = [
  hashMapping,
  varlenHashMapping,
  bifurcationDetector,
  prefixCommit,
  tokenizer,
  wordConvolution,
  gatherPacked,
  quantizeBlocks,
  dequantizeBlocks,
  sample,
];
