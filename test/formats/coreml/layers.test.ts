/** Layers of NeuralNetworks and operations of MIL: that each has a translation, and shapes worked out by hand. */
import { readFileSync } from 'node:fs';
import { unzipSync } from 'fflate';
import { expect, test } from 'vitest';
import { readModel } from '../../../src/formats/index.ts';
import { milOperations } from '../../../src/formats/coreml/mil/operators/index.ts';
import { networkLayers } from '../../../src/formats/coreml/network/network.ts';
import { bufferSource } from '../../../src/ir/byte-source.ts';
import { inferModel, prepare } from '../../../src/passes/index.ts';
import { inspectDocument } from '../../../src/report/inspect.ts';

const folder = new URL('../../golden/coremltools/', import.meta.url);
const none = { dims: new Map(), inputs: new Map() };

// All operators that are registered in coremltools 9.0 from iOS 13 to iOS 26, and all layers of its NeuralNetwork.proto.
const listed = readFileSync(new URL('operators.txt', folder), 'utf8').trim().split('\n');

test('no operator of coremltools 9.0 is unknown by name', () => {
  const known = new Set([
    ...[...milOperations].map((type) => `mil ${type}`),
    ...[...networkLayers].map(([number, name]) => `layer ${number} ${name}`),
  ]);
  expect(listed.filter((each) => !known.has(each))).toEqual([]);
  expect(listed.length).toBe(167 + 158);
});

test('layers whose operands only a run knows, or constants tell', () => {
  const archive = unzipSync(readFileSync(new URL('coremltools-9.0.zip', folder)));
  const model = readModel(new Map([['', bufferSource(archive['layers.mlmodel']!)]]), 'layers.mlmodel');
  const document = inspectDocument(inferModel(model, none), 'm');
  expect(document.unknownOperators).toEqual([]);
  // Where it starts along the axis that is squeezed away is an input of the model.
  expect(prepare(model, none).unresolved.map(({ tensor }) => tensor)).toEqual(['squeeze/result']);
  const shapes = new Map(document.tensors.map(({ name, shape }) => [name, shape]));
  // Of 4 × 6 × 8: rows 1 to 2, all columns, every second place from 2 on.
  expect(shapes.get('sliced')).toEqual([2, 6, 3]);
  expect(shapes.get('squeezed')).toEqual([4, 8]);
  expect(shapes.get('padded')).toEqual([4, 9, 11]);
  expect(shapes.get('grown')).toEqual([9, 6, 10]);
  expect(shapes.get('fixed')).toEqual([4, 8, 10]);
  // Seven turns of a product by 8 × 8; the break is in the body.
  expect(document.model.macs).toBe(7 * 4 * 6 * 8 * 8);
  expect(document.layers.map(({ id }) => id)).toContain('loop/body/branch/then_branch/stop');
});
