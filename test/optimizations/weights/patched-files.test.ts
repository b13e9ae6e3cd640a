// What a runtime finds in the given file's place: the same model, its floats those that the edited weights are read back as.
import onnxProto from 'onnx-proto';
import { describe, expect, it } from 'vitest';
import { readModel } from '../../../src/formats/index.ts';
import { modelInitializers, readElements } from '../../../src/formats/weights.ts';
import { bufferSource, type ModelSources } from '../../../src/ir/byte-source.ts';
import type { Node } from '../../../src/ir/graph.ts';
import { applyEdits } from '../../../src/optimizations/apply.ts';
import { parseEdits } from '../../../src/optimizations/index.ts';
import { patchedFiles } from '../../../src/optimizations/weights/patched-files.ts';
import { prepare } from '../../../src/passes/index.ts';
import { DataLocation, DataType, encodeGraph, type GraphMessage, type TensorMessage } from '../../formats/models.ts';
import { delimited, float, integer, type Bytes } from '../../formats/wire.ts';

const noBindings = { dims: new Map(), inputs: new Map() };

type Files = Readonly<Record<string, Uint8Array>>;

const sourcesOf = (bytes: Uint8Array, external: Files): ModelSources =>
  new Map([['', bytes] as const, ...Object.entries(external)].map(([path, file]) => [path, bufferSource(file)]));

/** The model with this edit in its floats, read anew. */
function patched(bytes: Uint8Array, text: string, more: { external?: Files; selects?: (node: Node) => boolean } = {}) {
  const { external = {}, selects = () => true } = more;
  const sources = sourcesOf(bytes, external);
  const given = prepare(readModel(sources, 'm.onnx'), noBindings);
  const edits = parseEdits(text).map(({ edit }) => ({ edit, selects }));
  const edited = applyEdits(given, edits, { bindings: noBindings });
  const files = patchedFiles(sources, edited.weights, edited.prepared.graph);
  const model = readModel(files.sources, 'm.onnx');
  const elements = new Map([...modelInitializers(model)].map((one) => [one.name, readElements(one, files.sources)]));
  for (const path of ['', ...Object.keys(external)]) {
    expect(files.sources.get(path)?.byteLength).toBe(sources.get(path)?.byteLength);
  }
  return { ...files, of: (name: string) => [...(elements.get(name) ?? [])] };
}

const vector = (name: string, elemType: number, ...sizes: readonly number[]) => ({
  name,
  type: { tensorType: { elemType, shape: { dim: sizes.map((dimValue) => ({ dimValue })) } } },
});

/** A product with this 2 x 3 matrix. */
function product(weight: TensorMessage): GraphMessage {
  const { dataType = DataType.FLOAT } = weight;
  return {
    node: [{ opType: 'MatMul', name: 'layer', input: ['x', 'w'], output: ['y'] }],
    input: [vector('x', dataType!, 1, 2)],
    output: [vector('y', dataType!, 1, 3)],
    initializer: [{ name: 'w', dims: [2, 3], ...weight }],
  };
}

const before = [1, -5, 2, -4, 3, 6];
/** `sparsify 0.5` of these. */
const after = [0, -5, 0, -4, 0, 6];

const raw = (array: Float32Array | Float64Array | Uint16Array) => new Uint8Array(array.buffer);
/** Codes of halves. */
const halves = Uint16Array.of(0x3c00, 0xc500, 0x4000, 0xc400, 0x4200, 0x4600);

describe('elements are written over the file’s own, however it stores them', () => {
  it.each<[string, TensorMessage]>([
    ['raw_data', { dataType: DataType.FLOAT, rawData: raw(Float32Array.from(before)) }],
    ['packed float_data', { dataType: DataType.FLOAT, floatData: before }],
    ['raw_data of float64', { dataType: DataType.DOUBLE, rawData: raw(Float64Array.from(before)) }],
    ['packed double_data', { dataType: DataType.DOUBLE, doubleData: before }],
    ['raw_data of float16', { dataType: DataType.FLOAT16, rawData: raw(halves) }],
  ])('%s', (_, weight) => {
    const { of, written, left } = patched(encodeGraph(product(weight)), 'sparsify 0.5');
    expect({ elements: of('w'), written, left }).toEqual({ elements: after, written: 1, left: [] });
  });

  it('a tag before each float, and two runs of them', () => {
    const floats = (...elements: readonly number[]): Bytes => elements.flatMap((element) => float(4, element));
    const tensor = delimited(
      ...([5, integer(1, 2), integer(1, 3), integer(2, DataType.FLOAT)] as const),
      ...[floats(...before.slice(0, 4)), delimited(8, 'w'), floats(...before.slice(4))],
    );
    const { initializer, ...rest } = product({ dataType: DataType.FLOAT });
    expect(initializer).toHaveLength(1);
    const opset = delimited(8, delimited(1, ''), integer(2, 17));
    const graph = delimited(7, onnxProto.onnx.GraphProto.encode(rest).finish(), tensor);
    const bytes = Uint8Array.from([...integer(1, 8), ...opset, ...graph]);
    const { of, left } = patched(bytes, 'sparsify 0.5');
    expect({ elements: of('w'), left }).toEqual({ elements: after, left: [] });
  });

  it('external data', () => {
    const entry = { key: 'location', value: 'weights/w.bin' };
    const offset = { key: 'offset', value: '4' };
    const weight = { dataType: DataType.FLOAT, dataLocation: DataLocation.EXTERNAL, externalData: [entry, offset] };
    const file = raw(Float32Array.of(7, ...before, 8));
    const { sources, of } = patched(encodeGraph(product(weight)), 'sparsify 0.5', {
      external: { 'weights/w.bin': file },
    });
    expect(of('w')).toEqual(after);
    const bytes = sources.get('weights/w.bin')!.read(0, file.length);
    expect([...new Float32Array(bytes.buffer)]).toEqual([7, ...after, 8]);
    expect([...new Float32Array(file.buffer)]).toEqual([7, ...before, 8]);
  });

  it('numbers of varying length stay', () => {
    const weight = { dataType: DataType.FLOAT16, int32Data: [...halves] };
    const { of, written, left } = patched(encodeGraph(product(weight)), 'sparsify 0.5');
    const reason = 'elements of type float16 lie in the file as numbers of varying length';
    expect({ elements: of('w'), written, left }).toEqual({
      elements: before,
      written: 0,
      left: [{ weight: 'w', reason }],
    });
  });
});

describe('elements are what is read back', () => {
  const bytes = encodeGraph(product({ dataType: DataType.FLOAT, floatData: before }));

  it('integers times their scales', () => {
    // Columns are output channels: steps of 4/127, 5/127 and 6/127.
    const steps = [4, 5, 6, 4, 5, 6].map((most) => Math.fround(most / 127));
    const integers = [32, -127, 42, -127, 76, 127];
    const { of } = patched(bytes, 'w8');
    of('w').forEach((element, index) => {
      expect(element).toBeCloseTo(integers[index]! * steps[index]!, 5);
    });
  });

  it('what two edits leave', () => {
    const wide = [1.0001, -5.0001, 2.0001, -4.0001, 3.0001, 6.0001];
    const two = encodeGraph(product({ dataType: DataType.FLOAT, floatData: wide }));
    expect(patched(two, 'sparsify 0.5; fp16').of('w')).toEqual(after);
  });

  it('zeros where channels went', () => {
    const graph: GraphMessage = {
      node: [
        { opType: 'MatMul', name: 'first', input: ['x', 'w'], output: ['h'] },
        { opType: 'MatMul', name: 'second', input: ['h', 'v'], output: ['y'] },
      ],
      input: [vector('x', DataType.FLOAT, 1, 2)],
      output: [vector('y', DataType.FLOAT, 1, 2)],
      initializer: [
        { name: 'w', dims: [2, 3], dataType: DataType.FLOAT, floatData: before },
        { name: 'v', dims: [3, 2], dataType: DataType.FLOAT, floatData: [1, 2, 3, 4, 5, 6] },
      ],
    };
    const { of, left } = patched(encodeGraph(graph), 'prune 0.34');
    expect(left).toEqual([]);
    // The first column has the smallest norm: 17, 34, 40.
    expect(of('w')).toEqual([0, -5, 2, 0, 3, 6]);
    expect(of('v')).toEqual([0, 0, 3, 4, 5, 6]);
  });
});

describe('constants that are not simply there', () => {
  const turned: GraphMessage = {
    ...product({}),
    node: [
      { opType: 'Transpose', name: 'turn', input: ['t'], output: ['w'], attribute: [] },
      { opType: 'MatMul', name: 'layer', input: ['x', 'w'], output: ['y'] },
    ],
    initializer: [{ name: 't', dims: [3, 2], dataType: DataType.FLOAT, floatData: [1, -4, -5, 3, 2, 6] }],
  };

  it('a transposed one is written in the order of the file', () => {
    expect(patched(encodeGraph(turned), 'sparsify 0.5').of('t')).toEqual([0, -4, -5, 0, 0, 6]);
  });

  it('one that another layer reads as it was stays', () => {
    const graph = product({ dataType: DataType.FLOAT, floatData: before });
    const both: GraphMessage = {
      ...graph,
      node: [...graph.node!, { opType: 'MatMul', name: 'other', input: ['x', 'w'], output: ['z'] }],
      output: [...graph.output!, vector('z', DataType.FLOAT, 1, 3)],
    };
    const { of, left } = patched(encodeGraph(both), 'sparsify 0.5', { selects: ({ id }) => id === 'layer' });
    expect(of('w')).toEqual(before);
    expect(left).toEqual([{ weight: 'w', reason: 'layers that the edit was not made for read it too' }]);
  });
});
