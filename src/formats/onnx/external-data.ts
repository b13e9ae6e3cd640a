/** Tensors whose bytes lie in files beside the model (onnx.proto, TensorProto.external_data). */
import { UserError } from '../../errors.ts';
import { readAhead, type ModelSources } from '../../ir/byte-source.ts';
import type { ByteRange, ModelFile } from '../../ir/graph.ts';
import { gitLfsPointerIn } from '../git-lfs.ts';
import { fields, nameOf, quote, textOf, type Message } from '../protobuf.ts';

/** More files than any exporter writes (one for each tensor of the largest models). */
const maximumFiles = 16_384;

/** Stored tensors of one model; ten times what the largest exports have. */
const maximumTensors = 250_000;

/** Numbers in the values of small tensors together, ten times what real models have. */
const maximumSmallElements = 4_194_304;

/** The external files that tensors have named so far, and the tensors without any data. Grows as the model is read. */
export interface ExternalFiles {
  readonly sources: ModelSources;
  /** The model file, for messages. */
  readonly path: string;
  readonly byPath: Map<string, ExternalFile>;
  tensorsWithoutData: number;
  tensorsLeft: number;
  /** Elements of small tensors that may still be read. */
  smallElementsLeft: number;
  /** By its text: tensors of one shape share the list. */
  readonly shapes: Map<string, readonly number[]>;
}

interface ExternalFile {
  /** Undefined: not there. */
  readonly byteLength: number | undefined;
  /** Not there because Git LFS left its pointer in place. */
  readonly isPointer: boolean;
  /** Of a file that is not there: what its pointer says. */
  readonly pointedBytes: number | undefined;
  /** The furthest byte that a tensor claims. */
  claimedBytes: number;
}

/** Where a tensor's bytes lie, and whether they are there. */
export interface ExternalRange {
  readonly range: ByteRange;
  readonly available: boolean;
}

export function openExternalFiles(sources: ModelSources, path: string): ExternalFiles {
  return {
    sources: readAhead(sources),
    path,
    byPath: new Map(),
    tensorsWithoutData: 0,
    tensorsLeft: maximumTensors,
    smallElementsLeft: maximumSmallElements,
    shapes: new Map(),
  };
}

/** More shapes than any real model has. */
const mostShapes = 4096;

/** The shape as other tensors have it already, where one does. */
export function sharedShape(dims: readonly number[], { shapes }: ExternalFiles): readonly number[] {
  const key = dims.join(' ');
  // A list that grew has room to spare.
  const shape = shapes.get(key) ?? dims.slice();
  if (shapes.size < mostShapes) shapes.set(key, shape);
  return shape;
}

/** @throws UserError for one tensor too many. */
export function countTensor(files: ExternalFiles): void {
  files.tensorsLeft -= 1;
  if (files.tensorsLeft < 0) {
    throw new UserError(`${files.path}: more than ${maximumTensors} tensors; such a model is not read`);
  }
}

/**
 * @param entries the key-value messages of one tensor
 * @param denseBytes what type and shape ask for
 * @throws UserError when the path leaves the model's folder or the range leaves the file.
 */
export function resolveExternal(
  files: ExternalFiles,
  tensor: string,
  entries: readonly Message[],
  denseBytes: number,
): ExternalRange {
  const properties = readProperties(entries);
  const fail = (what: string) => new UserError(`${files.path}: tensor ${quote(tensor)}: ${what}`);
  const location = properties.get('location') ?? '';
  const offset = byteCount(properties.get('offset') ?? '0');
  const byteLength = byteCount(properties.get('length') ?? String(denseBytes));
  if (offset === undefined || byteLength === undefined) {
    throw fail('offset and length of external data must be whole numbers of bytes');
  }
  if (byteLength !== denseBytes) {
    throw fail(`external data has ${byteLength} bytes where type and shape ask for ${denseBytes}`);
  }
  return claimRange(files, tensor, { file: location, offset, byteLength });
}

/**
 * A stretch of a file beside the model, whose path is as the model gives it.
 * @throws UserError when the path leaves the model's folder or the range leaves the file.
 */
export function claimRange(files: ExternalFiles, tensor: string, wanted: ByteRange): ExternalRange {
  const { offset, byteLength } = wanted;
  const fail = (what: string) => new UserError(`${files.path}: tensor ${quote(tensor)}: ${what}`);
  const file = pathInside(wanted.file);
  if (file === undefined) throw fail(`external data path leaves the model's folder: ${quote(wanted.file)}`);
  const entry = externalFile(files, file);
  entry.claimedBytes = Math.max(entry.claimedBytes, offset + byteLength);
  if (entry.byteLength !== undefined && offset + byteLength > entry.byteLength) {
    throw fail(`external data ends at byte ${offset + byteLength} of ${quote(file)}, which has ${entry.byteLength}`);
  }
  return { range: { file, offset, byteLength }, available: entry.byteLength !== undefined };
}

/** The external files sorted by path; absent ones with what Git LFS knows, or with the bytes that tensors claim of them. */
export function listExternalFiles(files: ExternalFiles): ModelFile[] {
  return [...files.byPath]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, { byteLength, pointedBytes, claimedBytes }]) => ({
      path,
      byteLength: byteLength ?? pointedBytes ?? claimedBytes,
      available: byteLength !== undefined,
    }));
}

/** One line about all the files that are not there, if any. */
export function absentWarning(files: ExternalFiles): string | undefined {
  const absent = listExternalFiles(files).filter(({ available }) => !available);
  const [first] = absent;
  if (first === undefined) return undefined;
  const others = absent.length === 1 ? '' : ` and ${absent.length - 1} more`;
  const pointer = files.byPath.get(first.path)?.isPointer === true ? ' (only its Git LFS pointer is)' : '';
  return `weights not available: external data ${quote(first.path)}${others} is not there${pointer}`;
}

function externalFile(files: ExternalFiles, path: string): ExternalFile {
  const known = files.byPath.get(path);
  if (known) return known;
  if (files.byPath.size === maximumFiles) {
    throw new UserError(`${files.path}: more than ${maximumFiles} external data files`);
  }
  const source = files.sources.get(path);
  const pointer = source && gitLfsPointerIn(source);
  const file = {
    byteLength: pointer === undefined ? source?.byteLength : undefined,
    isPointer: pointer !== undefined,
    pointedBytes: pointer?.byteLength ?? files.sources.absentBytes?.(path),
    claimedBytes: 0,
  };
  files.byPath.set(path, file);
  return file;
}

/** StringStringEntryProto messages; the last of equal keys counts. */
export function readProperties(entries: readonly Message[]): Map<string, string> {
  const properties = new Map<string, string>();
  for (const entry of entries) {
    let key = '';
    let value = '';
    for (const field of fields(entry)) {
      if (field.number === 1) key = nameOf(field);
      else if (field.number === 2) value = textOf(field);
    }
    properties.set(key, value);
  }
  return properties;
}

/**
 * The location as a normal path below the model's folder; undefined for every other one: absolute, with a scheme or
 * drive, a backslash or NUL, above the folder or the folder itself. Files behind symbolic links are the caller's to
 * refuse.
 */
export function pathInside(location: string): string | undefined {
  if (/^\/|^[a-z][a-z0-9+.-]*:|[\\\0]/i.test(location)) return undefined;
  const parts: string[] = [];
  for (const part of location.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.length === 0 ? undefined : parts.join('/');
}

function byteCount(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
