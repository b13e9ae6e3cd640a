/** Which models a change touches: model files themselves, and models whose external data changed. */
import { modelEntry, type Config } from '../config.ts';
import { outsidePackages, withPackages, type Change } from './packages.ts';

export type { Change } from './packages.ts';

/** True for paths that are reviewed: by the config's globs, or by extension where there are none. */
export type IsModel = (path: string) => boolean;

/** The external data files of the model at `path` on the head's side, relative to the repository. */
export type ExternalFiles = (path: string) => readonly string[];

/**
 * Without globs in the config (or with one entry for all that flags made): every ONNX, TFLite and Core ML file that it
 * does not leave out.
 */
export function isModelOf(config: Config): IsModel {
  const everything = config.models.every(({ path }) => path === '**');
  return (path) =>
    modelEntry(config, path) !== undefined && (!everything || /\.(onnx|tflite|mlmodel|mlpackage)$/i.test(path));
}

/** Extensions that no exporter writes weights to; a change of source code must not open every model. */
const neverWeights =
  /\.(py|pyi|ipynb|md|rst|txt|json|jsonl|ya?ml|toml|ini|cfg|lock|[cm]?[jt]sx?|c|cc|cpp|h|hpp|rs|go|java|kt|swift|sh|html|css|svg|png|jpe?g|gif|csv|xml)$/i;

/**
 * Changed models, sorted by path. A model that moves out of the reviewed paths stays (its old path has budgets); one
 * whose weights file changed counts as modified though the file itself did not.
 */
export function changedModels(
  changes: readonly Change[],
  paths: readonly string[],
  isModel: IsModel,
  externalFiles: ExternalFiles,
): readonly Change[] {
  const others = new Set(dataChanges(changes, isModel));
  const byData = modelsToAsk(changes, paths, isModel)
    .filter((path) => externalFiles(path).some((file) => others.has(file)))
    .map((path) => ({ status: 'modified' as const, path }));
  return [...directChanges(changes, isModel), ...byData].sort((a, b) =>
    a.path < b.path ? -1 : a.path > b.path ? 1 : 0,
  );
}

/**
 * Unchanged models that may name a changed file as external data, so that they must be opened to know. Data may not leave
 * a model's folder: only models in the folders above a changed file can.
 */
export function modelsToAsk(changes: readonly Change[], paths: readonly string[], isModel: IsModel): readonly string[] {
  const direct = new Set(directChanges(changes, isModel).map(({ path }) => path));
  const folders = new Set(dataChanges(changes, isModel).flatMap(foldersAbove));
  return outsidePackages(paths).filter((path) => folders.has(folderOf(path)) && isModel(path) && !direct.has(path));
}

/** Folders that may hold a model whose data changed: where a caller has to look. */
export function foldersToList(changes: readonly Change[], isModel: IsModel): readonly string[] {
  return [...new Set(dataChanges(changes, isModel).flatMap(foldersAbove))].sort();
}

function directChanges(changes: readonly Change[], isModel: IsModel): readonly Change[] {
  return withPackages(changes).filter(
    ({ path, previousPath }) => isModel(path) || (previousPath !== undefined && isModel(previousPath)),
  );
}

/** Changed files that are no models and may be weights; one that moved is missing where it was. */
function dataChanges(changes: readonly Change[], isModel: IsModel): readonly string[] {
  const direct = new Set(directChanges(changes, isModel).map(({ path }) => path));
  return withPackages(changes)
    .filter(({ path }) => !direct.has(path))
    .flatMap(({ path, previousPath }) => (previousPath === undefined ? [path] : [path, previousPath]))
    .filter((path) => !neverWeights.test(path));
}

/** Files of a commit below a folder (`''` or with a slash at its end) that may be the weights of a model there. */
export function dataFilesBelow<File extends { readonly path: string }>(
  folder: string,
  files: readonly File[],
): readonly File[] {
  return files.filter(
    ({ path }) =>
      path.startsWith(folder) && !neverWeights.test(path) && !modelFile.test(path) && !housekeeping.test(path),
  );
}

/** Files that are models themselves. */
const modelFile = /\.(onnx|tflite|mlmodel|ort|pte|gguf|h5|hdf5|keras|pt|pth|safetensors)$|\.mlpackage\//i;

/** What repositories keep for people and git: `.gitattributes`, `LICENSE`. */
const housekeeping = /(^|\/)(\.[^/]+(\/.*)?|LICEN[CS]E|README|NOTICE|CODEOWNERS|Makefile|Dockerfile)$/;

/** `''` is the repository's top. */
function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}

/** `a/b/c.data` lies below `a/b`, `a` and the top. */
function foldersAbove(path: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = folderOf(path); ; folder = folderOf(folder)) {
    folders.push(folder);
    if (folder === '') return folders;
  }
}
