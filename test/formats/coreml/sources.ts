/** Core ML fixtures as the reader gets them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { bufferSource, type ModelSources } from '../../../src/ir/byte-source.ts';

const models = join(import.meta.dirname, '..', '..', '..', 'fixtures', 'models');

export function fixtureFile(name: string): Uint8Array {
  return readFileSync(join(models, name));
}

/** Files of a package by path, the manifest too. */
export function packageFiles(name: string): Map<string, Uint8Array> {
  const folder = join(models, name);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [relative(folder, path).split(sep).join('/'), readFileSync(path)] as const;
    }),
  );
}

export function packageSources(files: ReadonlyMap<string, Uint8Array>): ModelSources {
  const open = (name: string) => files.get(name === '' ? 'Manifest.json' : name);
  return {
    get: (name) => {
      const bytes = open(name);
      return bytes && bufferSource(bytes);
    },
    paths: () => [...files.keys()].filter((name) => name !== 'Manifest.json'),
  };
}
