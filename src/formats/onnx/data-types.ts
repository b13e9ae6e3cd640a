import type { DataType } from '../../ir/data-type.ts';

/** By TensorProto.DataType of onnx.proto (IR 14); 0 is UNDEFINED. */
const dataTypes: readonly (DataType | undefined)[] = [
  undefined,
  'float32',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  'float16',
  'float64',
  'uint32',
  'uint64',
  'complex64',
  'complex128',
  'bfloat16',
  'float8e4m3fn',
  'float8e4m3fnuz',
  'float8e5m2',
  'float8e5m2fnuz',
  'uint4',
  'int4',
  'float4e2m1',
  'float8e8m0',
  'uint2',
  'int2',
  'float6e2m3',
  'float6e3m2',
];

/** Undefined for numbers that IR 14 does not know. */
export function dataTypeOf(number: number): DataType | undefined {
  return dataTypes[number];
}

/** The number of a type; undefined for one that IR 14 does not know. */
export function onnxDataType(dtype: DataType): number | undefined {
  const number = dataTypes.indexOf(dtype);
  return number < 0 ? undefined : number;
}
