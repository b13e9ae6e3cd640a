/** What a model weighs when it is downloaded compressed. */
import { Deflate } from 'fflate';
import type { ByteSource } from '../ir/byte-source.ts';

/** DEFLATE as fflate does it at this level: in plain JavaScript, so that the size is the same on every machine. */
const level = 6;
const chunkBytes = 1024 * 1024;

/** Bytes of `source` after DEFLATE (RFC 1951), without any container. Reads in chunks; memory stays bounded. */
export function compressedBytes(source: ByteSource): number {
  let total = 0;
  const deflate = new Deflate({ level }, (chunk) => {
    total += chunk.byteLength;
  });
  for (let offset = 0; offset < source.byteLength; offset += chunkBytes) {
    const byteLength = Math.min(chunkBytes, source.byteLength - offset);
    // A copy: the compressor keeps what it is given as its window, and a source may reuse its buffer.
    deflate.push(new Uint8Array(source.read(offset, byteLength)), offset + byteLength === source.byteLength);
  }
  if (source.byteLength === 0) deflate.push(new Uint8Array(0), true);
  return total;
}
