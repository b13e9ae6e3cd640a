/** What a model weighs when it is downloaded compressed. */
import { Deflate } from 'fflate';
import type { ByteSource, ModelSources } from '../ir/byte-source.ts';
import type { Model } from '../ir/graph.ts';

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

/** The model file and its external data together; null when a part is not there: half a download is no answer. */
export function compressedModelBytes(model: Model, sources: ModelSources): number | null {
  let total = 0;
  for (const [index, file] of model.files.entries()) {
    const source = sources.get(index === 0 ? '' : file.path);
    if (source === undefined) return null;
    total += compressedBytes(source);
  }
  return total;
}
