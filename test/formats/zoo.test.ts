// Structure-only exports of well-known networks with their published counts, where that folder lies beside the
// repository.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readModel } from '../../src/formats/index.ts';
import { bufferSource } from '../../src/ir/byte-source.ts';
import { isFloat } from '../../src/ir/data-type.ts';
import type { Model } from '../../src/ir/graph.ts';

const folder = join(import.meta.dirname, '..', '..', '..', 'shared', 'zoo');
const isThere = existsSync(folder);

/** Stored float elements and nodes by file; quoted cells may hold commas. */
function rowsOf(csv: string): ReadonlyMap<string, { readonly elements: number; readonly nodes: number }> {
  const rows = csv.trim().split('\n').slice(1);
  return new Map(
    rows.map((row) => {
      const [file, , , , , , elements, , nodes] = row
        .match(/("[^"]*"|[^,]*)(,|$)/g)!
        .map((cell) => cell.replace(/,$/, ''));
      return [file!, { elements: Number(elements), nodes: Number(nodes) }];
    }),
  );
}

function floatElements(model: Model): number {
  let sum = 0;
  for (const { dtype, shape } of model.graph.initializers.values()) {
    if (isFloat(dtype)) sum += shape.reduce((product, length) => product * length, 1);
  }
  return sum;
}

describe.skipIf(!isThere)('the zoo (skipped where ../shared/zoo is not there)', () => {
  test('has the nodes and elements that its table says, and no weights', () => {
    const rows = rowsOf(readFileSync(join(folder, 'zoo.csv'), 'utf8'));
    const files = readdirSync(folder).filter((name) => rows.has(name));
    expect(files.length).toBeGreaterThan(100);
    const read = files.map((name) => {
      const model = readModel(new Map([['', bufferSource(readFileSync(join(folder, name)))]]), name);
      expect(model.warnings).toEqual([
        `weights not available: external data "${name.replace(/onnx$/, 'weights')}" is not there`,
      ]);
      return [name, { elements: floatElements(model), nodes: model.graph.nodes.length }];
    });
    expect(read).toEqual(files.map((name) => [name, rows.get(name)]));
  });
});
