/** Git LFS: what should be in it and is not, what is and was not fetched. */
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { maximumPointerBytes, parseLfsPointer, type LfsPointer } from '../../files/lfs-pointer.ts';
import { externalPaths } from '../../formats/index.ts';
import { findCommit, lfsPaths, listTree, readBlob, type Repository } from '../git.ts';
import type { SurveyedModel } from '../survey.ts';
import { extensionOf } from '../init/globs.ts';
import { finding, quoted, type Finding } from './finding.ts';

/** GitHub refuses a push of larger files, and its API gives none of them. */
const largestBlobBytes = 100 * 1024 * 1024;

export interface LfsState {
  readonly findings: readonly Finding[];
  /** Some model, or its weights, is to be stored there. */
  readonly isUsed: boolean;
  /** One of the objects of the last commit, to ask the server for. */
  readonly pointer: LfsPointer | undefined;
}

/** The files of one model, relative to the repository. */
export interface ModelFiles {
  readonly path: string;
  readonly files: readonly string[];
  readonly isPointer: boolean;
}

export function lfsState(repository: Repository, models: readonly ModelFiles[]): LfsState {
  const files = [...new Set(models.flatMap((model) => model.files))].sort();
  const stored = lfsPaths(repository, files);
  const committed = committedFiles(repository, stored);
  const pointers = committed.flatMap(({ pointer }) => (pointer === undefined ? [] : [pointer]));
  return {
    isUsed: stored.size > 0,
    pointer: pointers[0],
    findings: [
      ...files.filter((path) => !stored.has(path)).flatMap((path) => tooLarge(repository, path)),
      ...committed.flatMap(({ path, pointer }) => (pointer === undefined ? [notStored(path)] : [])),
      ...models.flatMap(({ path, isPointer }) => (isPointer ? [notFetched(path)] : [])),
    ],
  };
}

/** The model's file and what lies beside it; a package by all that is in it. */
export function modelFiles(model: SurveyedModel): ModelFiles {
  return { path: model.path, files: filesOf(model), isPointer: model.kind === 'pointer' };
}

function filesOf(model: SurveyedModel): readonly string[] {
  if (model.kind !== 'read') return [model.path];
  const inside = model.sources.paths?.();
  if (inside !== undefined) return inside.map((name) => `${model.path}/${name}`);
  const folder = model.path.slice(0, model.path.lastIndexOf('/') + 1);
  return [model.path, ...externalPaths(model.model).map((name) => folder + name)];
}

function tooLarge({ root }: Repository, path: string): readonly Finding[] {
  const found = lstatSync(join(root, path), { throwIfNoEntry: false });
  if (found?.isFile() !== true || found.size <= largestBlobBytes) return [];
  const message = `${quoted(path)}: more than 100 MB and not in Git LFS, so that GitHub takes no push of it and its API gives none: add to \`.gitattributes\`, then commit it anew`;
  return [finding('lfs-too-large', 'error', message, [attributesLine(path)])];
}

function attributesLine(path: string): string {
  return `*${extensionOf(path)} filter=lfs diff=lfs merge=lfs -text`;
}

function notStored(path: string): Finding {
  const message = `${quoted(path)}: \`.gitattributes\` hands it to Git LFS, but the last commit holds the file itself`;
  return finding('lfs-not-stored', 'warning', message, ['git add --renormalize .', 'git commit']);
}

function notFetched(path: string): Finding {
  const message = `${quoted(path)}: its Git LFS object was not fetched, so nothing but its size is known here`;
  return finding('lfs-not-fetched', 'warning', message, [`git lfs pull --include=${shellWord(path)}`]);
}

function shellWord(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}

interface CommittedFile {
  readonly path: string;
  readonly pointer: LfsPointer | undefined;
}

/** Those of the last commit; none where there is no commit yet. */
function committedFiles(repository: Repository, paths: ReadonlySet<string>): readonly CommittedFile[] {
  const head = findCommit(repository, 'HEAD');
  if (head === undefined || paths.size === 0) return [];
  return listTree(repository, head)
    .filter(({ path, isLink }) => paths.has(path) && !isLink)
    .map(({ path, object, byteLength }) => {
      const pointer = byteLength <= maximumPointerBytes ? parseLfsPointer(readBlob(repository, object)) : undefined;
      return { path, pointer };
    });
}
