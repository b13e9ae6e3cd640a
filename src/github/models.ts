/** The changed models of a range, fetched: each side's files on disk, or why they are not. */
import { posix } from 'node:path';
import type { Config } from '../config.ts';
import { UserError } from '../errors.ts';
import { openFile, type OpenFile } from '../files/file-source.ts';
import { maximumPointerBytes, parseLfsPointer } from '../files/lfs-pointer.ts';
import { externalPaths, readModel } from '../formats/index.ts';
import type { ByteSource, ModelSources } from '../ir/byte-source.ts';
import { changedModels, foldersToList, isModelOf, modelsToAsk, type Change } from '../review/changed-models.ts';
import { isPackage, packageManifest, packageOf } from '../review/packages.ts';
import type { ReviewedModel, ReviewedSide } from '../review.ts';
import type { ChangeRange } from './changes.ts';
import type { GitHub } from './client.ts';
import { lfsObject } from './lfs.ts';
import { maximumBlobBytes, type ObjectStore } from './objects.ts';
import type { CommitFiles, TreeEntry } from './tree.ts';

export interface Fetching {
  readonly github: GitHub;
  readonly store: ObjectStore;
}

export interface FetchedModels {
  readonly models: readonly ReviewedModel[];
  /** Frees descriptors; models are dead afterwards. */
  readonly close: () => void;
}

export interface WantedModels {
  readonly config: Config;
  /** By default all that changed; others are not fetched. */
  readonly isWanted?: (model: Change) => boolean;
}

/** More unchanged models than this are not opened to look for a changed weights file. */
const maximumAsked = 64;

/** @throws UserError when it cannot be told which models changed. */
export async function fetchModels(
  fetching: Fetching,
  range: ChangeRange,
  changes: readonly Change[],
  { config, isWanted = () => true }: WantedModels,
): Promise<FetchedModels> {
  const changed = await changedModelList(fetching, range.head, changes, config);
  return openModels(fetching, range, changed.filter(isWanted));
}

/** Which models changed, by themselves or by their weights. @throws UserError when it cannot be told. */
export async function changedModelList(
  fetching: Fetching,
  head: CommitFiles,
  changes: readonly Change[],
  config: Config,
): Promise<readonly Change[]> {
  let changed: readonly Change[] = [];
  const { close } = await withOpenFiles(fetching, async (readers) => {
    changed = await changedModelsOf(changes, head, config, readers);
    return [];
  });
  close();
  return changed;
}

/** Both sides of these models. */
export async function openModels(
  fetching: Fetching,
  range: ChangeRange,
  changed: readonly Change[],
): Promise<FetchedModels> {
  return withOpenFiles(fetching, async (readers) => {
    const models: ReviewedModel[] = [];
    for (const change of changed) models.push(await reviewedModel(change, range, readers.side));
    return models;
  });
}

/** Every model of a commit, for what fetching them leaves in a cache. Their number. */
export async function fetchAllModels(fetching: Fetching, files: CommitFiles, config: Config): Promise<number> {
  const paths = await files.all();
  if (paths === null) throw new UserError('GitHub cuts the list of all files');
  const isModel = isModelOf(config);
  const models = [...new Set(paths.map(({ path }) => packageOf(path) ?? path))].filter(isModel);
  for (const path of models) {
    const { close } = await withOpenFiles(fetching, async (readers) => {
      const side = await readers.side(files, path);
      if ('error' in side) fetching.github.log(side.error);
      return [];
    });
    close();
  }
  return models.length;
}

async function withOpenFiles(
  fetching: Fetching,
  read: (readers: Readers) => Promise<readonly ReviewedModel[]>,
): Promise<FetchedModels> {
  const opened: OpenFile[] = [];
  const close = (): void => {
    for (const file of opened) file.close();
  };
  const readers = readersOf(fetching, (file, shownAs) => {
    const one = openFile(file, shownAs);
    opened.push(one);
    return one.source;
  });
  try {
    return { models: await read(readers), close };
  } catch (error) {
    close();
    throw error;
  }
}

type ReadSide = (files: CommitFiles, path: string) => Promise<ReviewedSide>;

interface Readers {
  /** The model with its external data. */
  readonly side: ReadSide;
  /** The model file alone: enough to know what it names, and no bandwidth for weights that nobody looks at. */
  readonly modelFile: ReadSide;
}

async function changedModelsOf(
  changes: readonly Change[],
  head: CommitFiles,
  config: Config,
  { modelFile }: Readers,
): Promise<readonly Change[]> {
  const isModel = isModelOf(config);
  const paths = await pathsIn(head, foldersToList(changes, isModel));
  const asked = modelsToAsk(changes, paths, isModel);
  if (asked.length > maximumAsked) {
    throw new UserError(
      `${asked.length} unchanged models may use a changed file as their weights: too many to look into`,
    );
  }
  const external = new Map<string, readonly string[]>();
  const unknown: Change[] = [];
  for (const path of asked) {
    const side = await modelFile(head, path);
    // It may have changed, and its review says why nobody knows.
    if ('error' in side) unknown.push({ status: 'modified', path });
    else external.set(path, externalFilesOf(path, side.sources));
  }
  return [...changedModels(changes, paths, isModel, (path) => external.get(path) ?? []), ...unknown];
}

/** Fewer folders are listed one by one; a change all over the repository needs the whole tree. */
const fewFolders = 20;

async function pathsIn(files: CommitFiles, folders: readonly string[]): Promise<readonly string[]> {
  if (folders.length > fewFolders) {
    const all = await files.all();
    if (all === null) throw new UserError('GitHub cuts the list of all files: not every changed model could be found');
    return all.map(({ path }) => path);
  }
  const listed = await Promise.all(folders.map((folder) => files.folder(folder)));
  return listed.flat().map(({ path }) => path);
}

async function reviewedModel(
  { status, path, previousPath }: Change,
  { base, head }: ChangeRange,
  readSide: ReadSide,
): Promise<ReviewedModel> {
  return {
    path,
    ...(previousPath === undefined ? {} : { previousPath }),
    status,
    ...(status === 'added' ? {} : { base: await readSide(base, previousPath ?? path) }),
    ...(status === 'removed' ? {} : { head: await readSide(head, path) }),
  };
}

/** Relative to the repository; none of a file that is no model of a known format. */
function externalFilesOf(path: string, sources: ModelSources): readonly string[] {
  try {
    return externalPaths(readModel(sources, path)).map((file) => posix.join(posix.dirname(path), file));
  } catch (error) {
    if (error instanceof UserError) return [];
    throw error;
  }
}

/** @throws UserError where the bytes, or the Git LFS object behind them, cannot be had. */
type ReadFile = (files: CommitFiles, entry: TreeEntry) => Promise<ByteSource>;

function readersOf({ github, store }: Fetching, open: (file: string, shownAs: string) => ByteSource): Readers {
  const read: ReadFile = async (files, entry) => {
    const source = open(await store.blob(entry, files.repository), entry.path);
    const pointer =
      source.byteLength > maximumPointerBytes ? undefined : parseLfsPointer(source.read(0, source.byteLength));
    if (pointer === undefined) return source;
    const object = await lfsObject(github, files.repository, pointer);
    return open(await store.content(pointer, object.open), entry.path);
  };
  const sourcesOf =
    (withData: boolean) =>
    async (files: CommitFiles, path: string): Promise<ModelSources> => {
      const entry = await files.entry(path);
      if (entry?.kind === 'folder' && isPackage(path)) return packageSources(files, path, read);
      if (entry?.kind !== 'file') throw new UserError('not a regular file there (a link or a submodule)');
      const model = await read(files, entry);
      return withData ? withExternalData(files, path, { model, read }) : new Map([['', model]]);
    };
  return { side: sideReader(sourcesOf(true)), modelFile: sideReader(sourcesOf(false)) };
}

function sideReader(sourcesOf: (files: CommitFiles, path: string) => Promise<ModelSources>): ReadSide {
  return async (files, path) => {
    try {
      return { sources: await sourcesOf(files, path) };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return { error: error.message.startsWith(`${path}: `) ? error.message : `${path}: ${error.message}` };
    }
  };
}

interface ModelRead {
  readonly model: ByteSource;
  readonly read: ReadFile;
}

async function withExternalData(files: CommitFiles, path: string, { model, read }: ModelRead): Promise<ModelSources> {
  const sources = new Map([['', model]]);
  for (const external of externalFilesOf(path, sources)) {
    const data = await files.entry(external);
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
  const entries = (await entriesBelow(files, path)).filter(({ kind }) => kind === 'file');
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
