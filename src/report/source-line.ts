/**
 * The line of the repository that made a layer. Traces hold absolute paths of the machine of the export, so only what
 * can be found in the repository is told, by the repository's own path.
 */
import { visibleName } from './inert.ts';
import type { Frame } from './stack-trace.ts';

/** A file of the head, relative to the repository's top. */
export interface HeadFile {
  readonly path: string;
  readonly byteLength: number;
}

/** `path:line` in the repository; undefined where no frame leads to exactly one of its files. */
export type FindSource = (frames: readonly Frame[]) => string | undefined;

/** More folders than this tell no two files apart. */
const deepest = 32;

/** Files by each end of their paths (`net.py`, `models/net.py`); null where several end so and none is just that. */
type FilesByTail = ReadonlyMap<string, HeadFile | null>;

/**
 * A frame is in the file that shares the longest end of its path, which must be one only; the innermost frame that is in
 * a file of the repository is the line. What lies where Python keeps its libraries needs more than a file's name.
 */
export function sourceFinder(files: readonly HeadFile[]): FindSource {
  const byTail = filesByTail(files.filter(({ path }) => path.endsWith('.py')));
  return (frames) => {
    for (const { path, line } of frames) {
      const file = fileAt(path, byTail);
      if (file === undefined) continue;
      // Every line has a byte at least, its end; a trace of another version of the file is no trace of this one.
      return file === null || line > file.byteLength + 1 ? undefined : `${file.path}:${line}`;
    }
    return undefined;
  };
}

/** `net.py:12`, for who has no repository to look in: the file's own name, whatever folder it was in. */
export function bareSource(frames: readonly Frame[]): string | undefined {
  const own = frames.find(({ path }) => libraryPath(partsOf(path)) === undefined);
  return own && `${visibleName(partsOf(own.path).at(-1) ?? '', longestBareName)}:${own.line}`;
}

const longestBareName = 120;

function filesByTail(files: readonly HeadFile[]): FilesByTail {
  const byTail = new Map<string, HeadFile | null>();
  for (const file of files) {
    for (const tail of tailsOf(file.path.split('/'))) {
      const isWhole = tail === file.path;
      const other = byTail.get(tail);
      if (other === undefined || isWhole) byTail.set(tail, file);
      else if (other?.path !== tail) byTail.set(tail, null);
    }
  }
  return byTail;
}

/** From the longest on. */
function tailsOf(parts: readonly string[]): readonly string[] {
  const last = parts.slice(-deepest);
  return last.map((_, index) => last.slice(index).join('/'));
}

/** Null: several may be meant; undefined: none. */
function fileAt(path: string, byTail: FilesByTail): HeadFile | null | undefined {
  const parts = partsOf(path);
  const library = libraryPath(parts);
  if (library !== undefined) return library.length < 2 ? undefined : (byTail.get(library.join('/')) ?? undefined);
  for (const tail of tailsOf(parts)) {
    const file = byTail.get(tail);
    if (file !== undefined) return file;
  }
  return undefined;
}

/** Of a POSIX or Windows path, `.` and `..` taken out. */
function partsOf(path: string): readonly string[] {
  const parts: string[] = [];
  for (const part of path.split(/[\\/]+/)) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts;
}

/** PyTorch's own folders, wherever it is built from source. */
const torchFolder = /^(nn|fx|jit|ao|utils|autograd|distributed|_\w+)$/;

/**
 * Where in a library a path leads: `timm/layers/mlp.py`. Empty in Python's own; undefined of what is in none. A
 * repository may be installed as a library too, so that its files are found by this path whole.
 */
function libraryPath(parts: readonly string[]): readonly string[] | undefined {
  const packages = parts.findLastIndex((part) => part === 'site-packages' || part === 'dist-packages');
  if (packages >= 0) return parts.slice(packages + 1);
  const torch = parts.findIndex((part, index) => part === 'torch' && torchFolder.test(parts[index + 1] ?? ''));
  if (torch >= 0) return parts.slice(torch);
  const isPython = parts.some((part, index) => isPythonLibrary(part, parts[index + 1] ?? ''));
  return isPython ? [] : undefined;
}

/** `lib/python3.12`, and on Windows `Python312\Lib`. */
function isPythonLibrary(folder: string, below: string): boolean {
  return (/^lib\d*$/.test(folder) && below.startsWith('python3')) || (/^python3/i.test(folder) && /^lib$/i.test(below));
}
