/**
 * ONNX Runtime's attention operators, with projections or packed operands inside
 * (https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md).
 */
import { add, floorDivide, multiply, unknown } from '../ir/dimension.ts';
import type { Dimension } from '../ir/dimension.ts';
import type { Shape, TensorType } from '../ir/graph.ts';
import { intAttribute, intsAttribute } from './attribute.ts';
import { attentionDocumentation, attentionNests, numericSizes, scoreWork } from './attention.ts';
import type { AttentionSizes } from './attention.ts';
import { axisSize, elementsOf, matrixProduct, vectorWork } from './counting.ts';
import type { Operator, TypedNode } from './operator.ts';
import { dtypeOf, shapeUnknownAs, tensor } from './type.ts';

const domain = 'com.microsoft';

type Sizes = AttentionSizes<Dimension>;

/** Length of the past, from an operand whose axis `axis` it is; 0 without a past. */
function pastLength(past: TensorType | undefined, axis: number): Dimension {
  if (past === undefined) return 0;
  return past.shape?.[axis] ?? unknown('the shape of the past is not known');
}

function outputTypes(
  { node, inputs }: TypedNode,
  sizes: Sizes | undefined,
  present: (sizes: Sizes) => Shape[],
): TensorType[] {
  const dtype = dtypeOf(inputs[0]);
  if (sizes === undefined) return node.outputs.map(() => shapeUnknownAs(dtype, inputs[0]));
  const { batch, heads, queries, valueSize } = sizes;
  const shapes = [[batch, queries, multiply(heads, valueSize)], ...present(sizes)];
  return shapes.slice(0, node.outputs.length).map((shape) => tensor(dtype, shape));
}

/** Keys and values apart, each batch × key heads × total × size. */
const separatePresent = ({ batch, keyHeads, total, headSize, valueSize }: Sizes): Shape[] => [
  [batch, keyHeads, total, headSize],
  [batch, keyHeads, total, valueSize],
];

interface ProjectedForm {
  readonly name: string;
  readonly summary: string;
  readonly mask: number;
  readonly past: number;
  readonly added?: number;
  readonly quantized: boolean;
}

const projectedForms: readonly ProjectedForm[] = [
  {
    name: 'Attention',
    summary: 'Multi-head attention with its projections',
    mask: 3,
    past: 4,
    added: 5,
    quantized: false,
  },
  { name: 'QAttention', summary: 'Multi-head attention with 8-bit projections', mask: 5, past: 8, quantized: true },
];

/** Input batch × length × hidden, weights hidden × (queries, keys and values side by side). */
function projectedSizes({ node, inputs }: TypedNode, form: ProjectedForm): Sizes | undefined {
  const input = inputs[0]?.shape;
  const weights = inputs[1]?.shape;
  const heads = intAttribute(node, 'num_heads', 0);
  if (input?.length !== 3 || weights?.length !== 2 || heads <= 0) return undefined;
  const [queryHidden, , valueHidden] = intsAttribute(node, 'qkv_hidden_sizes', []);
  const third = floorDivide(weights[1]!, 3);
  return {
    batch: input[0]!,
    heads,
    keyHeads: heads,
    queries: input[1]!,
    total: add(input[1]!, pastLength(inputs[form.past], 3)),
    headSize: floorDivide(queryHidden ?? third, heads),
    valueSize: floorDivide(valueHidden ?? third, heads),
  };
}

function projected(form: ProjectedForm): Operator {
  return {
    domain,
    name: form.name,
    documentation: `${form.summary}. MACs: batch × length × hidden × projected sizes, and: ${attentionDocumentation}`,
    infer: (context) => {
      const types = outputTypes(context, projectedSizes(context, form), ({ batch, heads, total, headSize }) => [
        [2, batch, heads, total, headSize],
      ]);
      // Scales carry the type that quantized operands come back in.
      return form.quantized ? types.map((type) => ({ ...type, dtype: dtypeOf(context.inputs[3]) })) : types;
    },
    work: (typed) => {
      const { inputs } = typed;
      const sizes = projectedSizes(typed, form);
      if (sizes === undefined) return { operatorClass: 'matmul', nests: [], vector: [] };
      const numeric = numericSizes(sizes);
      const rows = numeric.batch * numeric.queries;
      const columns = axisSize(inputs[1], 1);
      const masks = [form.mask, form.added].filter((at) => at !== undefined && inputs[at] !== undefined).length;
      return {
        operatorClass: 'matmul',
        nests: [
          matrixProduct({ rows, columns, depth: axisSize(inputs[1], 0) }),
          ...attentionNests(numeric, { query: 0, key: 0, value: 0 }),
        ],
        vector: [
          ...vectorWork(rows * columns, form.quantized ? { add: 1, convert: 1 } : { add: 1 }),
          ...scoreWork(numeric, masks),
        ],
      };
    },
    parameterInputs: [1, 2],
  };
}

/** Query batch × length × hidden; keys and values alike, packed with the query, or as batch × heads × length × size. */
function multiHeadSizes({ node, inputs }: TypedNode): Sizes | undefined {
  const [query, key, value] = inputs.map((input) => input?.shape);
  const heads = intAttribute(node, 'num_heads', 0);
  if (!query || query.length < 3 || heads <= 0) return undefined;
  if ([key, value].some((shape) => shape && shape.length < 3)) return undefined;
  const packedAll = query.length === 5;
  const headSize = packedAll ? query[4]! : floorDivide(query[2]!, heads);
  const keyLength = key ? key.at(key.length === 4 ? 2 : 1)! : query[1]!;
  const valueSize = value ? (value.length === 4 ? value[3]! : floorDivide(value.at(-1)!, heads)) : headSize;
  const total = add(keyLength, pastLength(inputs[6], 2));
  return { batch: query[0]!, heads, keyHeads: heads, queries: query[1]!, total, headSize, valueSize };
}

const multiHeadAttention: Operator = {
  domain,
  name: 'MultiHeadAttention',
  documentation: `Multi-head attention of projected operands. ${attentionDocumentation}`,
  infer: (context) => outputTypes(context, multiHeadSizes(context), separatePresent),
  work: (typed) => {
    const sizes = multiHeadSizes(typed);
    if (sizes === undefined) return { operatorClass: 'matmul', nests: [], vector: [] };
    const { inputs } = typed;
    const numeric = numericSizes(sizes);
    const operands = inputs.slice(0, 3).reduce((sum, operand) => sum + elementsOf(operand), 0);
    const masks = [4, 5].filter((position) => inputs[position] !== undefined).length;
    const key = inputs[1] === undefined ? 0 : 1;
    return {
      operatorClass: 'matmul',
      nests: attentionNests(numeric, { query: 0, key, value: inputs[2] === undefined ? key : 2 }),
      vector: [...vectorWork(operands, inputs[3] === undefined ? {} : { add: 1 }), ...scoreWork(numeric, masks)],
    };
  },
  parameterInputs: [3],
};

/** As `multiHeadSizes` with fewer heads for keys and values; the query may hold all three side by side. */
function groupQuerySizes({ node, inputs, values }: TypedNode): Sizes | undefined {
  const [query, key] = inputs.map((input) => input?.shape);
  const heads = intAttribute(node, 'num_heads', 0);
  const keyHeads = intAttribute(node, 'kv_num_heads', 0);
  if (query?.length !== 3 || heads <= 0 || keyHeads <= 0) return undefined;
  const headSize = floorDivide(query[2]!, key ? heads : heads + 2 * keyHeads);
  const total = values[6]?.elements[0] ?? add(query[1]!, pastLength(inputs[3], 2));
  return { batch: query[0]!, heads, keyHeads, queries: query[1]!, total, headSize, valueSize: headSize };
}

const groupQueryAttention: Operator = {
  domain,
  name: 'GroupQueryAttention',
  documentation: `Attention with groups of query heads that share keys and values. ${attentionDocumentation}`,
  infer: (context) => outputTypes(context, groupQuerySizes(context), separatePresent),
  work: (typed) => {
    const sizes = groupQuerySizes(typed);
    if (sizes === undefined) return { operatorClass: 'matmul', nests: [], vector: [] };
    const { node, inputs } = typed;
    const numeric = numericSizes(sizes);
    const { batch, heads, keyHeads, queries, headSize } = numeric;
    const rotated = intAttribute(node, 'do_rotary', 0) === 1 ? batch * queries * (heads + keyHeads) * headSize : 0;
    const packed = inputs[1] === undefined;
    return {
      operatorClass: 'matmul',
      nests: attentionNests(numeric, packed ? { query: 0, key: 0, value: 0 } : { query: 0, key: 1, value: 2 }),
      vector: [...vectorWork(rotated, { multiply: 2, add: 1 }), ...scoreWork(numeric, 0)],
    };
  },
};

export const contribAttentionOperators: readonly Operator[] = [
  ...projectedForms.map(projected),
  multiHeadAttention,
  groupQueryAttention,
];
