/** Matrix products: NumPy's batched MatMul and its quantized and fused forms. */
import type { DataType } from '../ir/data-type.ts';
import type { Dimension } from '../ir/dimension.ts';
import type { Shape, TensorType } from '../ir/graph.ts';
import { intAttribute, stringAttribute } from './attribute.ts';
import { broadcastShapes } from './broadcast.ts';
import { activationCost, matrixProduct, elementsOf, vectorWork } from './counting.ts';
import type { Cost } from './counting.ts';
import type { Operator, TypedNode } from './operator.ts';
import { dtypeOf, numericShape, shapeUnknownAs, tensor } from './type.ts';
import type { LoopNest, OperatorClass } from './work.ts';

/** Where the two matrices stand among a node's inputs, and how they are to be read. */
interface Form {
  readonly domain: string;
  readonly name: string;
  readonly summary: string;
  readonly left: number;
  readonly right: number;
  readonly bias?: number;
  readonly dtype: (typed: TypedNode) => DataType | null;
  readonly transposes?: (typed: TypedNode) => { readonly left: boolean; readonly right: boolean };
  readonly perInput?: Cost;
  readonly perOutput?: Cost;
  /** Name of a fused activation. */
  readonly activation?: (typed: TypedNode) => string;
}

const firstDtype = ({ inputs }: TypedNode) => dtypeOf(inputs[0]);

/** ONNX writes a Transpose in front of a MatMul; other formats have these flags for it. */
export const transposeFlags = ({ node }: TypedNode) => ({
  left: intAttribute(node, 'transA', 0) === 1,
  right: intAttribute(node, 'transB', 0) === 1,
});

const forms: readonly Form[] = [
  {
    domain: '',
    name: 'MatMul',
    summary: 'Matrix product, batched',
    left: 0,
    right: 1,
    dtype: firstDtype,
    transposes: transposeFlags,
  },
  {
    domain: 'com.microsoft',
    name: 'FusedMatMul',
    summary: 'Matrix product of scaled, optionally transposed operands',
    left: 0,
    right: 1,
    dtype: firstDtype,
    transposes: transposeFlags,
    perOutput: { multiply: 1 },
  },
  ...['TransposeMatMul', 'FusedMatMulActivation'].map((name): Form => ({
    domain: 'com.microsoft',
    name,
    summary: 'As FusedMatMul, with an activation where one is named',
    left: 0,
    right: 1,
    dtype: firstDtype,
    transposes: transposeFlags,
    perOutput: { multiply: 1 },
    activation: ({ node }) => stringAttribute(node, 'activation', ''),
  })),
  {
    domain: 'com.microsoft',
    name: 'GemmFastGelu',
    summary: 'Matrix product, bias and Gelu by tanh',
    left: 0,
    right: 1,
    bias: 2,
    dtype: firstDtype,
    perOutput: { exponential: 1, add: 2, multiply: 5 },
  },
  {
    domain: 'com.microsoft',
    name: 'MatMulInteger16',
    summary: 'Matrix product of 16-bit integers into 32 bits',
    left: 0,
    right: 1,
    dtype: () => 'int32',
  },
  {
    domain: 'com.microsoft',
    name: 'SparseToDenseMatMul',
    summary: 'Product of a sparse and a dense matrix, counted as if dense',
    left: 0,
    right: 1,
    dtype: firstDtype,
    transposes: transposeFlags,
  },
  {
    domain: 'com.microsoft',
    name: 'QOrderedMatMul',
    summary: 'Quantized matrix product in the layouts of cuBLASLt, the right matrix by columns',
    left: 0,
    right: 2,
    bias: 5,
    dtype: firstDtype,
    // ORDER_COL, the default: the right matrix comes transposed.
    transposes: ({ node }) => ({ left: false, right: intAttribute(node, 'order_B', 0) === 0 }),
    perOutput: { convert: 1 },
  },
  {
    domain: '',
    name: 'MatMulInteger',
    summary: 'Matrix product of 8-bit integers into 32 bits',
    left: 0,
    right: 1,
    dtype: () => 'int32',
  },
  {
    domain: '',
    name: 'QLinearMatMul',
    summary: 'Quantized matrix product',
    left: 0,
    right: 3,
    dtype: ({ inputs }) => dtypeOf(inputs[7]),
    perOutput: { convert: 1 },
  },
  {
    domain: 'com.microsoft',
    name: 'MatMulIntegerToFloat',
    summary: 'Matrix product of 8-bit integers, scaled to floats',
    left: 0,
    right: 1,
    bias: 6,
    dtype: ({ inputs }) => dtypeOf(inputs[2]),
    perOutput: { multiply: 1, convert: 1 },
  },
  {
    domain: 'com.microsoft',
    name: 'DynamicQuantizeMatMul',
    summary: 'Matrix product of a float tensor, quantized on the fly, and 8-bit weights',
    left: 0,
    right: 1,
    bias: 4,
    dtype: firstDtype,
    perInput: { add: 2, multiply: 1, convert: 1 },
    perOutput: { multiply: 1, convert: 1 },
  },
];

const neither = { left: false, right: false };

function transpose(shape: Shape): Shape {
  return shape.length < 2 ? shape : [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!];
}

function operandShapes(typed: TypedNode, form: Form): { readonly left: Shape; readonly right: Shape } | undefined {
  const left = typed.inputs[form.left]?.shape;
  const right = typed.inputs[form.right]?.shape;
  if (!left || !right || left.length === 0 || right.length === 0) return undefined;
  const transposes = form.transposes?.(typed) ?? neither;
  return {
    left: transposes.left ? transpose(left) : left,
    right: transposes.right ? transpose(right) : right,
  };
}

/** NumPy's matmul: a vector on either side is a matrix for the product, and its axis is gone after it. */
function matmulShape(left: Shape, right: Shape): Shape {
  const rows: readonly Dimension[] = left.length > 1 ? [left.at(-2)!] : [];
  const columns: readonly Dimension[] = right.length > 1 ? [right.at(-1)!] : [];
  const batch = broadcastShapes(left.slice(0, -2), right.slice(0, -2)) ?? [];
  return [...batch, ...rows, ...columns];
}

function infer(context: TypedNode, form: Form): TensorType[] {
  const operands = operandShapes(context, form);
  const dtype = form.dtype(context);
  if (operands === undefined) return [shapeUnknownAs(dtype, context.inputs[form.left])];
  return [tensor(dtype, matmulShape(operands.left, operands.right))];
}

const count = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/**
 * The product as a nest. A right operand without batch axes is stationary for all rows of the left one; with batch
 * axes each matrix is its own group. A constant left operand takes the stationary place.
 */
function nestOf(typed: TypedNode, form: Form): LoopNest {
  const shapes = operandShapes(typed, form);
  const left = numericShape(shapes?.left) ?? [0];
  const right = numericShape(shapes?.right) ?? [0];
  const rows = left.length > 1 ? left.at(-2)! : 1;
  const columns = right.length > 1 ? right.at(-1)! : 1;
  const depth = left.at(-1)!;
  const leftBatch = count(left.slice(0, -2));
  const rightBatch = count(right.slice(0, -2));
  const batch = count(numericShape(broadcastShapes(left.slice(0, -2), right.slice(0, -2))) ?? [0]);
  if (typed.constant[form.left] === true && typed.constant[form.right] !== true && leftBatch === 1) {
    const operands = { streamedInput: form.right, stationaryInput: form.left };
    return matrixProduct({ rows: columns * batch, columns: rows, depth }, operands);
  }
  const operands = { streamedInput: form.left, stationaryInput: form.right };
  if (rightBatch === 1) return matrixProduct({ rows: rows * batch, columns, depth }, operands);
  return matrixProduct({ batch, rows, columns, depth }, operands);
}

/** At most this many rows against a constant matrix: its elements are read once and used little. */
const fewRows = 8;

export function productClass(nest: LoopNest, typed: TypedNode): OperatorClass {
  const rows = nest.B * nest.G * nest.OY * nest.OX;
  return typed.constant[nest.stationaryInput] === true && rows <= fewRows ? 'fully-connected' : 'matmul';
}

export const productDocumentation = (summary: string) =>
  `${summary}. MACs: batch × rows × columns × depth; bias, scaling and conversions are vector work. ` +
  `Fully connected when one operand is constant and the other has at most ${fewRows} rows.`;

function product(form: Form): Operator {
  const bias = form.bias === undefined ? [] : [form.bias];
  return {
    domain: form.domain,
    name: form.name,
    documentation: productDocumentation(form.summary),
    infer: (context) => infer(context, form),
    work: (typed, [output]) => {
      const nest = nestOf(typed, form);
      const added = bias.some((position) => typed.inputs[position] !== undefined) ? { add: 1 } : {};
      const vector = [
        ...vectorWork(elementsOf(typed.inputs[form.left]), form.perInput ?? {}),
        ...vectorWork(elementsOf(output), form.perOutput ?? {}),
        ...vectorWork(elementsOf(output), added),
        ...vectorWork(elementsOf(output), activationCost(form.activation?.(typed) ?? '')),
      ];
      return { operatorClass: productClass(nest, typed), nests: [nest], vector };
    },
    parameterInputs: [form.left, form.right, ...bias],
  };
}

export const matmulOperators: readonly Operator[] = forms.map(product);
