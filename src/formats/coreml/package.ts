/** A package (`.mlpackage`): a folder whose Manifest.json names the specification among its items. */
import { UserError } from '../../errors.ts';
import type { ByteSource, ModelSources } from '../../ir/byte-source.ts';
import type { ModelFile } from '../../ir/graph.ts';
import { gitLfsPointerIn } from '../git-lfs.ts';
import { pathInside } from '../onnx/external-data.ts';
import { quote } from '../protobuf.ts';

/** The manifest's name; of a package it stands under `''`. */
export const manifestName = 'Manifest.json';

/** Real manifests have less than a kilobyte. */
const maximumManifestBytes = 65_536;

export interface CoreMlFiles {
  readonly source: ByteSource;
  /** The specification relative to the model's folder; `''`: it is the model file itself. */
  readonly specification: string;
  /** The file under `''`. */
  readonly root: ModelFile;
  readonly others: readonly ModelFile[];
}

/** Whether these first bytes are a manifest's, of a model that is called like a package. */
export function isManifest(head: Uint8Array, path: string): boolean {
  return /\.mlpackage\/*$/i.test(path) && head[head.findIndex((byte) => byte > 0x20)] === 0x7b;
}

/** @throws UserError when the manifest is none, or names what is not there. */
export function openPackage(sources: ModelSources, path: string): CoreMlFiles {
  const source = sources.get('');
  if (source === undefined) throw new UserError(`${path}: there is no such model file`);
  const root = {
    path: path.split('/').findLast((part) => part !== '')!,
    byteLength: source.byteLength,
    available: true,
  };
  if (!isManifest(source.read(0, Math.min(source.byteLength, 64)), path)) {
    return { source, specification: '', root, others: [] };
  }
  const specification = rootItem(readManifest(source, path), path);
  const others = new Set([specification, ...(sources.paths?.() ?? [])].filter((each) => each !== manifestName));
  return {
    source: openSpecification(sources, specification, path),
    specification,
    root: { ...root, path: manifestName },
    others: [...others].map((each) => fileOf(sources, each)),
  };
}

function fileOf(sources: ModelSources, path: string): ModelFile {
  const source = sources.get(path);
  const pointer = source && gitLfsPointerIn(source);
  if (source !== undefined && pointer === undefined) return { path, byteLength: source.byteLength, available: true };
  return { path, byteLength: pointer?.byteLength ?? sources.absentBytes?.(path) ?? 0, available: false };
}

function openSpecification(sources: ModelSources, file: string, path: string): ByteSource {
  const source = sources.get(file);
  const isPointer = source !== undefined && gitLfsPointerIn(source) !== undefined;
  if (isPointer || (source === undefined && sources.identity?.(file) !== undefined)) {
    throw new UserError(`${path}: ${quote(file)} is a Git LFS pointer whose object is not here; run \`git lfs pull\``);
  }
  if (source === undefined) throw new UserError(`${path}: ${quote(file)}, which the manifest names, is not there`);
  return source;
}

function readManifest(source: ByteSource, path: string): unknown {
  if (source.byteLength > maximumManifestBytes) {
    throw new UserError(`${path}: a manifest of ${source.byteLength} bytes; ${maximumManifestBytes} are allowed`);
  }
  try {
    return JSON.parse(new TextDecoder().decode(source.read(0, source.byteLength)));
  } catch {
    throw new UserError(`${path}: ${manifestName} is no JSON`);
  }
}

/** `itemInfoEntries[rootModelIdentifier].path`, which is relative to the folder Data. */
function rootItem(manifest: unknown, path: string): string {
  const identifier = property(manifest, 'rootModelIdentifier');
  const entries = property(manifest, 'itemInfoEntries');
  const item = typeof identifier === 'string' ? property(entries, identifier) : undefined;
  const file = property(item, 'path');
  if (typeof file !== 'string') throw new UserError(`${path}: ${manifestName} names no root model`);
  const inside = pathInside(file);
  if (inside === undefined || file.length > 1024) {
    throw new UserError(`${path}: the root model lies outside of the package: ${quote(file)}`);
  }
  return `Data/${inside}`;
}

function property(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}
