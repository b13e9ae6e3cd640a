/**
 * Element types by their NumPy-like names, with their size in bits (ONNX TensorProto.DataType, IR 14; indices of 1,
 * 3, 5, 6 and 7 bits: Core ML, MIL.proto).
 */
const bitsByDataType = {
  bool: 8,
  uint1: 1,
  int2: 2,
  uint2: 2,
  uint3: 3,
  int4: 4,
  uint4: 4,
  uint5: 5,
  uint6: 6,
  uint7: 7,
  int8: 8,
  uint8: 8,
  int16: 16,
  uint16: 16,
  int32: 32,
  uint32: 32,
  int64: 64,
  uint64: 64,
  float4e2m1: 4,
  float6e2m3: 6,
  float6e3m2: 6,
  float8e4m3fn: 8,
  float8e4m3fnuz: 8,
  float8e5m2: 8,
  float8e5m2fnuz: 8,
  float8e8m0: 8,
  bfloat16: 16,
  float16: 16,
  float32: 32,
  float64: 64,
  complex64: 64,
  complex128: 128,
  string: 0,
} as const;

/** The type of one element. `string` elements have no fixed size and count 0 bits. */
export type DataType = keyof typeof bitsByDataType;

/** Bits that one element takes when stored densely. */
export function bitsPerElement(dtype: DataType): number {
  return bitsByDataType[dtype];
}

/** Bytes of `elements` elements stored densely, sub-byte types packed, rounded up. */
export function bytesOf(dtype: DataType, elements: number): number {
  return Math.ceil((bitsByDataType[dtype] * elements) / 8);
}

export function isDataType(name: string): name is DataType {
  return Object.hasOwn(bitsByDataType, name);
}

// Asked of every tensor many times over: looked up, not matched.
const floats = typesLike(/^b?float/);
const quantizedIntegers = typesLike(/^u?int([1-8]|16)$/);
const integers = typesLike(/^u?int\d+$/);

function typesLike(pattern: RegExp): ReadonlySet<DataType> {
  return new Set((Object.keys(bitsByDataType) as DataType[]).filter((dtype) => pattern.test(dtype)));
}

export function isFloat(dtype: DataType): boolean {
  return floats.has(dtype);
}

/** Integer types that quantized networks store and compute in: 1 to 16 bits. */
export function isQuantizedInteger(dtype: DataType): boolean {
  return quantizedIntegers.has(dtype);
}

export function isInteger(dtype: DataType): boolean {
  return integers.has(dtype);
}
