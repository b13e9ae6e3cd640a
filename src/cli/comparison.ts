/** What `diff` compares: two files, two commits, or a commit and the working tree. */
import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { UserError } from '../errors.ts';
import { externalPaths, readModel } from '../formats/index.ts';
import type { Report } from '../report/report.ts';
import type { HeadFile } from '../report/source-line.ts';
import type { ReviewedModel, ReviewedSide } from '../review.ts';
import { changedModels, type Change, type IsModel } from '../review/changed-models.ts';
import {
  commitOf,
  defaultBranch,
  findRepository,
  listChanges,
  listTree,
  listWorkingFiles,
  mergeBase,
  type Repository,
} from './git.ts';
import { filesAround, filesOfCommit, filesOfWorkingTree } from './head-files.ts';
import {
  commitSnapshot,
  fileSnapshot,
  folderSnapshot,
  isPointer,
  modelSources,
  openModel,
  type Snapshot,
} from './snapshot.ts';

export interface Comparison {
  readonly base: Report['base'];
  readonly head: Report['head'];
  /** Where config and target files are read: the tip of the base, or the working tree. */
  readonly settings: Snapshot;
  models(isModel: IsModel): ChangedModels;
  /** Where lines of code are looked for; null outside of a clone. */
  readonly headFiles: () => readonly HeadFile[] | null;
  /** Frees what was opened; models are dead afterwards. */
  close(): void;
}

export interface ChangedModels {
  readonly count: number;
  /** Opens one model after the other. */
  readonly each: Iterable<ReviewedModel>;
}

/** Existing paths win over refs; `A...B` compares from the merge base; nothing at all compares with the working tree. */
export function comparisonOf(a: string | undefined, b: string | undefined): Comparison {
  const paths = [a, b].filter((one) => one !== undefined && existsSync(one));
  if (a !== undefined && b !== undefined && paths.length === 2) return filesCompared(a, b);
  const [path] = paths;
  if (path !== undefined) throw new UserError(loneFile(path, path === a ? b : a));
  return commitsCompared(findRepository('.'), a, b);
}

/** Paths win over commits of the same name, so that one has to be spelled out. */
function loneFile(path: string, other: string | undefined): string {
  const branch = `a branch of that name is refs/heads/${path}`;
  if (other === undefined) return `${path}: a file is compared with a second file; name that too (${branch})`;
  return `${other}: no such file to compare ${path} with (${branch})`;
}

function filesCompared(a: string, b: string): Comparison {
  const from = fileSnapshot(a);
  const to = fileSnapshot(b);
  const settings = folderSnapshot('.', () => null);
  const model: ReviewedModel = {
    path: b,
    ...(basename(a) === basename(b) ? {} : { previousPath: a }),
    status: 'modified',
    base: sideOf(from.snapshot, from.name, a),
    head: sideOf(to.snapshot, to.name, b),
  };
  return {
    base: { ref: a, sha: null, mergeBase: null },
    head: { ref: b, sha: null },
    settings,
    models: () => ({ count: 1, each: [model] }),
    headFiles: () => filesAround(dirname(b)),
    close: () => {
      for (const snapshot of [from.snapshot, to.snapshot, settings]) snapshot.close();
    },
  };
}

/** A file with nothing before it. */
export function fileAlone(path: string): Comparison {
  const { snapshot, name } = fileSnapshot(path);
  const settings = folderSnapshot('.', () => null);
  const model: ReviewedModel = { path, status: 'added', head: sideOf(snapshot, name, path) };
  return {
    base: { ref: null, sha: null, mergeBase: null },
    head: { ref: path, sha: null },
    settings,
    models: () => ({ count: 1, each: [model] }),
    headFiles: () => filesAround(dirname(path)),
    close: () => {
      snapshot.close();
      settings.close();
    },
  };
}

interface Range {
  readonly base: Report['base'];
  /** Full id of the commit whose models are the base's. */
  readonly from: string;
  readonly head: Report['head'];
}

/** `A B`: those two. `A...B`: from their merge base. `A`: with the working tree. Nothing: the working tree with the merge base of HEAD and the default branch. */
function rangeOf(repository: Repository, a: string | undefined, b: string | undefined): Range {
  const commit = (ref: string) => commitOf(repository, ref);
  const workingTree = { ref: null, sha: null };
  if (a !== undefined && b !== undefined) {
    return { base: { ref: a, sha: commit(a), mergeBase: null }, from: commit(a), head: { ref: b, sha: commit(b) } };
  }
  const dots = a?.indexOf('...') ?? -1;
  if (a !== undefined && dots < 0) {
    return { base: { ref: a, sha: commit(a), mergeBase: null }, from: commit(a), head: workingTree };
  }
  // As in git, an empty side of the dots is HEAD.
  const left = a === undefined ? defaultBranch(repository) : a.slice(0, dots) || 'HEAD';
  const right = (a ?? '').slice(dots + 3) || 'HEAD';
  const common = mergeBase(repository, commit(left), commit(right));
  return {
    base: { ref: left, sha: commit(left), mergeBase: common },
    from: common,
    head: a === undefined ? workingTree : { ref: right, sha: commit(right) },
  };
}

function commitsCompared(repository: Repository, a: string | undefined, b: string | undefined): Comparison {
  const { base, from, head } = rangeOf(repository, a, b);
  const baseFiles = commitSnapshot(repository, from);
  const headFiles =
    head.sha === null
      ? folderSnapshot(repository.root, () => repository.lfsStorage)
      : commitSnapshot(repository, head.sha);
  const settings = base.sha === null || base.sha === from ? baseFiles : commitSnapshot(repository, base.sha);
  const changes = listChanges(repository, from, head.sha);
  const paths =
    head.sha === null ? listWorkingFiles(repository) : listTree(repository, head.sha).map(({ path }) => path);
  return {
    base,
    head,
    settings,
    models: (isModel) => {
      const changed = changedModels(changes, paths, isModel, (path) => externalFilesOf(headFiles, path));
      return { count: changed.length, each: opened(changed, baseFiles, headFiles) };
    },
    headFiles: () => (head.sha === null ? filesOfWorkingTree(repository) : filesOfCommit(repository, head.sha)),
    close: () => {
      for (const snapshot of new Set([baseFiles, headFiles, settings])) snapshot.close();
    },
  };
}

function* opened(changes: readonly Change[], base: Snapshot, head: Snapshot): Iterable<ReviewedModel> {
  for (const change of changes) yield reviewedModel(change, base, head);
}

function reviewedModel({ status, path, previousPath }: Change, base: Snapshot, head: Snapshot): ReviewedModel {
  const basePath = previousPath ?? path;
  return {
    path,
    ...(previousPath === undefined ? {} : { previousPath }),
    status,
    ...(status === 'added' ? {} : { base: sideOf(base, basePath, basePath) }),
    ...(status === 'removed' ? {} : { head: sideOf(head, path, path) }),
  };
}

/** A pointer or a missing file is told in the report, and the other models are still reviewed. */
function sideOf(snapshot: Snapshot, path: string, shownAs: string): ReviewedSide {
  const found = openModel(snapshot, path);
  if (found === undefined) return { error: `${shownAs}: not a regular file there (a link or a submodule)` };
  if (isPointer(found)) return { error: `${shownAs}: the Git LFS object is not here; run \`git lfs pull\`` };
  return { sources: modelSources(snapshot, path) };
}

/** Paths relative to the repository; none where the model cannot be read, which its own review will tell. */
function externalFilesOf(snapshot: Snapshot, path: string): readonly string[] {
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/') + 1) : '';
  try {
    return externalPaths(readModel(modelSources(snapshot, path), path)).map((file) => folder + file);
  } catch (error) {
    if (error instanceof UserError) return [];
    throw error;
  }
}
