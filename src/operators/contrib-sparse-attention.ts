/**
 * ONNX Runtime's attention to selected entries of a cache, and what selects them
 * (https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md).
 */
import { add, floorDivide, multiply, unknown } from '../ir/dimension.ts';
import type { Dimension } from '../ir/dimension.ts';
import type { Shape, TensorType } from '../ir/graph.ts';
import { intAttribute, stringAttribute } from './attribute.ts';
import { attentionForm } from './contrib-packed-attention.ts';
import { axisSize, elementsOf, halvings, matrixProduct, vectorWork } from './counting.ts';
import { rootMeanSquareCost } from './normalization.ts';
import type { Operator, TypedNode } from './operator.ts';
import { decidedAtRunTime, dtypeOf, sameAs, tensor } from './type.ts';

const domain = 'com.microsoft';

/** Entries that a query sees: those selected, and those in its window where it sees them too. */
function visible({ node, inputs }: TypedNode, indices: number): Dimension {
  const selected = inputs[indices]?.shape?.[1] ?? unknown('the selected entries have no shape');
  const local = stringAttribute(node, 'attention_mode', 'selected_only') === 'local_plus_selected';
  return local ? add(selected, Math.max(0, intAttribute(node, 'local_window_size', 0))) : selected;
}

const headsOf = ({ node }: TypedNode): number => Math.max(1, intAttribute(node, 'num_heads', 1));
const keyHeadsOf = (typed: TypedNode): number => Math.max(1, intAttribute(typed.node, 'kv_num_heads', headsOf(typed)));

/** Queries alone, or with keys and values behind them. */
function headSize(typed: TypedNode): Dimension {
  const width = typed.inputs[0]?.shape?.at(-1) ?? unknown('the shape of the query is not known');
  return floorDivide(width, headsOf(typed) + (typed.inputs[1] === undefined ? 2 * keyHeadsOf(typed) : 0));
}

const dynamicSparseAttention = attentionForm({
  name: 'DynamicSparseAttention',
  summary: 'Attention to selected entries of a cache, counted as if all places for them were taken',
  sizes: (typed) => {
    const query = typed.inputs[0]?.shape;
    if (query?.length !== 3) return undefined;
    const size = headSize(typed);
    const [heads, keyHeads, total] = [headsOf(typed), keyHeadsOf(typed), visible(typed, 7)];
    return { batch: query[0]!, heads, keyHeads, queries: query[1]!, total, headSize: size, valueSize: size };
  },
  outputs: (typed, { batch, queries, heads, headSize: size, keyHeads }) => {
    const length = typed.inputs[3]?.shape?.[2] ?? queries;
    const cache = typed.inputs[3]?.shape ?? [batch, keyHeads, length, size];
    return [[batch, queries, multiply(heads, size)], cache, typed.inputs[4]?.shape ?? cache];
  },
  operands: { query: 0, key: 3, value: 4 },
  state: 3,
});

const sparsePagedAttention = attentionForm({
  name: 'SparsePagedAttention',
  summary: 'Attention to selected entries of a cache in pages, counted as if all places for them were taken',
  sizes: (typed) => {
    const query = typed.inputs[0]?.shape;
    if (query?.length !== 2) return undefined;
    const size = headSize(typed);
    const [heads, keyHeads, total] = [headsOf(typed), keyHeadsOf(typed), visible(typed, 9)];
    return { batch: 1, heads, keyHeads, queries: query[0]!, total, headSize: size, valueSize: size };
  },
  outputs: ({ inputs }, { queries, heads, headSize: size }) => [
    [queries, multiply(heads, size)],
    inputs[3]?.shape ?? null,
    inputs[4]?.shape ?? null,
  ],
  operands: { query: 0, key: 3, value: 4 },
  state: 3,
});

/** Queries length × batch × hidden; what is at hand of keys and values the run's own switches decide. */
const decoderAttention = attentionForm({
  name: 'DecoderAttention',
  summary: 'Attention of a decoder with its projections, to itself or to given keys',
  sizes: (typed) => {
    const [query, key, weights] = typed.inputs.map((input) => input?.shape);
    if (query?.length !== 3 || weights === undefined) return undefined;
    const heads = headsOf(typed);
    const size = floorDivide(query[2]!, heads);
    const past = typed.inputs[6]?.shape?.[2] ?? 0;
    const own = typed.values[8]?.elements[0] === 0;
    const total = own ? add(query[0]!, typed.values[9]?.elements[0] === 0 ? 0 : past) : (key?.[0] ?? query[0]!);
    return { batch: query[1]!, heads, keyHeads: heads, queries: query[0]!, total, headSize: size, valueSize: size };
  },
  outputs: (typed, { batch, heads, total, headSize: size }) => {
    const cache = [
      batch,
      heads,
      typed.values[8] === undefined ? unknown(decidedAtRunTime('DecoderAttention')) : total,
      size,
    ];
    return [typed.inputs[0]?.shape ?? null, cache, cache];
  },
  projections: [2, 3],
  projected: new Map([[3, 1]]),
  biases: [4],
  operands: { query: 0, key: 1, value: 1 },
  masks: [5],
});

/** As LongformerAttention, the weights of both kinds of tokens in 8 bits. */
const quantizedLongformer = attentionForm({
  name: 'QOrderedLongformerAttention',
  summary: 'Attention to a window on both sides, with 8-bit projections for it and for tokens that see all',
  sizes: (typed) => {
    const input = typed.inputs[0]?.shape;
    if (input?.length !== 3) return undefined;
    const heads = headsOf(typed);
    const size = floorDivide(input[2]!, heads);
    const window = 2 * intAttribute(typed.node, 'window', 1) + 1;
    const total = typeof input[1] === 'number' ? Math.min(window, input[1]) : window;
    return { batch: input[0]!, heads, keyHeads: heads, queries: input[1]!, total, headSize: size, valueSize: size };
  },
  outputs: ({ inputs }) => [inputs[0]?.shape ?? null],
  projections: [2, 8],
  biases: [4, 10],
  operands: { query: 0, key: 0, value: 0 },
  masks: [7],
});

/** Places for the entries that a query may get. */
function capacity({ node }: TypedNode): number {
  if (stringAttribute(node, 'policy_mode', 'qsa') === 'csa') return intAttribute(node, 'index_topk', 1);
  return intAttribute(node, 'token_budget', 0) + intAttribute(node, 'compress_ratio', 1) - 1;
}

const indexerDocumentation =
  'The entries of a cache that attention may read, by their scores. MACs: queries × heads × cached entries × head size; ' +
  'norms, rotation and the choice are vector work.';

/** Each query's heads are scored against the keys in the cache, which are one for all heads. */
function indexer(name: string, cache: number, outputs: (typed: TypedNode) => ReturnType<Operator['infer']>): Operator {
  return {
    domain,
    name,
    documentation: indexerDocumentation,
    infer: (context) => outputs(context).slice(0, context.node.outputs.length),
    work: ({ inputs }) => {
      const depth = axisSize(inputs[cache], -1);
      const batch = axisSize(inputs[cache], 0);
      const entries = axisSize(inputs[cache], 1);
      const rows = elementsOf(inputs[0]) / Math.max(1, depth * batch);
      const scores = batch * rows * entries;
      return {
        operatorClass: 'matmul',
        nests: [matrixProduct({ batch, rows, columns: entries, depth }, { stationaryInput: cache })],
        vector: [
          ...vectorWork(elementsOf(inputs[0]), { ...rootMeanSquareCost, multiply: rootMeanSquareCost.multiply! + 2 }),
          ...vectorWork(scores, { add: 2, sort: halvings(Math.max(2, entries)) }),
        ],
      };
    },
    parameterInputs: [2, 3],
  };
}

/** A cache of too few dimensions is not one: then nothing is known. */
function grownAt(cache: TensorType | undefined, axis: number, grown: Dimension): Shape | null {
  return cache?.shape && axis < cache.shape.length ? cache.shape.with(axis, grown) : null;
}

const sparseIndexer = indexer('SparseAttentionIndexer', 7, (typed) => {
  const [query, , , , , , , past] = typed.inputs;
  const rows = query?.shape?.slice(0, -1) ?? null;
  const grown = unknown(decidedAtRunTime('SparseAttentionIndexer'));
  const shared = typed.inputs[12] !== undefined;
  const key = shared ? sameAs(past) : tensor(dtypeOf(past), grownAt(past, 1, grown), past?.reason);
  return [
    tensor('int32', rows && [...rows, capacity(typed)], query?.reason),
    key,
    tensor(dtypeOf(query), grownAt(typed.inputs[13], 2, grown), decidedAtRunTime('SparseAttentionIndexer')),
  ];
});

const packedIndexer = indexer('PackedSparseAttentionIndexer', 12, (typed) => {
  const { inputs, node } = typed;
  const tokens = inputs[0]?.shape?.[0] ?? unknown('the shape of the query is not known');
  const batch = inputs[7]?.shape?.[0] ?? unknown('the lengths of the past have no shape');
  const size = inputs[12]?.shape?.[2] ?? unknown('the state has no shape');
  const places = intAttribute(node, 'max_output_entries', 0) || capacity(typed);
  return [
    tensor('int32', [tokens, places]),
    tensor('int32', [tokens]),
    sameAs(inputs[12]),
    sameAs(inputs[13]),
    sameAs(inputs[14]),
    sameAs(inputs[15]),
    tensor(dtypeOf(inputs[0]), [batch, intAttribute(node, 'state_update_capacity', 0), size]),
    tensor('int32', [tokens]),
    tensor('int32', [batch]),
  ];
});

const indexerMerge: Operator = {
  domain,
  name: 'PackedSparseAttentionIndexerMerge',
  documentation: 'Selections joined, each entry once. 1 comparison for each place.',
  infer: ({ node, inputs }) => {
    const rows = inputs[2]?.shape?.[0] ?? unknown('the mapping of the rows has no shape');
    const places = intAttribute(node, 'max_output_entries', 1);
    return [tensor('int32', [rows, places]), tensor('int32', [rows]), tensor('int32', [rows])];
  },
  work: (_, [merged]) => ({
    operatorClass: 'data-movement',
    nests: [],
    vector: vectorWork(elementsOf(merged), { add: 1 }),
  }),
};

export const contribSparseAttentionOperators: readonly Operator[] = [
  dynamicSparseAttention,
  sparsePagedAttention,
  decoderAttention,
  quantizedLongformer,
  sparseIndexer,
  packedIndexer,
  indexerMerge,
];
