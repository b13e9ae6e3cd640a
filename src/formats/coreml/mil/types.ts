/** Types of MIL values (MIL.proto: ValueType, TensorType, Dimension). */
import { UserError } from '../../../errors.ts';
import type { DataType } from '../../../ir/data-type.ts';
import type { TensorType } from '../../../ir/graph.ts';
import { unknown, type Dimension } from '../../../ir/dimension.ts';
import type { Message } from '../../protobuf.ts';
import { fieldsAt, fieldsOf, integerAt, messageAt, messagesAt, type Fields } from '../fields.ts';

/** By MILSpec.DataType. */
const dataTypes: ReadonlyMap<number, DataType> = new Map<number, DataType>([
  [1, 'bool'],
  [2, 'string'],
  [10, 'float16'],
  [11, 'float32'],
  [12, 'float64'],
  [13, 'bfloat16'],
  [21, 'int8'],
  [22, 'int16'],
  [23, 'int32'],
  [24, 'int64'],
  [25, 'int4'],
  [31, 'uint8'],
  [32, 'uint16'],
  [33, 'uint32'],
  [34, 'uint64'],
  [35, 'uint4'],
  [36, 'uint2'],
  [37, 'uint1'],
  [38, 'uint6'],
  [39, 'uint3'],
  [40, 'float8e4m3fn'],
  [41, 'float8e5m2'],
]);

/** The names that a `cast` has for them. */
const typeNames: ReadonlyMap<string, DataType> = new Map<string, DataType>([
  ['fp16', 'float16'],
  ['fp32', 'float32'],
  ['fp64', 'float64'],
  ['bf16', 'bfloat16'],
  ['bool', 'bool'],
  ['int8', 'int8'],
  ['int16', 'int16'],
  ['int32', 'int32'],
  ['int64', 'int64'],
  ['uint8', 'uint8'],
  ['uint16', 'uint16'],
  ['uint32', 'uint32'],
  ['uint64', 'uint64'],
]);

export function dataTypeNamed(name: string): DataType | undefined {
  return typeNames.get(name);
}

export interface MilType {
  readonly kind: 'tensor' | 'list' | 'state' | 'other';
  readonly dtype: DataType | null;
  /** null: a size, or the whole shape, is not given. */
  readonly shape: readonly (number | null)[] | null;
}

const other: MilType = { kind: 'other', dtype: null, shape: null };

const maximumRank = 64;

/** @throws UserError for a type that MIL does not have. */
export function readType(message: Message | undefined, path: string): MilType {
  const type = message === undefined ? new Map() : fieldsOf(message);
  if (messageAt(type, 1) !== undefined) return readTensorType(fieldsAt(type, 1), path);
  if (messageAt(type, 2) !== undefined) {
    return { ...readType(messageAt(fieldsAt(type, 2), 1), path), kind: 'list' };
  }
  if (messageAt(type, 5) !== undefined) {
    return { ...readType(messageAt(fieldsAt(type, 5), 1), path), kind: 'state' };
  }
  return other;
}

function readTensorType(tensor: Fields, path: string): MilType {
  const number = integerAt(tensor, 1);
  const dtype = dataTypes.get(number);
  if (dtype === undefined) throw new UserError(`${path}: a tensor's element type ${number} is not known`);
  const dimensions = messagesAt(tensor, 3).map((each) => fieldsOf(each));
  const rank = integerAt(tensor, 2);
  if (dimensions.length > maximumRank || (rank >= 0 && rank !== dimensions.length)) {
    throw new UserError(`${path}: a tensor of rank ${rank} has ${dimensions.length} dimensions`);
  }
  // A negative rank, or a variadic dimension, stands for any number of them.
  if (rank < 0 || dimensions.some((each) => integerAt(fieldsAt(each, 2), 1) !== 0)) {
    return { kind: 'tensor', dtype, shape: null };
  }
  return { kind: 'tensor', dtype, shape: dimensions.map((each) => readDimension(each, path)) };
}

function readDimension(dimension: Fields, path: string): number | null {
  const constant = messageAt(dimension, 1);
  if (constant === undefined) return null;
  const size = integerAt(fieldsOf(constant), 1);
  if (!Number.isSafeInteger(size) || size < 0) throw new UserError(`${path}: ${size} is no size of a tensor`);
  return size;
}

/** As the file declares it: an open size is for inference to tell. */
export function declaredType({ kind, dtype, shape }: MilType): TensorType {
  const sizes = shape?.map((size): Dimension => size ?? unknown('the file leaves it open')) ?? null;
  const reason = dtype === null || sizes === null ? { reason: 'the file does not say' } : {};
  return { dtype, shape: sizes, ...(kind === 'list' && { container: 'sequence' as const }), ...reason };
}
