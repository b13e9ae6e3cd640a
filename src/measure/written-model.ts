/** A model's files in a temporary folder, for a runtime that opens paths. */
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ByteSource, ModelSources } from '../ir/byte-source.ts';
import type { Model } from '../ir/graph.ts';

export interface TemporaryFolder {
  /** Of something in it. */
  readonly path: (name: string) => string;
  readonly remove: () => void;
}

export function temporaryFolder(): TemporaryFolder {
  const folder = mkdtempSync(join(tmpdir(), 'model-budget-verify-'));
  return {
    path: (name) => join(folder, name),
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const chunkBytes = 4 * 1024 * 1024;

/**
 * All files must be there. Paths of external data were checked when the model was read: none leaves the folder.
 * @returns the path of the model file
 */
export function writeModel(folder: string, { files }: Model, sources: ModelSources): string {
  const beside = files.slice(1).map(({ path }) => path);
  const path = join(folder, freeName(beside));
  writeFile(path, sources.get(''));
  for (const name of beside) writeFile(join(folder, name), sources.get(name));
  return path;
}

/** None of the files beside it can be called so. */
function freeName(taken: readonly string[]): string {
  let name = 'model.onnx';
  while (taken.some((path) => path === name || path.startsWith(`${name}/`))) name = `_${name}`;
  return name;
}

function writeFile(path: string, source: ByteSource | undefined): void {
  if (source === undefined) return;
  mkdirSync(dirname(path), { recursive: true });
  const descriptor = openSync(path, 'wx', 0o600);
  try {
    for (let offset = 0; offset < source.byteLength; offset += chunkBytes) {
      const bytes = source.read(offset, Math.min(chunkBytes, source.byteLength - offset));
      for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done);
    }
  } finally {
    closeSync(descriptor);
  }
}
