/** Whether two versions of a model are the same bytes: then nothing needs to be hashed, matched or measured twice. */
import type { ByteSource } from '../ir/byte-source.ts';
import type { PreparedSide } from './side.ts';

const chunkBytes = 1024 * 1024;

/**
 * External data that is absent on both sides counts as the same when declared alike and named alike (a Git LFS object
 * id, where there is one): no more can be known.
 */
export function sameFiles(base: PreparedSide, head: PreparedSide): boolean {
  const [from, to] = [base.prepared.model.files, head.prepared.model.files];
  if (from.length !== to.length) return false;
  return from.every((file, index) => {
    const other = to[index]!;
    if (file.byteLength !== other.byteLength || file.available !== other.available) return false;
    if (index > 0 && file.path !== other.path) return false;
    if (!file.available) return base.sources.identity?.(file.path) === head.sources.identity?.(other.path);
    return sameBytes(base.sources.get(index === 0 ? '' : file.path), head.sources.get(index === 0 ? '' : other.path));
  });
}

function sameBytes(a: ByteSource | undefined, b: ByteSource | undefined): boolean {
  if (a?.byteLength !== b?.byteLength || a === undefined || b === undefined) return false;
  for (let offset = 0; offset < a.byteLength; offset += chunkBytes) {
    const length = Math.min(chunkBytes, a.byteLength - offset);
    // A source may reuse its buffer, and the two may be one.
    const left = a === b ? undefined : new Uint8Array(a.read(offset, length));
    if (left === undefined) return true;
    const right = b.read(offset, length);
    if (left.some((byte, index) => byte !== right[index])) return false;
  }
  return true;
}
