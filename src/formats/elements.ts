/** Numbers from densely stored little-endian elements, for every type that is a number. */
import type { DataType } from '../ir/data-type.ts';

/** Reads element `index` of a stretch of dense bytes. */
type ReadElement = (view: DataView, index: number) => number;

const readers: ReadonlyMap<DataType, ReadElement> = new Map<DataType, ReadElement>([
  ['bool', (view, index) => (view.getUint8(index) === 0 ? 0 : 1)],
  ['uint1', (view, index) => bitsAt(view, index, 1)],
  ['int2', (view, index) => signed(bitsAt(view, index, 2), 2)],
  ['uint2', (view, index) => bitsAt(view, index, 2)],
  ['uint3', (view, index) => bitsAt(view, index, 3)],
  ['int4', (view, index) => signed(bitsAt(view, index, 4), 4)],
  ['uint4', (view, index) => bitsAt(view, index, 4)],
  ['uint5', (view, index) => bitsAt(view, index, 5)],
  ['uint6', (view, index) => bitsAt(view, index, 6)],
  ['uint7', (view, index) => bitsAt(view, index, 7)],
  ['int8', (view, index) => view.getInt8(index)],
  ['uint8', (view, index) => view.getUint8(index)],
  ['int16', (view, index) => view.getInt16(2 * index, true)],
  ['uint16', (view, index) => view.getUint16(2 * index, true)],
  ['int32', (view, index) => view.getInt32(4 * index, true)],
  ['uint32', (view, index) => view.getUint32(4 * index, true)],
  ['int64', (view, index) => view.getInt32(8 * index + 4, true) * 2 ** 32 + view.getUint32(8 * index, true)],
  ['uint64', (view, index) => view.getUint32(8 * index + 4, true) * 2 ** 32 + view.getUint32(8 * index, true)],
  ['float4e2m1', fromBits(4, small({ exponentBits: 2, mantissaBits: 1, bias: 1, specials: 'none' }))],
  ['float6e2m3', fromBits(6, small({ exponentBits: 2, mantissaBits: 3, bias: 1, specials: 'none' }))],
  ['float6e3m2', fromBits(6, small({ exponentBits: 3, mantissaBits: 2, bias: 3, specials: 'none' }))],
  ['float8e4m3fn', fromBits(8, small({ exponentBits: 4, mantissaBits: 3, bias: 7, specials: 'all-ones' }))],
  ['float8e4m3fnuz', fromBits(8, small({ exponentBits: 4, mantissaBits: 3, bias: 8, specials: 'negative-zero' }))],
  ['float8e5m2', fromBits(8, small({ exponentBits: 5, mantissaBits: 2, bias: 15, specials: 'ieee' }))],
  ['float8e5m2fnuz', fromBits(8, small({ exponentBits: 5, mantissaBits: 2, bias: 16, specials: 'negative-zero' }))],
  ['float8e8m0', (view, index) => (view.getUint8(index) === 255 ? NaN : 2 ** (view.getUint8(index) - 127))],
  ['float16', fromBits(16, small({ exponentBits: 5, mantissaBits: 10, bias: 15, specials: 'ieee' }))],
  ['bfloat16', fromBits(16, small({ exponentBits: 8, mantissaBits: 7, bias: 127, specials: 'ieee' }))],
  ['float32', (view, index) => view.getFloat32(4 * index, true)],
  ['float64', (view, index) => view.getFloat64(8 * index, true)],
]);

/** Undefined for types that are no plain number: strings and complex numbers. */
export function elementReader(dtype: DataType): ReadElement | undefined {
  return readers.get(dtype);
}

/** Whole elements that lie in these dense bytes. */
export function elementsIn(view: DataView, bits: number): number {
  return Math.floor((view.byteLength * 8) / bits);
}

/** Elements of 1 to 8 or of 16 bits lie in one little-endian stream of bits, the first in the lowest bits. */
export function bitsAt(view: DataView, index: number, width: number): number {
  const bit = index * width;
  const byte = bit >>> 3;
  const low = view.getUint8(byte);
  const high = byte + 1 < view.byteLength ? view.getUint8(byte + 1) : 0;
  return ((low | (high << 8)) >>> (bit & 7)) & ((1 << width) - 1);
}

function signed(bits: number, width: number): number {
  return bits >= 1 << (width - 1) ? bits - (1 << width) : bits;
}

/**
 * A binary floating-point format of at most 16 bits with a sign bit, and which codes are no finite numbers.
 * `ieee`: the largest exponent holds infinities and NaN; `all-ones`: only the code with every bit but the sign set is
 * NaN; `negative-zero`: only the code of -0 is NaN; `none`: all are finite.
 * Sources: IEEE 754 (float16), arXiv:2209.05433 (e4m3fn, e5m2), arXiv:2206.02915 (fnuz), OCP Microscaling Formats 1.0.
 */
interface FloatFormat {
  readonly exponentBits: number;
  readonly mantissaBits: number;
  readonly bias: number;
  readonly specials: 'ieee' | 'all-ones' | 'negative-zero' | 'none';
}

function small(format: FloatFormat): (code: number) => number {
  const { exponentBits, mantissaBits, bias, specials } = format;
  const magnitudeBits = exponentBits + mantissaBits;
  const largestExponent = 2 ** exponentBits - 1;
  return (code) => {
    const sign = code >> magnitudeBits === 1 ? -1 : 1;
    const magnitude = code & ((1 << magnitudeBits) - 1);
    const exponent = magnitude >> mantissaBits;
    const mantissa = magnitude & ((1 << mantissaBits) - 1);
    if (specials === 'ieee' && exponent === largestExponent) return mantissa === 0 ? sign * Infinity : NaN;
    if (specials === 'all-ones' && magnitude === (1 << magnitudeBits) - 1) return NaN;
    if (specials === 'negative-zero' && sign === -1 && magnitude === 0) return NaN;
    if (exponent === 0) return sign * mantissa * 2 ** (1 - bias - mantissaBits);
    return sign * (1 + mantissa / 2 ** mantissaBits) * 2 ** (exponent - bias);
  };
}

function fromBits(width: number, decode: (code: number) => number): ReadElement {
  return (view, index) => decode(bitsAt(view, index, width));
}
