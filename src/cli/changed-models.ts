/** Which models a change touches: model files themselves, and models whose external data changed. */
import { posix } from 'node:path';
import type { Change } from './git.ts';

/** True for paths that are reviewed: by the config's globs, or by extension where there are none. */
export type IsModel = (path: string) => boolean;

/** The external data files of the model at `path` on the head's side, relative to the repository. */
export type ExternalFiles = (path: string) => readonly string[];

/** Extensions that no exporter writes weights to; a change of source code must not open every model. */
const neverWeights =
  /\.(py|pyi|ipynb|md|rst|txt|json|jsonl|ya?ml|toml|ini|cfg|lock|[cm]?[jt]sx?|c|cc|cpp|h|hpp|rs|go|java|kt|swift|sh|html|css|svg|png|jpe?g|gif|csv|xml)$/i;

/**
 * Changed models, sorted by path. A model that moves out of the reviewed paths stays (its old path has budgets); one
 * whose weights file changed counts as modified though the file itself did not.
 */
export function changedModels(
  changes: readonly Change[],
  models: readonly string[],
  isModel: IsModel,
  externalFiles: ExternalFiles,
): readonly Change[] {
  const direct = changes.filter(
    ({ path, previousPath }) => isModel(path) || (previousPath !== undefined && isModel(previousPath)),
  );
  const known = new Set(direct.map(({ path }) => path));
  const others = changes.map(({ path }) => path).filter((path) => !known.has(path) && !neverWeights.test(path));
  const byData = modelsOf(
    others,
    models.filter((path) => isModel(path) && !known.has(path)),
    externalFiles,
  );
  return [...direct, ...byData].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** Models that name one of `files` as external data. Data may not leave a model's folder, so only those above it are asked. */
function modelsOf(
  files: readonly string[],
  models: readonly string[],
  externalFiles: ExternalFiles,
): readonly Change[] {
  if (files.length === 0) return [];
  const changed = new Set(files);
  const folders = new Set(files.flatMap(foldersAbove));
  return models
    .filter((path) => folders.has(posix.dirname(path)) && externalFiles(path).some((file) => changed.has(file)))
    .map((path) => ({ status: 'modified' as const, path }));
}

/** `a/b/c.data` lies below `a/b`, `a` and `.`. */
function foldersAbove(path: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = posix.dirname(path); ; folder = posix.dirname(folder)) {
    folders.push(folder);
    if (folder === '.' || folder === '/') return folders;
  }
}
