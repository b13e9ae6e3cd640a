/** New elements for a constant in the very bytes that its file holds them in. */
import { UserError } from '../../errors.ts';
import { elementCount } from '../../formats/dense.ts';
import { quote } from '../../formats/protobuf.ts';
import type { ModelSources } from '../../ir/byte-source.ts';
import { bytesOf } from '../../ir/data-type.ts';
import type { ByteRange, Initializer } from '../../ir/graph.ts';
import type { NotKnown } from './changed-elements.ts';
import { elementBytes } from './element-bytes.ts';
import type { ElementStream } from './element-stream.ts';
import type { FileSplice } from './places.ts';

/** `stream`: as many elements as the constant has, in its order; rounded to its type. */
export function patchesOf(
  constant: Initializer,
  stream: ElementStream,
  sources: ModelSources,
): readonly FileSplice[] | NotKnown {
  const { dtype, shape, encoding, ranges } = constant;
  const dense = () => elementBytes(stream, dtype, elementCount(shape));
  switch (encoding) {
    case 'raw':
    case 'fixed32':
    case 'fixed64':
      return plainPatches(ranges, dense);
    case 'tagged-fixed32':
    case 'tagged-fixed64':
      return taggedPatches(constant, dense(), sources);
    case 'high-bits-first':
    case 'varint':
    case 'tagged-varint':
    case 'strings':
      return { reason: `elements of type ${dtype} lie in the file as numbers of varying length` };
  }
}

/** One range mostly: its elements are computed when they are asked for. */
function plainPatches(ranges: readonly ByteRange[], dense: () => Uint8Array): readonly FileSplice[] {
  const [only, second] = ranges;
  if (only !== undefined && second === undefined) return [patchOf(only, dense)];
  const bytes = dense();
  let position = 0;
  return ranges.map((range) => {
    const start = position;
    position += range.byteLength;
    return patchOf(range, () => bytes.subarray(start, start + range.byteLength));
  });
}

function patchOf({ file, offset, byteLength }: ByteRange, bytes: () => Uint8Array): FileSplice {
  return { file, offset, byteLength, newByteLength: byteLength, bytes };
}

/** Each element stands behind its tag, a varint that stays. */
function taggedPatches(
  { name, dtype, ranges }: Initializer,
  dense: Uint8Array,
  sources: ModelSources,
): readonly FileSplice[] {
  const size = bytesOf(dtype, 1);
  let next = 0;
  return ranges.map((range) => {
    const bytes = new Uint8Array(sources.get(range.file)?.read(range.offset, range.byteLength) ?? []);
    for (let at = 0; at < bytes.length; at += size) {
      while (bytes[at]! >= 0x80) at += 1;
      at += 1;
      if (at + size > bytes.length || next + size > dense.length)
        throw new UserError(`tensor ${quote(name)} is cut off`);
      bytes.set(dense.subarray(next, next + size), at);
      next += size;
    }
    return patchOf(range, () => bytes);
  });
}
