// The repository's fixture models compiled for its targets.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readModel } from '../../src/formats/index.ts';
import { bufferSource } from '../../src/ir/byte-source.ts';
import { prepare } from '../../src/passes/index.ts';
import type { PreparedModel } from '../../src/passes/prepared.ts';
import { compile } from '../../src/schedule/compile.ts';
import type { Schedule } from '../../src/schedule/schedule.ts';
import { shippedBase } from '../../src/files/hardware.ts';
import { parseTarget } from '../../src/schedule/target-file.ts';
import type { Target } from '../../src/schedule/target.ts';

const root = join(import.meta.dirname, '../..');
const models = join(root, 'fixtures/models');

const namesIn = (folder: string, ending: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .sort();

/** Every version and variant of every target. */
export const shippedTargets: readonly Target[] = namesIn(join(root, 'hardware'), '.yml').flatMap((name) =>
  parseTarget(readFileSync(join(root, 'hardware', name), 'utf8'), `hardware/${name}`, shippedBase),
);

export const fixtureModels = namesIn(models, '.onnx');

/** Dimensions without a value are 16. */
export function fixturePrepared(name: string): PreparedModel {
  const bytes = readFileSync(join(models, name));
  const model = readModel({ get: (path) => (path === '' ? bufferSource(bytes) : undefined) }, name);
  const { unbound } = prepare(model, { dims: new Map(), inputs: new Map() });
  const dims = new Map(unbound.map(({ symbol }) => [symbol, 16]));
  return prepare(model, { dims, inputs: new Map() });
}

export function compiled(name: string, target: Target): Schedule {
  return compile(fixturePrepared(name), target);
}
