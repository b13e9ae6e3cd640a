/**
 * The size of a model in Git LFS as the server tells it, where nothing else of the model is asked for: no byte of an object
 * moves, and bandwidth is billed.
 */
import { appliesTo } from '../compare/budget.ts';
import { modelEntry, type Config } from '../config.ts';
import { dataFilesBelow, type Change } from '../review/changed-models.ts';
import type { CommitFiles, TreeEntry } from './tree.ts';

/** Formats whose models are one file, and of which nothing but the size can be told without reading them. */
const closedFile = /\.(ort|pte|gguf|h5|hdf5|keras|pt|pth|safetensors)$/i;

const readableFile = /\.(tflite|mlmodel)$/i;

/** By its name: no other file belongs to such a model. */
export function isOneFile(path: string): boolean {
  return closedFile.test(path) || readableFile.test(path);
}

/** True where every budget that applies is one of size; without any, where nobody here could look inside. */
export function sizeSuffices({ path, previousPath }: Change, config: Config): boolean {
  const name = modelEntry(config, path)?.name ?? (previousPath && modelEntry(config, previousPath)?.name);
  const model = { path, ...(previousPath ? { previousPath } : {}), ...(name ? { name } : {}) };
  const budgets = config.budgets.filter((budget) =>
    appliesTo(budget, { ...model, target: budget.target === undefined ? [] : [budget.target] }),
  );
  return budgets.length === 0 ? closedFile.test(path) : budgets.every(({ metric }) => metric === 'size');
}

/** The real size of what a pointer stands for; null: the file is no pointer. @throws UserError when nobody tells it. */
export type PointedSize = (files: CommitFiles, entry: TreeEntry) => Promise<number | null>;

export interface ModelFile {
  readonly path: string;
  /** What lies there, or where a link there leads. */
  readonly entry: TreeEntry;
}

/** Null: the file is not in Git LFS, or others may belong to it, which only its contents tell. */
export async function fileSizeInLfs(
  files: CommitFiles,
  { path, entry }: ModelFile,
  pointedSize: PointedSize,
): Promise<number | null> {
  const byteLength = await pointedSize(files, entry);
  if (byteLength === null || isOneFile(path)) return byteLength;
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const all = await files.all();
  const isAlone = all !== null && dataFilesBelow(folder, all).every((file) => file.path === path);
  return isAlone ? byteLength : null;
}

/** Of all files of a package; null: none of them is in Git LFS. */
export async function packageSizeInLfs(
  files: CommitFiles,
  entries: readonly TreeEntry[],
  pointedSize: PointedSize,
): Promise<number | null> {
  const pointed: (number | null)[] = [];
  for (const entry of entries) pointed.push(await pointedSize(files, entry));
  if (pointed.every((size) => size === null)) return null;
  return pointed.reduce<number>((sum, size, index) => sum + (size ?? entries[index]!.byteLength), 0);
}
