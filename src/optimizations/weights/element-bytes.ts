/** Numbers as dense little-endian bytes: what `formats` reads as the same numbers. */
import { bitsPerElement, bytesOf, type DataType } from '../../ir/data-type.ts';
import type { ElementStream } from './element-stream.ts';
import { exponentOf, formatOf, rounding } from './rounding.ts';

type WriteElement = (view: DataView, index: number, value: number) => void;

const wide: ReadonlyMap<DataType, WriteElement> = new Map<DataType, WriteElement>([
  ['int16', (view, index, value) => view.setInt16(2 * index, value, true)],
  ['uint16', (view, index, value) => view.setUint16(2 * index, value, true)],
  ['int32', (view, index, value) => view.setInt32(4 * index, value, true)],
  ['uint32', (view, index, value) => view.setUint32(4 * index, value, true)],
  ['int64', writeInt64],
  ['float32', (view, index, value) => view.setFloat32(4 * index, value, true)],
  ['float64', (view, index, value) => view.setFloat64(8 * index, value, true)],
  ['float16', (view, index, value) => view.setUint16(2 * index, floatCode(value, 'float16'), true)],
  ['bfloat16', (view, index, value) => view.setUint16(2 * index, floatCode(value, 'bfloat16'), true)],
]);

/**
 * At most `count` elements of the type, which is one of those that edits write: integers up to 64 bits (what is no number
 * becomes 0), float16 to float64, bfloat16. Missing ones stay 0.
 */
export function elementBytes(stream: ElementStream, dtype: DataType, count: number): Uint8Array {
  const bytes = new Uint8Array(bytesOf(dtype, count));
  const write = writerOf(dtype);
  const view = new DataView(bytes.buffer);
  let index = 0;
  for (const chunk of stream()) {
    for (const element of chunk) if (index < count) write(view, index++, element);
  }
  return bytes;
}

function writerOf(dtype: DataType): WriteElement {
  const bits = bitsPerElement(dtype);
  return wide.get(dtype) ?? ((view, index, value) => writeBits(view, index * bits, bits, value));
}

/** Of 1 to 8 bits, the first element in the lowest ones. */
function writeBits(view: DataView, bit: number, bits: number, value: number): void {
  const byte = bit >>> 3;
  const shifted = (value & (2 ** bits - 1)) << (bit & 7);
  view.setUint8(byte, view.getUint8(byte) | shifted);
  if (shifted > 0xff) view.setUint8(byte + 1, shifted >>> 8);
}

function writeInt64(view: DataView, index: number, value: number): void {
  view.setInt32(8 * index + 4, Math.floor(value / 2 ** 32), true);
  view.setInt32(8 * index, value, true);
}

function floatCode(value: number, dtype: 'float16' | 'bfloat16'): number {
  const { exponentBits, mantissaBits } = formatOf(dtype)!;
  const rounded = rounding(dtype)(value);
  const sign = Object.is(Math.sign(rounded), -0) || rounded < 0 ? 0x8000 : 0;
  const special = (2 ** exponentBits - 1) << mantissaBits;
  if (Number.isNaN(rounded)) return special | (1 << (mantissaBits - 1));
  if (!Number.isFinite(rounded)) return sign | special;
  const bias = 2 ** (exponentBits - 1) - 1;
  const exponent = Math.max(exponentOf(rounded), 1 - bias);
  const mantissa = Math.abs(rounded) / 2 ** (exponent - mantissaBits);
  // The leading bit of a normal number counts the exponent up by one.
  return sign | (((exponent + bias - 1) << mantissaBits) + mantissa);
}
