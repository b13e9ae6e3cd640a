// Model files are hostile. Whatever happens to their bytes, the reader gives a model or one clear line, and soon.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { readModel } from '../../src/formats/index.ts';
import { readElements, weightFingerprints } from '../../src/formats/weights.ts';
import { modelInitializers } from '../../src/formats/weights.ts';
import { bufferSource, type ModelSources } from '../../src/ir/byte-source.ts';
import type { Model } from '../../src/ir/graph.ts';
import { inferModel } from '../../src/passes/index.ts';
import { inspectDocument } from '../../src/report/inspect.ts';
import { packageFiles, packageSources } from './coreml/sources.ts';
import { allNodes, fixtureBytes } from './models.ts';
import { delimited, integer } from './wire.ts';

/** Small fixtures that between them hold every kind of message. */
const names = ['everything-ir11.onnx', 'recurrent-control.onnx', 'cnn-qdq.onnx', 'control.tflite', 'cnn-int8.tflite'];

/** Core ML models in one file, and files of a package by path. */
const networks = ['network.mlmodel', 'pipeline.mlmodel'];
const specification = 'Data/com.apple.CoreML/model.mlmodel';
const packed = packageFiles('program.mlpackage');

/** Where a fixture's bytes are mostly structure: weights are as good as any other bytes. */
const structureBytes = 6000;

/** The model, or undefined after a UserError; every other exception is a failure. */
function outcome(bytes: Uint8Array, name = 'm.onnx'): Model | undefined {
  return outcomeOf(new Map([['', bufferSource(bytes)]]), name);
}

function outcomeOf(sources: ModelSources, name: string): Model | undefined {
  try {
    const model = readModel(sources, name);
    for (const initializer of modelInitializers(model)) readElements(initializer, sources, name);
    weightFingerprints(modelInitializers(model), sources);
    inspectDocument(inferModel(model, { dims: new Map(), inputs: new Map() }), name);
    return model;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    expect(error.message).toMatch(/^(m\.\w+|the model): [^\n]+$/);
    return undefined;
  }
}

/** The package with one of its files changed. */
function outcomeOfPackage(changedFile: string, bytes: Uint8Array): Model | undefined {
  return outcomeOf(packageSources(new Map(packed).set(changedFile, bytes)), 'm.mlpackage');
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

/** Cuts, flips, insertions and lies about lengths. */
function mutations(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const at = fc.nat(bytes.length - 1);
  return fc.oneof(
    fc.tuple(at, fc.nat(255)).map(([position, byte]) => Uint8Array.from(bytes).fill(byte, position, position + 1)),
    fc.array(fc.tuple(at, fc.nat(7)), { minLength: 1, maxLength: 4 }).map((flips) => {
      const changed = Uint8Array.from(bytes);
      for (const [position, bit] of flips) changed[position]! ^= 1 << bit;
      return changed;
    }),
    at.map((length) => bytes.slice(0, length)),
    fc
      .tuple(at, fc.nat(12), fc.uint8Array({ maxLength: 12 }))
      .map(([position, removed, added]) =>
        Uint8Array.from([...bytes.slice(0, position), ...added, ...bytes.slice(position + removed)]),
      ),
  );
}

test.each(networks)('%s, changed anywhere', (name) => {
  fc.assert(
    fc.property(mutations(fixtureBytes(name)), (bytes) => expectSound(outcome(bytes, 'm.mlmodel'))),
    { numRuns: 250 },
  );
});

test.each(['Manifest.json', specification, 'Data/com.apple.CoreML/weights/weight.bin'])(
  'a package with %s changed',
  (file) => {
    fc.assert(
      fc.property(mutations(packed.get(file)!), (bytes) => expectSound(outcomeOfPackage(file, bytes))),
      { numRuns: 250 },
    );
  },
);

test('blocks in blocks and pipelines in pipelines come to an end', () => {
  const output = delimited(3, delimited(1, 'x'));
  let block = delimited(2, 'x');
  for (let depth = 0; depth < 80; depth += 1) {
    const branch = delimited(4, block);
    block = delimited(3, delimited(1, 'cond'), output, branch, delimited(4, delimited(2, 'x')));
  }
  const main = delimited(2, delimited(1, 'main'), delimited(2, delimited(3, delimited(1, 'o'), delimited(2, block))));
  expectSound(outcome(Uint8Array.from([...integer(1, 9), ...delimited(502, main)]), 'm.mlmodel'));
  let pipeline = integer(1, 1);
  for (let depth = 0; depth < 80; depth += 1) pipeline = [...integer(1, 1), ...delimited(202, delimited(1, pipeline))];
  expect(outcome(Uint8Array.from(pipeline), 'm.mlmodel')).toBeUndefined();
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
