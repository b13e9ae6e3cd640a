// What zeros, indices and integers do to the compressed size: held against zlib over bytes that are put together here.
import { deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { downloadBytesOf } from '../../src/advise/download.ts';
import { readModel } from '../../src/formats/index.ts';
import { bufferSource } from '../../src/ir/byte-source.ts';
import { parseEdits } from '../../src/optimizations/index.ts';
import { prepare } from '../../src/passes/index.ts';
import { DataType, encodeGraph, fixture, fixtureSources } from '../formats/models.ts';
import { gaussian } from '../optimizations/weights/tensors.ts';

const bindings = { dims: new Map(), inputs: new Map() };
const elements = Float32Array.from(gaussian(9, 4096));

function vector(name: string, size: number) {
  const dim = [{ dimValue: 1 }, { dimValue: size }];
  return { name, type: { tensorType: { elemType: DataType.FLOAT, shape: { dim } } } };
}

/** A product with a square matrix that holds these bytes. */
function product(rawData: Uint8Array) {
  return encodeGraph({
    node: [{ opType: 'MatMul', name: 'layer', input: ['x', 'w'], output: ['y'] }],
    input: [vector('x', 64)],
    output: [vector('y', 64)],
    initializer: [{ name: 'w', dims: [64, 64], dataType: DataType.FLOAT, rawData }],
  });
}

function downloadOf(text: string) {
  const sources = new Map([['', bufferSource(product(new Uint8Array(elements.buffer)))]]);
  const prepared = prepare(readModel(sources, 'm.onnx'), bindings);
  const edits = parseEdits(text).map(({ edit }) => ({ edit, selects: () => true }));
  return downloadBytesOf({ prepared, bindings, sources }, edits);
}

/** Two compressors of one kind differ by a few bytes in a hundred. */
function expectNear(actual: number | null, bytes: Uint8Array) {
  const expected = deflateRawSync(bytes, { level: 6 }).length;
  expect(Math.abs(actual! - expected)).toBeLessThan(0.03 * expected + 16);
}

test('zeros', () => {
  const { base, head } = downloadOf('sparsify 0.5');
  expectNear(base, product(new Uint8Array(elements.buffer)));
  const limit = elements.map(Math.abs).sort()[2047]!;
  expectNear(head, product(new Uint8Array(elements.map((one) => (Math.abs(one) <= limit ? 0 : one)).buffer)));
});

test('integers and their scales', () => {
  const { head } = downloadOf('w8 granularity=tensor');
  const step = Math.max(...elements.map(Math.abs)) / 127;
  const integers = Int8Array.from(elements, (one) => Math.round(one / step));
  const whole = product(new Uint8Array(elements.buffer));
  const start = Buffer.from(whole).indexOf(Buffer.from(elements.buffer));
  const rest = whole.subarray(start + elements.byteLength);
  const scale = new Uint8Array(Float32Array.of(step).buffer);
  expectNear(
    head,
    Uint8Array.from([...whole.subarray(0, start), ...new Uint8Array(integers.buffer), ...scale, ...rest]),
  );
});

test('fewer bits take less, and indices of four bits no more than half a byte', () => {
  const [eight, four, two] = ['palettize 8', 'palettize 4', 'palettize 2'].map((text) => downloadOf(text).head!);
  expect(four).toBeLessThan(eight!);
  expect(two).toBeLessThan(four!);
  expect(four).toBeLessThan(4096 / 2 + 64 + 200);
});

test('what changes no weights changes nothing', () => {
  const { base, head } = downloadOf('fold');
  expect(head).toBe(base);
});

test('every fixture has a size, or says that it is not known', () => {
  const sources = fixtureSources('everything-ir11.onnx');
  const prepared = prepare(fixture('everything-ir11.onnx'), { ...bindings, inputs: new Map([['x', [3, 32]]]) });
  const edits = parseEdits('w8').map(({ edit }) => ({ edit, selects: () => true }));
  const { base, head } = downloadBytesOf({ prepared, bindings, sources }, edits);
  expect(base).toBeGreaterThan(0);
  // A sparse tensor has no place for what it becomes.
  expect(head).toBeNull();
});
