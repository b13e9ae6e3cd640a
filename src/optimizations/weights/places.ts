/** Where edited constants lie in the given model's files, and those files with other bytes there. */
import { elementCount } from '../../formats/dense.ts';
import { splicedSource, type Splice } from '../../formats/splice.ts';
import type { ModelSources } from '../../ir/byte-source.ts';
import type { Initializer } from '../../ir/graph.ts';

/** Other bytes for a stretch of a file. */
export interface FileSplice extends Splice {
  readonly file: string;
}

/** The file's constant whose elements were moved about to make this one; itself mostly. */
export function storedConstant(constant: Initializer): Initializer {
  let stored = constant;
  while (stored.movedFrom !== undefined) stored = stored.movedFrom.constant;
  return stored;
}

/** Where these constants begin. */
export function placesOf(constants: Iterable<Initializer>): ReadonlySet<string> {
  const places = new Set<string>();
  for (const constant of constants) {
    const { shape, ranges } = storedConstant(constant);
    if (elementCount(shape) > 0) for (const { file, offset } of ranges) places.add(`${offset} ${file}`);
  }
  return places;
}

/** Splices of one file do not overlap. */
export function splicedFiles(sources: ModelSources, splices: readonly FileSplice[]): ModelSources {
  const byFile = new Map<string, FileSplice[]>();
  for (const splice of splices) {
    const own = byFile.get(splice.file);
    if (own === undefined) byFile.set(splice.file, [splice]);
    else own.push(splice);
  }
  return {
    ...sources,
    get: (path) => {
      const source = sources.get(path);
      const own = byFile.get(path);
      return source === undefined || own === undefined ? source : splicedSource(source, own);
    },
    identity: (path) => sources.identity?.(path),
    absentBytes: (path) => sources.absentBytes?.(path),
    paths: () => sources.paths?.() ?? [],
  };
}
