/**
 * Weight files of ML Programs: a header of 64 bytes, then for each tensor 64 bytes of metadata and, aligned to 64, its
 * elements. Source: coremltools, mlmodel/src/MILBlob/Blob/StorageFormat.hpp.
 */
import { UserError } from '../../../errors.ts';
import { pathInside, type ExternalFiles } from '../../onnx/external-data.ts';
import { gitLfsPointerIn } from '../../git-lfs.ts';
import { quote, viewOf } from '../../protobuf.ts';

const metadataBytes = 64;

/** Begins each tensor's metadata; where the metadata has what follows it: sizeInBytes, offset. */
const sentinel = 0xdeadbeef;
const [sizeAt, offsetAt] = [8, 16];

/**
 * `@model_path/weights/weight.bin` as a path relative to the model's folder; undefined where it leaves that.
 * @param specification the file that names it
 */
export function weightFilePath(name: string, specification: string): string | undefined {
  const marker = '@model_path/';
  const inside = pathInside(name.startsWith(marker) ? name.slice(marker.length) : name);
  const folder = specification.includes('/') ? specification.slice(0, specification.lastIndexOf('/') + 1) : '';
  return inside === undefined ? undefined : folder + inside;
}

interface Blob {
  readonly name: string;
  readonly file: string;
  /** Of the metadata. */
  readonly offset: number;
  /** What type and shape ask for. */
  readonly byteLength: number;
}

/**
 * Where the elements begin. Right behind the metadata where the file is not there to say.
 * @throws UserError when there is no such metadata, or it speaks of another length.
 */
export function readBlobData(files: ExternalFiles, { name, file, offset, byteLength }: Blob): number {
  const source = files.sources.get(file);
  if (source === undefined || gitLfsPointerIn(source) !== undefined) return offset + metadataBytes;
  const fail = (what: string) => new UserError(`${files.path}: constant ${quote(name)}: ${what} in ${quote(file)}`);
  if (offset + metadataBytes > source.byteLength) throw fail(`there is no byte ${offset}`);
  const metadata = viewOf(source.read(offset, metadataBytes));
  if (metadata.getUint32(0, true) !== sentinel) throw fail(`no tensor begins at byte ${offset}`);
  const stored = uint64(metadata, sizeAt);
  const start = uint64(metadata, offsetAt);
  if (stored !== byteLength)
    throw fail(`${stored} bytes where type and shape ask for ${byteLength} stand at ${offset}`);
  return start;
}

function uint64(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
}
