/**
 * An initializer's elements as dense little-endian bytes, chunk by chunk, however the file stores them: the form in
 * which equal values are equal bytes.
 */
import { UserError } from '../errors.ts';
import type { ModelSources } from '../ir/byte-source.ts';
import { bitsPerElement, bytesOf, type DataType } from '../ir/data-type.ts';
import type { ByteRange, Initializer, WeightEncoding } from '../ir/graph.ts';
import { bytesBetween, openWire, quote, readVarint, viewOf, type Wire } from './protobuf.ts';

/** A multiple of every element's size, and of the 3, 5 and 7 bytes that hold eight elements of as many bits. */
const chunkBytes = 215_040;

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/**
 * Chunks of whole elements; their lengths add up to what type and shape ask for. A sparse initializer gives its stored
 * elements only, a string one the protobuf bytes of its strings. Empty when the bytes are not there. A chunk is valid
 * until the next one is asked for.
 * @param path of the model, for messages
 * @throws UserError when the file holds fewer or more elements than the shape says.
 */
export function* denseChunks(
  initializer: Initializer,
  sources: ModelSources,
  path = 'the model',
): Generator<Uint8Array, void, undefined> {
  if (!initializer.available) return;
  const expected = storedBytes(initializer);
  let total = 0;
  for (const range of initializer.ranges) {
    const source = sources.get(range.file);
    if (source === undefined) return;
    const place = range.file === '' ? path : `${path}: ${quote(range.file)}`;
    for (const chunk of rangeChunks(initializer, range, openWire(source, place))) {
      total += chunk.length;
      if (total > expected) throw wrongSize(initializer, path);
      yield chunk;
    }
  }
  if (total !== expected) throw wrongSize(initializer, path);
}

/** Bytes of the stored elements in dense form. */
export function storedBytes(initializer: Initializer): number {
  if (initializer.encoding === 'strings') return initializer.ranges.reduce((sum, range) => sum + range.byteLength, 0);
  return bytesOf(initializer.dtype, initializer.nonZeros ?? elementCount(initializer.shape));
}

function wrongSize({ name, shape }: Initializer, path: string): UserError {
  return new UserError(
    `${path}: tensor ${quote(name)} does not hold the elements that its shape [${shape.join(', ')}] asks for`,
  );
}

function rangeChunks(initializer: Initializer, range: ByteRange, wire: Wire): Iterable<Uint8Array> {
  switch (initializer.encoding) {
    case 'raw':
    case 'strings':
    case 'fixed32':
    case 'fixed64':
      return plainChunks(wire, range);
    case 'high-bits-first':
      return turnedChunks(initializer, wire, range);
    default:
      return repackedChunks(initializer, wire, range);
  }
}

function* plainChunks({ source }: Wire, { offset, byteLength }: ByteRange): Generator<Uint8Array, void, undefined> {
  for (let done = 0; done < byteLength; done += chunkBytes) {
    yield source.read(offset + done, Math.min(chunkBytes, byteLength - done));
  }
}

/** The same elements with the first in the lowest bits. A chunk holds whole elements, the last one padding. */
function* turnedChunks({ dtype }: Initializer, wire: Wire, range: ByteRange): Generator<Uint8Array, void, undefined> {
  const bits = bitsPerElement(dtype);
  for (const chunk of plainChunks(wire, range)) {
    const turned = new Uint8Array(chunk.length);
    for (let bit = 0; bit + bits <= 8 * chunk.length; bit += bits) {
      const [byte, shift] = [bit >>> 3, bit & 7];
      const pair = (chunk[byte]! << 8) | (chunk[byte + 1] ?? 0);
      const shifted = ((pair >>> (16 - bits - shift)) & ((1 << bits) - 1)) << shift;
      turned[byte]! |= shifted;
      if (shifted > 0xff) turned[byte + 1]! |= shifted >>> 8;
    }
    yield turned;
  }
}

/** Varints and elements behind tags, written one by one in their type's own width. */
function* repackedChunks(
  { dtype, encoding }: Initializer,
  wire: Wire,
  { offset, byteLength }: ByteRange,
): Generator<Uint8Array, void, undefined> {
  const bits = repackedBits(dtype);
  const elementsPerChunk = (chunkBytes * 8) / bits;
  // An element takes a byte of its range at least, so that a short range needs no more than this.
  const chunk = new Uint8Array(Math.min(chunkBytes, byteLength * 8));
  const view = new DataView(chunk.buffer);
  const end = offset + byteLength;
  let count = 0;
  for (let position = offset; position < end; position = wire.position) {
    readElement(wire, encoding, position, end);
    writeElement(view, bits, count, wire);
    count += 1;
    if (count === elementsPerChunk) {
      yield chunk;
      chunk.fill(0);
      count = 0;
    }
  }
  yield chunk.subarray(0, Math.ceil((count * bits) / 8));
}

/**
 * Bits that one stored number fills: int32_data holds whole bytes of packed 2- and 4-bit elements, but 6-bit elements
 * one by one (onnx.proto, TensorProto.int32_data).
 */
function repackedBits(dtype: DataType): number {
  const bits = bitsPerElement(dtype);
  return bits === 6 ? 6 : Math.max(8, bits);
}

/** Leaves the element's bits in `wire.low` and `wire.high` and the position behind it in `wire.position`. */
function readElement(wire: Wire, encoding: WeightEncoding, position: number, end: number): void {
  let start = position;
  if (encoding.startsWith('tagged')) {
    readVarint(wire, position, end);
    start = wire.position;
  }
  if (encoding === 'tagged-fixed32') readFixed(wire, start, 4);
  else if (encoding === 'tagged-fixed64') readFixed(wire, start, 8);
  else readVarint(wire, start, end);
}

function readFixed(wire: Wire, start: number, byteLength: 4 | 8): void {
  const view = viewOf(bytesBetween(wire, start, start + byteLength));
  wire.low = view.getInt32(0, true);
  wire.high = byteLength === 8 ? view.getInt32(4, true) : 0;
  wire.position = start + byteLength;
}

function writeElement(view: DataView, bits: number, index: number, { low, high }: Wire): void {
  if (bits === 6) writeSixBits(view, index, low & 0x3f);
  else if (bits === 8) view.setUint8(index, low);
  else if (bits === 16) view.setUint16(2 * index, low, true);
  else if (bits === 32) view.setInt32(4 * index, low, true);
  else {
    view.setInt32(8 * index, low, true);
    view.setInt32(8 * index + 4, high, true);
  }
}

function writeSixBits(view: DataView, index: number, code: number): void {
  const byte = (6 * index) >>> 3;
  const shifted = code << ((6 * index) & 7);
  view.setUint8(byte, view.getUint8(byte) | shifted);
  if (shifted > 0xff) view.setUint8(byte + 1, shifted >>> 8);
}
