/** One side of a comparison: the files of a commit, of the working tree, or of a folder, with LFS objects in place. */
import { closeSync, existsSync, lstatSync, mkdtempSync, openSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, posix, sep } from 'node:path';
import { UserError } from '../errors.ts';
import { quote } from '../formats/protobuf.ts';
import { bufferSource, type ByteSource, type ModelSources } from '../ir/byte-source.ts';
import { openFile, type OpenFile } from '../files/file-source.ts';
import { filesBelow, namesBelow } from '../files/folder.ts';
import { isPackage, packageManifest } from '../review/packages.ts';
import { findLfsStorage, listTree, readBlob, writeBlob, type Repository, type TreeEntry } from './git.ts';
import { lfsObjectPath, maximumPointerBytes, parseLfsPointer, type LfsPointer } from '../files/lfs-pointer.ts';

/** Blobs up to this size stay in memory; larger ones go through a temporary file. */
const maximumBufferedBytes = 1024 * 1024;

export interface Snapshot {
  /** `undefined`: no such file. A pointer: its LFS object is not in the local store. */
  open(path: string): ByteSource | LfsPointer | undefined;
  /** True where there is something behind `path`, but outside of the folder: such links are not followed. */
  leadsOut(path: string): boolean;
  /** Files below a folder, relative to it, sorted; none where there is no such folder. */
  list(folder: string): readonly string[];
  /** Frees descriptors and temporary files; sources are dead afterwards. */
  readonly close: () => void;
}

export function isPointer(found: ByteSource | LfsPointer): found is LfsPointer {
  return 'oid' in found;
}

/** The file that stands for a model: the one at `path`, or the manifest of the package there. */
export function openModel(snapshot: Snapshot, path: string): ByteSource | LfsPointer | undefined {
  return snapshot.open(path) ?? (isPackage(path) ? snapshot.open(posix.join(path, packageManifest)) : undefined);
}

/** The sources of the model at `path`: itself, and external data beside it (absent where LFS has not fetched it). */
export function modelSources(snapshot: Snapshot, path: string): ModelSources {
  const isFolder = isPackage(path) && snapshot.open(path) === undefined;
  const folder = isFolder ? path : posix.dirname(path);
  const open = (name: string) => (name === '' ? openModel(snapshot, path) : snapshot.open(posix.join(folder, name)));
  const pointerAt = (name: string) => {
    const found = open(name);
    return found !== undefined && isPointer(found) ? found : undefined;
  };
  return {
    ...(isFolder && { paths: () => snapshot.list(path).filter((name) => name !== packageManifest) }),
    get: (name) => {
      const found = open(name);
      if (found === undefined && name !== '' && snapshot.leadsOut(posix.join(folder, name))) {
        throw new UserError(`${path}: external data ${quote(name)} is a link that leaves the model's folder`);
      }
      if (found === undefined || !isPointer(found)) return found;
      if (name !== '') return undefined;
      throw new UserError(
        `${path}: a Git LFS pointer whose object is not here; run \`git lfs pull --include="${path}"\``,
      );
    },
    identity: (name) => pointerAt(name)?.oid,
    absentBytes: (name) => pointerAt(name)?.byteLength,
  };
}

/** The tree of a commit. Nothing is checked out. */
export function commitSnapshot(repository: Repository, commit: string): Snapshot {
  const entries = new Map(listTree(repository, commit).map((entry) => [entry.path, entry]));
  const cache = openedOnce();
  const folder = temporaryFolder();
  return {
    open: (path) => {
      const entry = followLinks(repository, entries, path);
      if (entry === undefined) return undefined;
      return cache.get(path, () => resolvePointer(() => repository.lfsStorage, openBlob(repository, entry, folder)));
    },
    // A commit's link that leads out of it leads nowhere.
    leadsOut: () => false,
    list: (below) => namesBelow(entries.keys(), below),
    close: () => {
      cache.close();
      folder.remove();
    },
  };
}

/** As the system does; longer chains are loops. */
const longestChain = 8;

/** The file at `path`, or the one that a link there leads to; undefined where that lies outside of the tree. */
function followLinks(
  repository: Repository,
  entries: ReadonlyMap<string, TreeEntry>,
  path: string,
): TreeEntry | undefined {
  let entry = entries.get(path);
  for (let steps = 0; entry?.isLink === true; steps += 1) {
    if (steps === longestChain || entry.byteLength > maximumBufferedBytes) return undefined;
    const target = new TextDecoder().decode(readBlob(repository, entry.object));
    entry = target.startsWith('/') ? undefined : entries.get(posix.join(posix.dirname(entry.path), target));
  }
  return entry;
}

/** Where a clone keeps its LFS objects; null: nowhere. Asked only where a pointer turns up. */
export type LfsStorage = () => string | null;

/** The files below `root` as they lie there. Links that lead out of `root` are not followed. */
export function folderSnapshot(root: string, lfsStorage: LfsStorage): Snapshot {
  const cache = openedOnce();
  const realRoot = realpathSync(root);
  return {
    open: (path) => {
      const file = join(root, path);
      if (!isInside(realRoot, file)) return undefined;
      return cache.get(path, () => resolvePointer(lfsStorage, openFile(file, path)));
    },
    leadsOut: (path) => isOutside(realRoot, join(root, path)),
    list: (folder) => (isOutside(realRoot, join(root, folder)) ? [] : filesBelow(join(root, folder))),
    close: cache.close,
  };
}

/** A single model named on the command line (a link is followed), with what lies beside it. */
export function fileSnapshot(path: string): { readonly snapshot: Snapshot; readonly name: string } {
  if (!existsSync(path)) throw new UserError(`${path}: no such file`);
  const name = basename(path);
  if (statSync(path).isDirectory()) return packageSnapshot(path, name);
  const cache = openedOnce();
  const storage: LfsStorage = () => findLfsStorage(dirname(path));
  const beside = folderSnapshot(dirname(path), storage);
  return {
    name,
    snapshot: {
      open: (asked) =>
        asked === name ? cache.get(asked, () => resolvePointer(storage, openFile(path, path))) : beside.open(asked),
      leadsOut: (asked) => beside.leadsOut(asked),
      list: (folder) => beside.list(folder),
      close: () => {
        cache.close();
        beside.close();
      },
    },
  };
}

/** A folder named on the command line: the package alone, whatever lies beside it. */
function packageSnapshot(path: string, name: string): { readonly snapshot: Snapshot; readonly name: string } {
  if (!isPackage(name)) throw new UserError(`${path}: a folder; the only folders that are models are .mlpackage`);
  const inside = folderSnapshot(path, () => findLfsStorage(path));
  const within = (asked: string) => posix.relative(name, asked);
  return {
    name,
    snapshot: {
      open: (asked) => (asked === name ? undefined : inside.open(within(asked))),
      leadsOut: (asked) => inside.leadsOut(within(asked)),
      list: (folder) => inside.list(within(folder)),
      close: inside.close,
    },
  };
}

function isInside(realRoot: string, file: string): boolean {
  const real = realPathOf(file);
  return real !== undefined && isBelow(realRoot, real) && lstatSync(real).isFile();
}

function isOutside(realRoot: string, file: string): boolean {
  const real = realPathOf(file);
  return real !== undefined && real !== realRoot && !isBelow(realRoot, real);
}

/** Undefined: not there, or a link to nowhere. */
function realPathOf(file: string): string | undefined {
  try {
    return realpathSync(file);
  } catch {
    return undefined;
  }
}

function isBelow(realRoot: string, real: string): boolean {
  return real.startsWith(realRoot.endsWith(sep) ? realRoot : realRoot + sep);
}

interface Opened {
  readonly found: ByteSource | LfsPointer;
  readonly close: () => void;
}

function openBlob(repository: Repository, entry: TreeEntry, folder: TemporaryFolder): OpenFile {
  if (entry.byteLength <= maximumBufferedBytes) {
    return { source: bufferSource(readBlob(repository, entry.object)), close: () => undefined };
  }
  const file = join(folder.path(), entry.object);
  const descriptor = openSync(file, 'w', 0o600);
  try {
    writeBlob(repository, entry.object, descriptor);
  } finally {
    closeSync(descriptor);
  }
  return openFile(file, entry.path);
}

function opened({ source, close }: OpenFile): Opened {
  return { found: source, close };
}

/** What a pointer points to, when the local store has it; the pointer when not; any other file as it is. */
function resolvePointer(storageOf: LfsStorage, file: OpenFile): Opened {
  const { source } = file;
  if (source.byteLength > maximumPointerBytes) return opened(file);
  const pointer = parseLfsPointer(source.read(0, source.byteLength));
  if (pointer === undefined) return opened(file);
  file.close();
  const storage = storageOf();
  const object = storage === null ? undefined : lfsObjectPath(storage, pointer.oid);
  if (object === undefined || !existsSync(object)) return { found: pointer, close: () => undefined };
  return opened(openFile(object, `LFS object ${pointer.oid}`));
}

interface OpenedFiles {
  readonly get: (path: string, open: () => Opened) => ByteSource | LfsPointer;
  readonly close: () => void;
}

function openedOnce(): OpenedFiles {
  const byPath = new Map<string, Opened>();
  return {
    get: (path, open) => {
      const known = byPath.get(path) ?? open();
      byPath.set(path, known);
      return known.found;
    },
    close: () => {
      for (const entry of byPath.values()) entry.close();
      byPath.clear();
    },
  };
}

interface TemporaryFolder {
  path(): string;
  remove(): void;
}

/** Made when first needed; removed on close, and on exit should the program end early. */
function temporaryFolder(): TemporaryFolder {
  let made: string | undefined;
  const remove = (): void => {
    if (made !== undefined) rmSync(made, { recursive: true, force: true });
    made = undefined;
  };
  return {
    path: () => {
      if (made === undefined) {
        made = mkdtempSync(join(tmpdir(), 'model-budget-'));
        process.once('exit', remove);
      }
      return made;
    },
    remove,
  };
}
