/** The changed models of a range, fetched: each side's files on disk, or why they are not. */
import type { Config } from '../config.ts';
import { UserError } from '../errors.ts';
import { openFile, type OpenFile } from '../files/file-source.ts';
import { changedModels, foldersToList, isModelOf, modelsToAsk, type Change } from '../review/changed-models.ts';
import { packageOf } from '../review/packages.ts';
import type { ReviewedModel } from '../review.ts';
import type { ChangeRange } from './changes.ts';
import { externalFilesOf, readersOf, type Fetching, type Readers, type ReadSide } from './side-readers.ts';
import { isOneFile, sizeSuffices } from './size-in-lfs.ts';
import type { CommitFiles } from './tree.ts';

export type { Fetching } from './side-readers.ts';

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
  return openModels(fetching, range, { changed: changed.filter(isWanted) });
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

export interface ModelsToOpen {
  readonly changed: readonly Change[];
  /** Whose budgets decide what is needed of models in Git LFS; without it everything is. */
  readonly judgedBy?: Config;
}

/** Both sides of these models. */
export async function openModels(
  fetching: Fetching,
  range: ChangeRange,
  { changed, judgedBy }: ModelsToOpen,
): Promise<FetchedModels> {
  return withOpenFiles(fetching, async ({ side, sizedSide }) => {
    const models: ReviewedModel[] = [];
    for (const change of changed) {
      const isSized = judgedBy !== undefined && sizeSuffices(change, judgedBy);
      models.push(await reviewedModel(change, range, isSized ? sizedSide : side));
    }
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

async function changedModelsOf(
  changes: readonly Change[],
  head: CommitFiles,
  config: Config,
  { modelFile }: Readers,
): Promise<readonly Change[]> {
  const isModel = isModelOf(config);
  const paths = await pathsIn(head, foldersToList(changes, isModel));
  const asked = modelsToAsk(changes, paths, isModel).filter((path) => !isOneFile(path));
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
