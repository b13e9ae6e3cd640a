/** A file with other bytes in some places: nothing is copied until it is read. */
import type { ByteSource } from '../ir/byte-source.ts';

/** Bytes that take the place of a stretch of a file, which may be shorter or longer than they are. */
export interface Splice {
  readonly offset: number;
  readonly byteLength: number;
  /** Length of `bytes()`. */
  readonly newByteLength: number;
  readonly bytes: () => Uint8Array;
}

interface Piece {
  readonly start: number;
  readonly byteLength: number;
  readonly read: (offset: number, byteLength: number) => Uint8Array;
}

/** `splices` lie inside the source and do not overlap. The bytes of the one that was read last are kept. */
export function splicedSource(source: ByteSource, splices: readonly Splice[]): ByteSource {
  const pieces = piecesOf(source, splices);
  const last = pieces.at(-1);
  return {
    byteLength: last === undefined ? 0 : last.start + last.byteLength,
    read: (offset, byteLength) => {
      const result = new Uint8Array(byteLength);
      for (const piece of pieces) {
        const first = Math.max(offset, piece.start);
        const end = Math.min(offset + byteLength, piece.start + piece.byteLength);
        if (first < end) result.set(piece.read(first - piece.start, end - first), first - offset);
      }
      return result;
    },
  };
}

function piecesOf(source: ByteSource, splices: readonly Splice[]): readonly Piece[] {
  const bytesOf = lastOf();
  const pieces: Piece[] = [];
  const add = (byteLength: number, read: Piece['read']) => {
    const before = pieces.at(-1);
    const start = before === undefined ? 0 : before.start + before.byteLength;
    if (byteLength > 0) pieces.push({ start, byteLength, read });
  };
  let position = 0;
  const copyTo = (end: number) => {
    const start = position;
    add(end - start, (offset, byteLength) => source.read(start + offset, byteLength));
    position = end;
  };
  for (const splice of splices.toSorted((a, b) => a.offset - b.offset)) {
    copyTo(splice.offset);
    add(splice.newByteLength, (offset, byteLength) => bytesOf(splice).subarray(offset, offset + byteLength));
    position = splice.offset + splice.byteLength;
  }
  copyTo(source.byteLength);
  return pieces;
}

function lastOf(): (splice: Splice) => Uint8Array {
  let last: { readonly splice: Splice; readonly bytes: Uint8Array } | undefined;
  return (splice) => {
    if (last?.splice !== splice) last = { splice, bytes: splice.bytes() };
    return last.bytes;
  };
}
