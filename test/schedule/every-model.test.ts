// Every fixture model on every target of the repository, and a sample of the shared model zoo where that is at hand.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readModel } from '../../src/formats/index.ts';
import { bufferSource } from '../../src/ir/byte-source.ts';
import { prepare } from '../../src/passes/index.ts';
import type { PreparedModel } from '../../src/passes/prepared.ts';
import { compile } from '../../src/schedule/compile.ts';
import { scheduleDocument } from '../../src/schedule/document.ts';
import { printSchedule } from '../../src/schedule/print.ts';
import { shippedBase } from '../../src/files/hardware.ts';
import { parseTarget } from '../../src/schedule/target-file.ts';
import type { Target } from '../../src/schedule/target.ts';
import { expectSound } from './invariants.ts';
import { toyTargets } from './toy-targets.ts';

const root = join(import.meta.dirname, '../..');

function modelAt(folder: string, name: string): PreparedModel {
  const read = (path: string) => {
    const file = join(folder, path === '' ? name : path);
    return existsSync(file) ? bufferSource(readFileSync(file)) : undefined;
  };
  const model = readModel({ get: read }, name);
  const { unbound } = prepare(model, { dims: new Map(), inputs: new Map() });
  // Dimensions without a value: 16.
  return prepare(model, { dims: new Map(unbound.map(({ symbol }) => [symbol, 16])), inputs: new Map() });
}

const names = (folder: string) =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.onnx'))
        .sort()
    : [];

const hardware = join(root, 'hardware');
const shipped: readonly Target[] = readdirSync(hardware)
  .filter((name) => name.endsWith('.yml'))
  .flatMap((name) => parseTarget(readFileSync(join(hardware, name), 'utf8'), name, shippedBase));
const toys = [...toyTargets('toy-cpu'), ...toyTargets('toy-npu')];
/** The first variant of each file's newest version; all of them see one model. */
const targets = [...toys, ...shipped.filter(({ id, hardware: file }) => id === file)];
const variantsSee = 'cnn-residual.onnx';

describe('every fixture model', () => {
  const folder = join(root, 'fixtures/models');
  test.each(names(folder))('%s', (name) => {
    const prepared = modelAt(folder, name);
    expect(prepared.unbound).toEqual([]);
    for (const target of name === variantsSee ? [...toys, ...shipped] : targets) {
      const schedule = compile(prepared, target);
      expectSound(schedule, prepared);
      expect(JSON.parse(JSON.stringify(scheduleDocument(schedule, name)))).toMatchObject({
        schema: 'model-budget/compile@1',
      });
      expect(printSchedule(schedule)).toMatch(/^target /);
    }
  });
});

const zoo = join(root, '../shared/zoo');
const sample = names(zoo).filter((_, index) => index % 50 === 0);

describe.skipIf(sample.length === 0)(
  `a sample of the shared zoo${sample.length === 0 ? ' (no ../shared/zoo here)' : ''}`,
  () => {
    test.each(sample)('%s', (name) => {
      const prepared = modelAt(zoo, name);
      if (prepared.unbound.length > 0) return;
      for (const target of targets) expectSound(compile(prepared, target), prepared);
    });
  },
);
