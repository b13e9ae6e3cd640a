/**
 * Which number format each operation runs in. A float model is taken as if quantized to the target's own type where the
 * target has no float arithmetic; a model that holds quantized operators is taken as it is.
 */
import type { DataType } from '../ir/data-type.ts';
import { bitsPerElement, isFloat, isQuantizedInteger } from '../ir/data-type.ts';
import type { Graph, Node } from '../ir/graph.ts';
import type { LoopNest } from '../operators/work.ts';
import type { Operation, Program } from './program.ts';
import { operatorName } from './operation.ts';
import type { ComputeType, ComputeUnit, Target } from './target.ts';

/** The element types that a model's floats become on a target. */
export interface Precision {
  /** Arithmetic on the model's float tensors. */
  readonly float: ComputeType;
  /** True where `float` is an assumption and not what the file holds. */
  readonly assumed: boolean;
}

/** Operators that exist in quantized models only; the rest of them are told by their integer operands. */
const quantizedOperator =
  /^(com\.microsoft\.)?(Q[A-Z]\w*|\w*Quantize\w*|\w+Integer\w*|MatMulNBits|MatMulBnb4|MatMulFpQ4)$/;

/**
 * True where any operator of the graph works on quantized numbers: a quantizing operator, or a constant operand of 2 to
 * 16 bits (quantize and dequantize nodes may have been absorbed). Then no type may be assumed, on either side of a pair.
 */
export function holdsQuantizedOperator(graph: Graph): boolean {
  const holds = knownQuantized.get(graph) ?? graph.nodes.some((node) => isQuantized(node, graph));
  knownQuantized.set(graph, holds);
  return holds;
}

/** Every what-if asks it of the graph before its edits. */
const knownQuantized = new WeakMap<Graph, boolean>();

function isQuantized(node: Node, { initializers }: Graph): boolean {
  return (
    quantizedOperator.test(operatorName(node)) || node.inputs.some((name) => isQuantizedWeight(initializers.get(name)))
  );
}

/** A table of bytes of one row or less is a scale, a zero point or a small look-up. */
function isQuantizedWeight(
  constant: { readonly dtype: DataType; readonly shape: readonly number[] } | undefined,
): boolean {
  return constant !== undefined && isQuantizedInteger(constant.dtype) && constant.shape.length > 1;
}

/**
 * The type that a model's floats are costed in. `asked`: what the user said (`--assume-dtype`, `assumeDtype`): a type
 * for every target, or `none`.
 */
export function precisionOf(graph: Graph, target: Target, asked?: ComputeType | 'none'): Precision {
  const native = nativeFloat(target);
  if (asked === 'none' || holdsQuantizedOperator(graph)) return { float: native ?? 'float32', assumed: false };
  if (asked !== undefined) return { float: asked, assumed: true };
  if (native !== undefined) return { float: native, assumed: false };
  return target.assumedType === undefined
    ? { float: 'float32', assumed: false }
    : { float: target.assumedType, assumed: true };
}

const floatTypes = ['float32', 'float16', 'bfloat16'] as const;

/** The float type of the target's main unit; undefined where that has no float arithmetic. */
function nativeFloat({ units }: Target): ComputeType | undefined {
  return floatTypes.find((type) => units[0]?.macsPerCycle[type] !== undefined);
}

/** What a type is computed in where a unit does not have it, best first: never narrower than the numbers are. */
const promotions: Readonly<Record<ComputeType, readonly ComputeType[]>> = {
  int8: ['int8', 'int16', 'float16', 'bfloat16', 'float32'],
  int16: ['int16', 'float32', 'bfloat16', 'float16'],
  float16: ['float16', 'float32', 'bfloat16'],
  bfloat16: ['bfloat16', 'float32', 'float16'],
  float32: ['float32', 'bfloat16', 'float16'],
};

/** The type in which `unit` computes numbers of type `wanted`; undefined where it cannot. */
export function typeOn(unit: ComputeUnit, wanted: ComputeType): ComputeType | undefined {
  return promotions[wanted].find((type) => unit.macsPerCycle[type] !== undefined);
}

/** The type that an operation's arithmetic asks for; `integer`: wider integers and booleans only. */
export function wantedType(operation: Operation, precision: Precision): ComputeType | 'integer' {
  const [nest] = operation.work.nests;
  if (nest !== undefined) return productType(nest, operation, precision);
  const { inputs, constant } = operation.typed;
  // Floats before integers, operands before results: the first of each kind.
  let integer: DataType | null = null;
  for (let position = 0; position < inputs.length; position++) {
    const dtype = constant[position] === true ? null : (inputs[position]?.dtype ?? null);
    if (dtype === null) continue;
    if (isFloat(dtype)) return computeType(dtype, precision);
    if (integer === null && isQuantizedInteger(dtype)) integer = dtype;
  }
  for (const { dtype } of operation.outputs) {
    if (dtype === null) continue;
    if (isFloat(dtype)) return computeType(dtype, precision);
    if (integer === null && isQuantizedInteger(dtype)) integer = dtype;
  }
  return computeType(integer, precision);
}

function productType(nest: LoopNest, { typed }: Operation, precision: Precision) {
  const streamed = typed.inputs[nest.streamedInput]?.dtype ?? null;
  const stationary = typed.inputs[nest.stationaryInput]?.dtype ?? null;
  const [one, other] = [integerOf(streamed), integerOf(stationary)];
  // Weights of few bits under float activations are unpacked to floats.
  if (one !== undefined && other !== undefined) return computeType(one, precision);
  return computeType(floatAmong(streamed, stationary), precision);
}

function integerOf(dtype: DataType | null): DataType | undefined {
  return dtype !== null && isQuantizedInteger(dtype) ? dtype : undefined;
}

function floatAmong(first: DataType | null, second: DataType | null): DataType | null {
  if (first !== null && isFloat(first)) return first;
  return second !== null && isFloat(second) ? second : null;
}

function computeType(dtype: DataType | null, { float, assumed }: Precision): ComputeType | 'integer' {
  if (dtype === null) return 'integer';
  if (!isFloat(dtype)) return isQuantizedInteger(dtype) ? (bitsPerElement(dtype) > 8 ? 'int16' : 'int8') : 'integer';
  // A file's half floats stay so where floats are native; float64 and float32 take the machine's float.
  return !assumed && (dtype === 'float16' || dtype === 'bfloat16') ? dtype : float;
}

const bitsByType: Readonly<Record<ComputeType, { activation: number; weight: number; bias: number }>> = {
  int8: { activation: 8, weight: 8, bias: 32 },
  int16: { activation: 16, weight: 8, bias: 64 },
  float16: { activation: 16, weight: 16, bias: 16 },
  bfloat16: { activation: 16, weight: 16, bias: 16 },
  float32: { activation: 32, weight: 32, bias: 32 },
};

/** Bytes that a tensor takes on the target, which are not those of the file where its floats become something else. */
export function storedBytes(
  dtype: DataType | null,
  elements: number,
  role: 'activation' | 'weight' | 'bias',
  { float, assumed }: Precision,
): number {
  if (dtype === null) return 0;
  const file = bitsPerElement(dtype);
  if (!isFloat(dtype)) return Math.ceil((elements * file) / 8);
  const target = bitsByType[float][role];
  const bits = assumed ? target : float === 'float32' ? file : Math.min(file, target);
  return Math.ceil((elements * bits) / 8);
}

/** One line for the reader where a type was assumed. */
export function precisionAssumptions({ float, assumed }: Precision, program: Program): readonly string[] {
  const holdsFloats = program.operations.some(({ outputs }) =>
    outputs.some(({ dtype }) => dtype !== null && isFloat(dtype)),
  );
  return assumed && holdsFloats ? [`assumed ${float}: the file holds floats`] : [];
}
