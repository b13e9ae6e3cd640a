/** One side of a model as a caller wants it: whole, its file alone, or as far as it comes without bandwidth of Git LFS. */
import { posix } from 'node:path';
import { UserError } from '../errors.ts';
import { maximumPointerBytes, parseLfsPointer, type LfsPointer } from '../files/lfs-pointer.ts';
import { externalPaths, readModel } from '../formats/index.ts';
import type { ByteSource, ModelSources } from '../ir/byte-source.ts';
import { isPackage, packageManifest } from '../review/packages.ts';
import type { ReviewedSide } from '../review.ts';
import type { GitHub } from './client.ts';
import { lfsObject, maximumObjectBytes } from './lfs.ts';
import { maximumBlobBytes, type ObjectStore } from './objects.ts';
import { entryBehind } from './regular-file.ts';
import { fileSizeInLfs, packageSizeInLfs, type PointedSize } from './size-in-lfs.ts';
import type { CommitFiles, TreeEntry } from './tree.ts';

export interface Fetching {
  readonly github: GitHub;
  readonly store: ObjectStore;
}

export type ReadSide = (files: CommitFiles, path: string) => Promise<ReviewedSide>;

export interface Readers {
  /** The model with its external data. */
  readonly side: ReadSide;
  /** The model file alone: enough to know what it names, and no bandwidth for weights that nobody looks at. */
  readonly modelFile: ReadSide;
  /** The model as far as it is there without bandwidth of Git LFS; its size in any case. */
  readonly sizedSide: ReadSide;
}

/** Relative to the repository; none of a file that is no model of a known format. */
export function externalFilesOf(path: string, sources: ModelSources): readonly string[] {
  try {
    return externalPaths(readModel(sources, path)).map((file) => posix.join(posix.dirname(path), file));
  } catch (error) {
    if (error instanceof UserError) return [];
    throw error;
  }
}

/** @throws UserError where the bytes, or the Git LFS object behind them, cannot be had. */
type ReadFile = (files: CommitFiles, entry: TreeEntry) => Promise<ByteSource>;

export function readersOf({ github, store }: Fetching, open: (file: string, shownAs: string) => ByteSource): Readers {
  const opened: ReadFile = async (files, entry) => open(await store.blob(entry, files.repository), entry.path);
  const fetchedUpTo =
    (mostBytes: number): ReadFile =>
    async (files, entry) => {
      const source = await opened(files, entry);
      const pointer = pointerIn(source);
      if (pointer === undefined) return source;
      const object = await lfsObject(github, files.repository, pointer);
      if (pointer.byteLength > mostBytes) return source;
      return open(await store.content(pointer, object.open), entry.path);
    };
  const read = fetchedUpTo(Infinity);
  const pointedSize: PointedSize = async (files, entry) => {
    if (entry.byteLength > maximumPointerBytes) return null;
    const pointer = pointerIn(await opened(files, entry));
    return pointer === undefined ? null : (await lfsObject(github, files.repository, pointer)).byteLength;
  };
  // A pointer counts with its size where weights are looked for; whether that is true was asked.
  const readPointer = fetchedUpTo(0);
  // Weights that are too large to be fetched: the structure tells the rest.
  const readData = fetchedUpTo(maximumObjectBytes);
  const entryOf: FindEntry = (files, path) => entryBehind(store, files, path);
  return {
    side: sideReader(sourcesReader({ entryOf, read, readData })),
    modelFile: sideReader(sourcesReader({ entryOf, read, readData: null })),
    sizedSide: sizedSideReader(sourcesReader({ entryOf, read, readData: readPointer }), { entryOf, pointedSize }),
  };
}

function pointerIn(source: ByteSource): LfsPointer | undefined {
  return source.byteLength > maximumPointerBytes ? undefined : parseLfsPointer(source.read(0, source.byteLength));
}

type FindEntry = (files: CommitFiles, path: string) => Promise<TreeEntry | undefined>;

interface SourceReaders {
  readonly entryOf: FindEntry;
  readonly read: ReadFile;
  /** Of external data; null: it is left out. */
  readonly readData: ReadFile | null;
}

type ReadSources = (files: CommitFiles, path: string) => Promise<ModelSources>;

function sourcesReader({ entryOf, read, readData }: SourceReaders): ReadSources {
  return async (files, path) => {
    const entry = await entryOf(files, path);
    if (entry?.kind === 'folder' && isPackage(path)) return packageSources(files, path, readData ?? read);
    if (entry?.kind !== 'file') throw new UserError('not a regular file there (a link or a submodule)');
    const model = await read(files, entry);
    return readData === null
      ? new Map([['', model]])
      : withExternalData(files, path, { model, entryOf, read: readData });
  };
}

interface SizeReaders {
  readonly entryOf: FindEntry;
  readonly pointedSize: PointedSize;
}

/** Whole where nothing of it is in Git LFS. */
function sizedSideReader(sourcesOf: ReadSources, { entryOf, pointedSize }: SizeReaders): ReadSide {
  const sizeOf = async (files: CommitFiles, path: string): Promise<number | null> => {
    const entry = await entryOf(files, path);
    if (entry?.kind === 'file') return fileSizeInLfs(files, { path, entry }, pointedSize);
    if (entry?.kind !== 'folder' || !isPackage(path)) return null;
    return packageSizeInLfs(files, await packageFiles(files, path), pointedSize);
  };
  return reported(async (files, path) => {
    const fileBytes = await sizeOf(files, path);
    if (fileBytes === null) return { sources: await sourcesOf(files, path) };
    return { error: `${path}: ${onlySize}`, fileBytes };
  });
}

const onlySize = 'not fetched from Git LFS, since no budget asks for more than its size';

function sideReader(sourcesOf: ReadSources): ReadSide {
  return reported(async (files, path) => ({ sources: await sourcesOf(files, path) }));
}

/** What the caller should know is said of that side. */
function reported(read: ReadSide): ReadSide {
  return async (files, path) => {
    try {
      return await read(files, path);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return { error: error.message.startsWith(`${path}: `) ? error.message : `${path}: ${error.message}` };
    }
  };
}

interface ModelRead {
  readonly model: ByteSource;
  readonly entryOf: FindEntry;
  readonly read: ReadFile;
}

async function withExternalData(
  files: CommitFiles,
  path: string,
  { model, entryOf, read }: ModelRead,
): Promise<ModelSources> {
  const sources = new Map([['', model]]);
  for (const external of externalFilesOf(path, sources)) {
    const data = await entryOf(files, external);
    // Weights that the API does not give out count as absent: their sizes follow from the declared shapes.
    if (data?.kind !== 'file' || data.byteLength > maximumBlobBytes) continue;
    sources.set(posix.relative(posix.dirname(path), external), await read(files, data));
  }
  return sources;
}

/** More files than any package has. */
const maximumPackageFiles = 256;

/** Every file of the package, since all count into its size; what the API does not give out counts as absent. */
async function packageSources(files: CommitFiles, path: string, read: ReadFile): Promise<ModelSources> {
  const entries = await packageFiles(files, path);
  const sources = new Map<string, ByteSource>();
  for (const entry of entries) {
    const name = posix.relative(path, entry.path);
    if (entry.byteLength > maximumBlobBytes) continue;
    sources.set(name === packageManifest ? '' : name, await read(files, entry));
  }
  if (!sources.has('')) throw new UserError(`a folder without a ${packageManifest}`);
  const names = entries.map((entry) => posix.relative(path, entry.path)).filter((name) => name !== packageManifest);
  return { get: (name) => sources.get(name), paths: () => names };
}

async function packageFiles(files: CommitFiles, path: string): Promise<readonly TreeEntry[]> {
  return (await entriesBelow(files, path)).filter(({ kind }) => kind === 'file');
}

async function entriesBelow(files: CommitFiles, path: string): Promise<readonly TreeEntry[]> {
  const found: TreeEntry[] = [];
  const folders = [path];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await files.folder(folder)) {
      if (entry.kind === 'folder') folders.push(entry.path);
      else found.push(entry);
    }
    if (found.length + folders.length > maximumPackageFiles) {
      throw new UserError(`more than ${maximumPackageFiles} files; such a package is not read`);
    }
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}
