/** Rounding as NumPy and the IEEE formats do it. */
import type { DataType } from '../../ir/data-type.ts';

/** To the nearest integer, from the middle to the even one. */
export function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest < 0.5) return below;
  if (rest > 0.5) return below + 1;
  return below % 2 === 0 ? below : below + 1;
}

export interface FloatFormat {
  readonly exponentBits: number;
  readonly mantissaBits: number;
}

/** IEEE 754; bfloat16 is the upper half of a float32. */
const formats: ReadonlyMap<DataType, FloatFormat> = new Map([
  ['float16', { exponentBits: 5, mantissaBits: 10 }],
  ['bfloat16', { exponentBits: 8, mantissaBits: 7 }],
]);

export function formatOf(dtype: DataType): FloatFormat | undefined {
  return formats.get(dtype);
}

/** Rounds a double to the nearest number of the type; too large ones become infinite. Other types: float32, or as it is. */
export function rounding(dtype: DataType): (value: number) => number {
  const format = formats.get(dtype);
  if (format !== undefined) return (value) => nearest(value, format);
  return dtype === 'float32' ? Math.fround : (value) => value;
}

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);

/** Of a double; −1023 for zero and what is smaller than any normal one. */
export function exponentOf(value: number): number {
  double[0] = value;
  return ((words[1]! >>> 20) & 0x7ff) - 1023;
}

function nearest(value: number, { exponentBits, mantissaBits }: FloatFormat): number {
  if (!Number.isFinite(value)) return value;
  const bias = 2 ** (exponentBits - 1) - 1;
  // Below the smallest normal number the steps stay as they are there.
  const step = 2 ** (Math.max(exponentOf(value), 1 - bias) - mantissaBits);
  const rounded = roundHalfEven(value / step) * step;
  return Math.abs(rounded) < 2 ** (bias + 1) ? rounded : Math.sign(value) * Infinity;
}
