// Model files are hostile. Whatever happens to their bytes, the reader gives a model or one clear line, and soon.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { readModel } from '../../src/formats/index.ts';
import { readElements, weightFingerprints } from '../../src/formats/weights.ts';
import { modelInitializers } from '../../src/formats/weights.ts';
import { bufferSource, type ModelSources } from '../../src/ir/byte-source.ts';
import type { Model } from '../../src/ir/graph.ts';
import { allNodes, fixtureBytes } from './models.ts';

/** Small fixtures that between them hold every kind of message. */
const names = ['everything-ir11.onnx', 'recurrent-control.onnx', 'cnn-qdq.onnx', 'control.tflite', 'cnn-int8.tflite'];

/** Where a fixture's bytes are mostly structure: weights are as good as any other bytes. */
const structureBytes = 6000;

/** The model, or undefined after a UserError; every other exception is a failure. */
function outcome(bytes: Uint8Array): Model | undefined {
  const sources: ModelSources = new Map([['', bufferSource(bytes)]]);
  try {
    const model = readModel(sources, 'm.onnx');
    for (const initializer of modelInitializers(model)) readElements(initializer, sources);
    weightFingerprints(modelInitializers(model), sources);
    return model;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    expect(error.message).toMatch(/^(m\.onnx|the model): [^\n]+$/);
    return undefined;
  }
}

function expectSound(model: Model | undefined): void {
  if (model === undefined) return;
  const ids = [...allNodes(model.graph), ...model.functions.flatMap(({ nodes }) => nodes)].map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { shape, value } of modelInitializers(model)) {
    expect(shape.every((length) => Number.isInteger(length) && length >= 0)).toBe(true);
    if (value) expect(value.elements).toHaveLength(shape.reduce((product, length) => product * length, 1));
  }
}

describe.each(names)('%s', (name) => {
  const bytes = fixtureBytes(name);
  const position = fc.oneof(fc.nat(Math.min(structureBytes, bytes.length) - 1), fc.nat(bytes.length - 1));

  test('with bytes changed', () => {
    const changes = fc.array(fc.tuple(position, fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(changes, (list) => {
        const changed = Uint8Array.from(bytes);
        for (const [at, byte] of list) changed[at] = byte;
        expectSound(outcome(changed));
      }),
      { numRuns: 80 },
    );
  });

  test('with a bit flipped', () => {
    fc.assert(
      fc.property(position, fc.nat(7), (at, bit) => {
        const changed = Uint8Array.from(bytes);
        changed[at]! ^= 1 << bit;
        expectSound(outcome(changed));
      }),
      { numRuns: 80 },
    );
  });

  test('cut off, never a whole model', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), (length) => {
        const model = outcome(bytes.slice(0, length));
        expectSound(model);
        // A cut between two top-level fields may leave a model, with what follows the graph missing.
        if (model) expect(model.graph.nodes.length).toBeGreaterThan(0);
      }),
      { numRuns: 80 },
    );
  });

  test('with a piece taken out or put in', () => {
    const piece = fc.uint8Array({ maxLength: 12 });
    fc.assert(
      fc.property(position, fc.nat(12), piece, (at, removed, added) => {
        const changed = Uint8Array.from([...bytes.slice(0, at), ...added, ...bytes.slice(at + removed)]);
        expectSound(outcome(changed));
      }),
      { numRuns: 50 },
    );
  });
});

test('any bytes behind a plausible beginning', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (tail) => {
      expectSound(outcome(Uint8Array.from([0x08, 0x08, 0x3a, tail.length & 0x7f, ...tail])));
      expectSound(outcome(tail));
    }),
    { numRuns: 300 },
  );
});
