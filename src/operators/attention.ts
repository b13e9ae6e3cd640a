/** Scaled dot-product attention of ai.onnx: scores, softmax and weighted sum in one operator. */
import { bodiesOf } from '../ir/bodies.ts';
import { add, floorDivide, multiply, unknown } from '../ir/dimension.ts';
import type { Dimension } from '../ir/dimension.ts';
import type { TensorType } from '../ir/graph.ts';
import { floatAttribute, intAttribute, stringAttribute } from './attribute.ts';
import { axisSize, elementsOf, matrixProduct, vectorWork } from './counting.ts';
import type { Cost } from './counting.ts';
import type { Operator, TypedNode } from './operator.ts';
import { softmaxCost } from './softmax.ts';
import { dtypeOf, sameAs, shapeUnknownAs, tensor } from './type.ts';
import type { LoopNest, VectorWork } from './work.ts';

/** Sizes of one attention: `heads` are those of the queries, `total` the keys with those of the past. */
export interface AttentionSizes<Size> {
  readonly batch: Size;
  readonly heads: Size;
  readonly keyHeads: Size;
  readonly queries: Size;
  readonly total: Size;
  readonly headSize: Size;
  readonly valueSize: Size;
}

/** Each head is a group: queries × keys over the head's size, then queries × values over the keys. */
export function attentionNests(
  sizes: AttentionSizes<number>,
  positions: { readonly query: number; readonly key: number; readonly value: number },
): readonly LoopNest[] {
  const { batch, heads, queries, total, headSize, valueSize } = sizes;
  return [
    matrixProduct(
      { batch: batch * heads, rows: queries, columns: total, depth: headSize },
      { streamedInput: positions.query, stationaryInput: positions.key },
    ),
    matrixProduct(
      { batch: batch * heads, rows: queries, columns: valueSize, depth: total },
      { streamedInput: positions.query, stationaryInput: positions.value },
    ),
  ];
}

/** Each score is scaled, masked where there is a mask, and goes through the softmax. */
export function scoreWork({ batch, heads, queries, total }: AttentionSizes<number>, masks: number): VectorWork[] {
  const scores = batch * heads * queries * total;
  return [...vectorWork(scores, { multiply: 1, add: masks }), ...vectorWork(scores, softmaxCost)];
}

export const attentionDocumentation =
  'MACs: batch × heads × queries × keys × (head size + value head size); scaling, masks and softmax are vector work ' +
  'for each score.';

/** Sizes as numbers; a size that is none counts 0. */
export function numericSizes(sizes: AttentionSizes<Dimension>): AttentionSizes<number> {
  const numeric = (size: Dimension) => (typeof size === 'number' ? size : 0);
  return {
    batch: numeric(sizes.batch),
    heads: numeric(sizes.heads),
    keyHeads: numeric(sizes.keyHeads),
    queries: numeric(sizes.queries),
    total: numeric(sizes.total),
    headSize: numeric(sizes.headSize),
    valueSize: numeric(sizes.valueSize),
  };
}

/** Operands are batch × heads × length × size, or batch × length × heads·size with the heads in attributes. */
function sizesOf({ node, inputs }: TypedNode): AttentionSizes<Dimension> | undefined {
  const query = inputs[0]?.shape;
  const key = inputs[1]?.shape;
  const value = inputs[2]?.shape;
  const past = inputs[4]?.shape?.[2] ?? (inputs[4] === undefined ? 0 : unknown('the past is not known'));
  if (!query || key?.length !== query.length || value?.length !== query.length) return undefined;
  if (query.length !== 3 && query.length !== 4) return undefined;
  const packed = query.length === 3;
  const missing = unknown('the number of heads is not given');
  const heads = packed ? (intAttribute(node, 'q_num_heads', undefined) ?? missing) : query[1]!;
  const keyHeads = packed ? (intAttribute(node, 'kv_num_heads', undefined) ?? missing) : key[1]!;
  return {
    batch: query[0]!,
    heads,
    keyHeads,
    queries: query.at(-2)!,
    total: add(key.at(-2)!, past),
    headSize: packed ? floorDivide(query[2]!, heads) : query[3]!,
    valueSize: packed ? floorDivide(value[2]!, keyHeads) : value[3]!,
  };
}

function infer(context: TypedNode): TensorType[] {
  const { node, inputs } = context;
  const [query, , value] = inputs;
  const sizes = sizesOf(context);
  const dtype = dtypeOf(query);
  const valueDtype = dtypeOf(value);
  if (sizes === undefined) return node.outputs.map(() => shapeUnknownAs(dtype, query));
  const { batch, heads, keyHeads, queries, total, headSize, valueSize } = sizes;
  const packed = query?.shape?.length === 3;
  const output = packed ? [batch, queries, multiply(heads, valueSize)] : [batch, heads, queries, valueSize];
  return [
    tensor(dtype, output),
    tensor(dtype, [batch, keyHeads, total, headSize]),
    tensor(valueDtype, [batch, keyHeads, total, valueSize]),
    tensor(dtype, [batch, heads, queries, total]),
  ].slice(0, node.outputs.length);
}

const attention: Operator = {
  domain: '',
  name: 'Attention',
  documentation: `Scaled dot-product attention. ${attentionDocumentation}`,
  infer,
  work: (typed) => {
    const sizes = sizesOf(typed);
    if (sizes === undefined) return { operatorClass: 'matmul', nests: [], vector: [] };
    const numeric = numericSizes(sizes);
    const scores = numeric.batch * numeric.heads * numeric.queries * numeric.total;
    const softcap: Cost = floatAttribute(typed.node, 'softcap', 0) > 0 ? { exponential: 1, multiply: 2 } : {};
    return {
      operatorClass: 'matmul',
      nests: attentionNests(numeric, { query: 0, key: 1, value: 2 }),
      vector: [...scoreWork(numeric, typed.inputs[3] === undefined ? 0 : 1), ...vectorWork(scores, softcap)],
    };
  },
};

const linearAttention: Operator = {
  domain: '',
  name: 'LinearAttention',
  documentation:
    'Attention by a state of key size × value size, updated token after token. MACs: for each token and head key ' +
    'size × value size to update the state (twice that for the delta rules) and as much to read it.',
  infer: (context) => {
    const { node, inputs } = context;
    const [query, key, value, past] = inputs;
    const dtype = dtypeOf(query);
    const stateDtype = dtypeOf(past) ?? dtype;
    const heads = intAttribute(node, 'q_num_heads', 1);
    const keyHeads = intAttribute(node, 'kv_num_heads', 1);
    if (query?.shape?.length !== 3 || key?.shape?.length !== 3 || value?.shape?.length !== 3)
      return [shapeUnknownAs(dtype, query), shapeUnknownAs(stateDtype, query)];
    const [batch, length] = query.shape as [Dimension, Dimension];
    const keySize = floorDivide(key.shape[2]!, keyHeads);
    const valueSize = floorDivide(value.shape[2]!, keyHeads);
    return [
      tensor(dtype, [batch, length, multiply(valueSize, heads)]),
      tensor(stateDtype, [batch, keyHeads, keySize, valueSize]),
    ];
  },
  work: ({ node, inputs }, [output]) => {
    const heads = intAttribute(node, 'q_num_heads', 1);
    const keyHeads = intAttribute(node, 'kv_num_heads', 1);
    const keySize = axisSize(inputs[1], 2) / keyHeads;
    const valueSize = axisSize(inputs[2], 2) / keyHeads;
    const batch = axisSize(inputs[0], 0);
    const steps = axisSize(inputs[0], 1);
    const delta = stringAttribute(node, 'update_rule', 'gated_delta').includes('delta');
    const update = { batch: batch * keyHeads, rows: delta ? 2 : 1, columns: valueSize, depth: keySize };
    const read = { batch: batch * heads, rows: 1, columns: valueSize, depth: keySize };
    const sequential = { sequentialSteps: steps };
    return {
      operatorClass: 'recurrent',
      nests: [
        matrixProduct(update, { ...sequential, streamedInput: 1, stationaryInput: 2 }),
        matrixProduct(read, sequential),
      ],
      vector: vectorWork(elementsOf(output), { multiply: 1 }),
    };
  },
};

/** The graphs in its attributes change scores and probabilities element by element. */
const flexAttention: Operator = {
  domain: 'ai.onnx.preview',
  name: 'FlexAttention',
  documentation:
    `Scaled dot-product attention with changes of its scores given as graphs. ${attentionDocumentation} Each node of ` +
    'those graphs is 1 addition for each score.',
  infer: (context) => {
    const sizes = sizesOf(context);
    const dtype = dtypeOf(context.inputs[0]);
    if (sizes === undefined) return [shapeUnknownAs(dtype, context.inputs[0])];
    const { batch, heads, queries, total, valueSize } = sizes;
    for (const [, body] of bodiesOf(context.node))
      context.inferBody(body, [tensor(dtype, [batch, heads, queries, total])]);
    return [tensor(dtype, [batch, heads, queries, valueSize])];
  },
  work: (typed) => {
    const sizes = sizesOf(typed);
    if (sizes === undefined) return { operatorClass: 'matmul', nests: [], vector: [] };
    const changes = bodiesOf(typed.node).reduce((sum, [, body]) => sum + body.nodes.length, 0);
    const numeric = numericSizes(sizes);
    const nests = attentionNests(numeric, { query: 0, key: 1, value: 2 });
    return { operatorClass: 'matmul', nests, vector: scoreWork(numeric, changes) };
  },
};

/** Each pair of elements is turned by an angle from the tables: 2 products and 1 sum for each element. */
const rotaryEmbeddings: readonly Operator[] = ['', 'com.microsoft'].map((domain) => ({
  domain,
  name: 'RotaryEmbedding',
  documentation: 'Rotation of pairs of elements by position. 2 multiplications and 1 addition per element.',
  infer: ({ inputs }) => [sameAs(inputs[0])],
  work: (_, [output]) => ({
    operatorClass: 'elementwise',
    nests: [],
    vector: vectorWork(elementsOf(output), { multiply: 2, add: 1 }),
  }),
}));

export const attentionOperators: readonly Operator[] = [attention, linearAttention, flexAttention, ...rotaryEmbeddings];
