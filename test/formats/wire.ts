/** Protobuf by hand, for files that no encoder would write. */
import { bufferSource, type ByteSource, type ModelSources } from '../../src/ir/byte-source.ts';

export type Bytes = readonly number[];

export function varint(value: number | bigint): Bytes {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return [...bytes, Number(rest)];
}

export function integer(number: number, value: number | bigint): Bytes {
  return [...varint(number * 8), ...varint(value)];
}

export function float(number: number, value: number): Bytes {
  return [...varint(number * 8 + 5), ...new Uint8Array(Float32Array.of(value).buffer)];
}

/** A string, packed numbers or a message: its content in parts. */
export function delimited(number: number, ...content: readonly (Bytes | Uint8Array | string)[]): Bytes {
  const bytes = content.flatMap((part) => [...(typeof part === 'string' ? new TextEncoder().encode(part) : part)]);
  return [...varint(number * 8 + 2), ...varint(bytes.length), ...bytes];
}

export function source(...content: readonly Bytes[]): ByteSource {
  return bufferSource(Uint8Array.from(content.flat()));
}

/** A model file alone. */
export function sources(...content: readonly Bytes[]): ModelSources {
  return new Map([['', source(...content)]]);
}
