/**
 * ONNX Runtime's further attention operators: for packed batches, single decoding steps, sparse and paged caches
 * (https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md).
 */
import { add, floorDivide, isKnown, multiply, unknown } from '../ir/dimension.ts';
import type { Dimension } from '../ir/dimension.ts';
import type { Shape, TensorType } from '../ir/graph.ts';
import { intAttribute, intsAttribute } from './attribute.ts';
import { attentionDocumentation, attentionNests, numericSizes, scoreWork } from './attention.ts';
import type { AttentionSizes } from './attention.ts';
import { axisSize, matrixProduct, vectorWork } from './counting.ts';
import type { Operator, TypedNode } from './operator.ts';
import { decidedAtRunTime, dtypeOf, shapeUnknownAs, tensor } from './type.ts';
import type { Work } from './work.ts';

export interface AttentionForm {
  readonly name: string;
  readonly summary: string;
  readonly sizes: (typed: TypedNode) => AttentionSizes<Dimension> | undefined;
  /** Shapes of the outputs: the first has the query's type, those behind it that of `state`. */
  readonly outputs: (typed: TypedNode, sizes: AttentionSizes<Dimension>) => readonly (Shape | null)[];
  /** Matrices that project the input inside of the operator, and the biases of all of them. */
  readonly projections?: readonly number[];
  /** By matrix, where an operand of its own goes through it: the input's position; absent: the queries do. */
  readonly projected?: ReadonlyMap<number, number>;
  readonly biases?: readonly number[];
  readonly operands: { readonly query: number; readonly key: number; readonly value: number };
  readonly masks?: readonly number[];
  readonly state?: number;
}

const headsOf = ({ node }: TypedNode): number => intAttribute(node, 'num_heads', 0);

/** The past's axis 3 of [2, batch, heads, length, size], or 2 of [batch, heads, length, size]. */
function lengthOf(past: TensorType | undefined): Dimension {
  if (past === undefined) return 0;
  return past.shape?.at(-2) ?? unknown('the shape of the past is not known');
}

const sharesBuffer = ({ node }: TypedNode) => intAttribute(node, 'past_present_share_buffer', 0) !== 0;

/** A token more than the past holds; a shared buffer holds room for more, of which the value tells what is filled. */
function decodedLength(typed: TypedNode, past: number, length: number): Dimension {
  const filled = typed.values[length]?.elements[0];
  if (!sharesBuffer(typed)) return add(lengthOf(typed.inputs[past]), 1);
  return filled === undefined ? lengthOf(typed.inputs[past]) : add(filled, 1);
}

/** Weights of input hidden × (queries, keys and values side by side). */
function projectedSizes(typed: TypedNode, weights: number): Pick<AttentionSizes<Dimension>, 'headSize' | 'valueSize'> {
  const [query, , value] = intsAttribute(typed.node, 'qkv_hidden_sizes', []);
  const third = floorDivide(typed.inputs[weights]?.shape?.[1] ?? unknown('the weights have no shape'), 3);
  const heads = Math.max(1, headsOf(typed));
  return { headSize: floorDivide(query ?? third, heads), valueSize: floorDivide(value ?? third, heads) };
}

/** Batch and length of what was packed, from the offsets of its tokens. */
function packedSizes(
  typed: TypedNode,
  offsets: number,
): Pick<AttentionSizes<Dimension>, 'batch' | 'queries' | 'total'> {
  const [batch, length] = typed.inputs[offsets]?.shape ?? [];
  const missing = unknown('the offsets of the tokens have no shape');
  return { batch: batch ?? missing, queries: length ?? missing, total: length ?? missing };
}

const tokensBy = ({ inputs }: TypedNode, width: Dimension): Shape => [
  inputs[0]?.shape?.[0] ?? unknown('the shape of the input is not known'),
  width,
];

const forms: readonly AttentionForm[] = [
  {
    name: 'PackedAttention',
    summary: 'Multi-head attention with its projections over tokens without padding, counted with it',
    sizes: (typed) => {
      const heads = headsOf(typed);
      return { ...packedSizes(typed, 3), ...projectedSizes(typed, 1), heads, keyHeads: heads };
    },
    outputs: (typed, { heads, valueSize }) => [tokensBy(typed, multiply(heads, valueSize))],
    projections: [1],
    biases: [2],
    operands: { query: 0, key: 0, value: 0 },
    masks: [5],
  },
  {
    name: 'PackedMultiHeadAttention',
    summary: 'Multi-head attention over tokens without padding, counted with it',
    sizes: (typed) => {
      const [query, , value] = typed.inputs.map((input) => input?.shape);
      const heads = headsOf(typed);
      if (!query || query.length < 2 || heads <= 0) return undefined;
      const headSize = query.length === 4 ? query[3]! : floorDivide(query[1]!, heads);
      const valueSize = value?.length === 2 ? floorDivide(value[1]!, heads) : headSize;
      return { ...packedSizes(typed, 4), heads, keyHeads: heads, headSize, valueSize };
    },
    outputs: (typed, { heads, valueSize }) => [tokensBy(typed, multiply(heads, valueSize))],
    biases: [3],
    operands: { query: 0, key: 1, value: 2 },
    masks: [6],
  },
  {
    name: 'DecoderMaskedSelfAttention',
    summary: 'Attention of one token, with its projections, to itself and the past',
    sizes: (typed) => {
      const heads = headsOf(typed);
      const batch = typed.inputs[0]?.shape?.[0];
      if (batch === undefined || heads <= 0) return undefined;
      const total = decodedLength(typed, 4, 6);
      return { batch, heads, keyHeads: heads, queries: 1, total, ...projectedSizes(typed, 1) };
    },
    outputs: (typed, { batch, heads, total, headSize, valueSize }) => [
      [batch, 1, multiply(heads, valueSize)],
      sharesBuffer(typed) ? (typed.inputs[4]?.shape ?? null) : [2, batch, heads, total, headSize],
    ],
    projections: [1],
    biases: [2],
    operands: { query: 0, key: 4, value: 4 },
    masks: [3, 5],
    state: 4,
  },
  {
    name: 'DecoderMaskedMultiHeadAttention',
    summary: 'Attention of one token to itself and the past, or to given keys and values',
    sizes: decoderMaskedSizes,
    outputs: (typed, { batch, heads, total, headSize, valueSize }) => {
      const shared = sharesBuffer(typed);
      return [
        [batch, 1, multiply(heads, valueSize)],
        shared ? (typed.inputs[5]?.shape ?? null) : [batch, heads, total, headSize],
        shared ? (typed.inputs[6]?.shape ?? null) : [batch, heads, total, valueSize],
        [batch, heads, 1, total],
      ];
    },
    biases: [10],
    operands: { query: 0, key: 1, value: 2 },
    masks: [3, 4],
    state: 5,
  },
  {
    name: 'SparseAttention',
    summary: 'Attention to blocks of a cache, counted as if to all of them',
    sizes: (typed) => {
      const query = typed.inputs[0]?.shape;
      const heads = headsOf(typed);
      const keyHeads = intAttribute(typed.node, 'kv_num_heads', heads);
      if (query?.length !== 3 || heads <= 0 || keyHeads <= 0) return undefined;
      const headSize = floorDivide(query[2]!, typed.inputs[1] === undefined ? heads + 2 * keyHeads : heads);
      const total = typed.values[7]?.elements[0] ?? lengthOf(typed.inputs[3]);
      return { batch: query[0]!, heads, keyHeads, queries: query[1]!, total, headSize, valueSize: headSize };
    },
    outputs: ({ inputs }, { batch, queries, heads, headSize }) => [
      [batch, queries, multiply(heads, headSize)],
      inputs[3]?.shape ?? null,
      inputs[4]?.shape ?? null,
    ],
    operands: { query: 0, key: 3, value: 4 },
    state: 3,
  },
  {
    name: 'PagedAttention',
    summary: 'Attention to a cache in pages, counted as if all of a sequence were filled',
    sizes: (typed) => {
      const query = typed.inputs[0]?.shape;
      const cache = typed.inputs[3]?.shape;
      const heads = headsOf(typed);
      const keyHeads = intAttribute(typed.node, 'kv_num_heads', heads);
      if (query?.length !== 2 || cache?.length !== 4 || heads <= 0) return undefined;
      const headSize = floorDivide(query[1]!, typed.inputs[1] === undefined ? heads + 2 * keyHeads : heads);
      const pages = typed.inputs[7]?.shape?.[1] ?? unknown('the table of pages has no shape');
      const valueSize = intAttribute(typed.node, 'v_head_size', 0) || headSize;
      return { batch: 1, heads, keyHeads, queries: query[0]!, total: multiply(pages, cache[1]!), headSize, valueSize };
    },
    outputs: ({ inputs }, { queries, heads, valueSize }) => [
      [queries, multiply(heads, valueSize)],
      inputs[3]?.shape ?? null,
      inputs[4]?.shape ?? null,
    ],
    operands: { query: 0, key: 3, value: 4 },
    state: 3,
  },
  {
    name: 'LongformerAttention',
    summary: 'Attention to a window on both sides, with projections for it and for tokens that see all',
    sizes: (typed) => {
      const input = typed.inputs[0]?.shape;
      const heads = headsOf(typed);
      if (input?.length !== 3 || heads <= 0) return undefined;
      const window = 2 * intAttribute(typed.node, 'window', 1) + 1;
      const total = isKnown(input[1]!) ? Math.min(window, input[1]) : window;
      return {
        ...{ batch: input[0]!, heads, keyHeads: heads, queries: input[1]!, total },
        ...projectedSizes(typed, 1),
      };
    },
    outputs: (_, { batch, queries, heads, valueSize }) => [[batch, queries, multiply(heads, valueSize)]],
    projections: [1, 4],
    biases: [2, 5],
    operands: { query: 0, key: 0, value: 0 },
    masks: [3],
  },
  {
    name: 'QOrderedAttention',
    summary: 'Multi-head attention with projections of 8-bit integers',
    sizes: (typed) => {
      const input = typed.inputs[0]?.shape;
      const heads = headsOf(typed);
      if (input?.length !== 3 || heads <= 0) return undefined;
      const missing = unknown('the weights have no shape');
      const headSize = floorDivide(typed.inputs[5]?.shape?.[1] ?? missing, heads);
      const valueSize = floorDivide(typed.inputs[7]?.shape?.[1] ?? missing, heads);
      return { batch: input[0]!, heads, keyHeads: heads, queries: input[1]!, total: input[1]!, headSize, valueSize };
    },
    outputs: (_, { batch, queries, heads, valueSize }) => [[batch, queries, multiply(heads, valueSize)]],
    projections: [5, 6, 7],
    biases: [11, 12, 13],
    operands: { query: 0, key: 0, value: 0 },
    masks: [17, 19],
  },
];

/** Query batch × 1 × hidden, or packed with key and value; a key of four axes is that of the other sequence. */
function decoderMaskedSizes(typed: TypedNode): AttentionSizes<Dimension> | undefined {
  const [query, key, value] = typed.inputs.map((input) => input?.shape);
  const heads = headsOf(typed);
  if (query?.length !== 3 || heads <= 0) return undefined;
  const headSize = floorDivide(query[2]!, key ? heads : 3 * heads);
  const across = key?.length === 4;
  const valueSize = across ? (value?.[3] ?? headSize) : value?.[2] ? floorDivide(value[2], heads) : headSize;
  const total = across ? key[2]! : decodedLength(typed, 5, 7);
  return { batch: query[0]!, heads, keyHeads: heads, queries: 1, total, headSize, valueSize };
}

function workOf(typed: TypedNode, form: AttentionForm): Work {
  const sizes = form.sizes(typed);
  if (sizes === undefined) return { operatorClass: 'matmul', nests: [], vector: [] };
  const numeric = numericSizes(sizes);
  const rows = numeric.batch * numeric.queries;
  const projections = (form.projections ?? []).map((position) => {
    const weight = typed.inputs[position];
    const operand = form.projected?.get(position);
    const own = operand === undefined ? rows : axisSize(typed.inputs[operand], 0) * axisSize(typed.inputs[operand], 1);
    const product = { rows: own, columns: axisSize(weight, 1), depth: axisSize(weight, 0) };
    return matrixProduct(product, { stationaryInput: position });
  });
  const masks = (form.masks ?? []).filter((position) => typed.inputs[position] !== undefined).length;
  const biased = projections.reduce((sum, { OY, K }) => sum + OY * K, 0);
  return {
    operatorClass: 'matmul',
    nests: [...projections, ...attentionNests(numeric, form.operands)],
    vector: [...vectorWork(biased, { add: 1 }), ...scoreWork(numeric, masks)],
  };
}

/** The entry of an attention operator of this form. */
export function attentionForm(form: AttentionForm): Operator {
  const projected = form.projections ? 'MACs of the projections: rows × inputs × outputs. ' : '';
  return {
    domain: 'com.microsoft',
    name: form.name,
    documentation: `${form.summary}. ${projected}${attentionDocumentation}`,
    infer: (context) => {
      const sizes = form.sizes(context);
      const dtype = dtypeOf(context.inputs[0]);
      const state = form.state === undefined ? dtype : (dtypeOf(context.inputs[form.state]) ?? dtype);
      if (sizes === undefined) return context.node.outputs.map(() => shapeUnknownAs(dtype, context.inputs[0]));
      return form
        .outputs(context, sizes)
        .slice(0, context.node.outputs.length)
        .map((shape, position) => tensor(position === 0 ? dtype : state, shape, decidedAtRunTime(form.name)));
    },
    work: (typed) => workOf(typed, form),
    parameterInputs: [...(form.projections ?? []), ...(form.biases ?? [])],
  };
}

export const contribPackedAttentionOperators: readonly Operator[] = forms.map(attentionForm);
