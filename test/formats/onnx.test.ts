import { describe, expect, test } from 'vitest';
import { externalPaths, readModel } from '../../src/formats/index.ts';
import { bufferSource } from '../../src/ir/byte-source.ts';
import { allNodes, fixture, fixtureBytes, readBytes, readGraph } from './models.ts';
import { delimited, integer, sources } from './wire.ts';

describe('the model', () => {
  test('keeps header, opsets and metadata', () => {
    const model = readGraph(
      { name: 'net' },
      {
        producerName: 'pytorch',
        producerVersion: '2.3.1',
        opsetImport: [
          { domain: '', version: 18 },
          { domain: 'com.microsoft', version: 1 },
        ],
        metadataProps: [{ key: '__proto__', value: 'x' }],
      },
    );
    expect(model.producer).toBe('pytorch 2.3.1');
    expect(model.irVersion).toBe(8);
    expect([...model.opsets]).toEqual([
      ['ai.onnx', 18],
      ['com.microsoft', 1],
    ]);
    expect([...model.metadata]).toEqual([['__proto__', 'x']]);
    expect(model.graph.name).toBe('net');
  });

  test('reads the graph before the opsets that follow it in the file', () => {
    const node = delimited(1, delimited(2, 'y'), delimited(4, 'Relu'), delimited(7, 'ai.onnx'));
    const graph = delimited(7, node);
    const opset = delimited(8, integer(2, 13));
    const [only] = readModel(sources(integer(1, 8), graph, opset), 'm.onnx').graph.nodes;
    expect(only).toMatchObject({ operator: 'Relu', domain: '', version: 13 });
  });

  test('warns of a newer IR and goes on', () => {
    const model = readGraph({}, { irVersion: 99 });
    expect(model.warnings).toEqual(['ONNX IR version 99 is newer than 14, the newest one known: parts may be missed']);
  });

  test('without a graph is refused', () => {
    expect(() => readModel(sources(integer(1, 8), delimited(8, integer(2, 17))), 'm.onnx')).toThrow(
      'm.onnx: this ONNX file holds no graph',
    );
  });
});

describe('everything since IR 9', () => {
  const model = fixture('everything-ir11.onnx');
  const node = (id: string) => model.graph.nodes.find((each) => each.id === id)!;

  test('weights of 4 and 8 bits', () => {
    expect(model.graph.initializers.get('int4.weight')).toMatchObject({
      dtype: 'int4',
      shape: [32, 32],
      encoding: 'varint',
      available: true,
    });
    expect(model.graph.initializers.get('float8.weight')).toMatchObject({
      dtype: 'float8e4m3fn',
      encoding: 'raw',
      fileBytes: 1024,
    });
  });

  test('external data', () => {
    expect(model.graph.initializers.get('external.bias')).toMatchObject({
      ranges: [{ file: 'everything-ir11.onnx.data', offset: 4160, byteLength: 128 }],
      fileBytes: 128,
      available: true,
    });
    expect(externalPaths(model)).toEqual(['everything-ir11.onnx.data']);
    expect(model.files[1]).toEqual({ path: 'everything-ir11.onnx.data', byteLength: 4288, available: true });
    expect(model.warnings).toEqual([]);
  });

  test('external data that is not there counts by what tensors claim of it', () => {
    const absent = fixture('everything-ir11-absent.onnx');
    expect(absent.graph.initializers.get('external.weight')).toMatchObject({ available: false, fileBytes: 4096 });
    expect(absent.files[1]).toEqual({ path: 'everything-ir11-absent.onnx.data', byteLength: 4288, available: false });
    expect(absent.warnings).toEqual([
      'weights not available: external data "everything-ir11-absent.onnx.data" is not there',
    ]);
  });

  test('a sparse initializer', () => {
    // 24 values of 4 bytes and 24 indices of 8.
    expect(model.graph.initializers.get('sparse.weight')).toMatchObject({
      dtype: 'float32',
      shape: [32, 32],
      nonZeros: 24,
      fileBytes: 288,
    });
  });

  test('local functions with overloads, own opsets and attribute references', () => {
    expect(node('/leaky')).toMatchObject({ operator: 'Leaky', domain: 'local.activations', version: 1 });
    expect(node('/leaky').overload).toBeUndefined();
    expect(node('/leaky_1').overload).toBe('squared');
    const [plain, squared] = model.functions;
    expect(plain).toMatchObject({ name: 'Leaky', overload: '', inputs: ['x'], outputs: ['y'], attributes: ['slope'] });
    expect(plain!.nodes.map(({ id, version }) => [id, version])).toEqual([
      ['local.activations:Leaky/slope', 21],
      ['local.activations:Leaky/scale', 21],
      ['local.activations:Leaky/max', 21],
    ]);
    expect(plain!.nodes[0]!.attributes.get('value_float')).toEqual({ kind: 'reference', name: 'slope' });
    expect(squared).toMatchObject({ overload: 'squared', attributes: [] });
    expect(squared!.attributeDefaults.get('slope')).toEqual({ kind: 'float', value: 0.125 });
    expect(squared!.nodes[3]!.id).toBe('local.activations:Leaky:squared/square');
  });

  test('metadata of nodes', () => {
    expect(node('/int4/MatMul').metadata.get('pkg.torch.onnx.stack_trace')).toBe(
      'File "model.py", line 24, in forward\n    x = self.int4(x)',
    );
  });
});

describe('bodies', () => {
  test('number their nodes below the node that holds them', () => {
    const { graph } = fixture('recurrent-control.onnx');
    expect(allNodes(graph).map(({ id }) => id)).toEqual([
      '/lstm/LSTM',
      '/Transpose',
      '/Reshape',
      '/gru/GRU',
      '/Squeeze',
      '/If',
      '/If/then_branch/MatMul',
      '/If/then_branch/Add',
      '/If/then_branch/Relu',
      '/If/else_branch/Mul',
      '/Constant',
      '/Loop',
      '/Loop/body/Identity',
      '/Loop/body/MatMul',
      '/Loop/body/Tanh',
      '/Loop/body/Identity_1',
    ]);
  });

  test('a Constant names its tensor by its output', () => {
    const { graph } = fixture('recurrent-control.onnx');
    const constant = graph.nodes.find(({ operator }) => operator === 'Constant')!;
    expect(constant.attributes.get('value')).toMatchObject({
      kind: 'tensor',
      value: { name: '/Constant_output_0', value: { dtype: 'int64', shape: [], elements: [4] } },
    });
  });
});

test('more nodes than any real model has are refused', () => {
  const node = Array.from({ length: 100_001 }, () => ({ opType: 'Relu', input: ['x'], output: [] }));
  expect(() => readGraph({ node })).toThrow('more than 100000 nodes');
});

test('the renamed fixture has the same nodes in another order', () => {
  const operators = (name: string) => fixture(name).graph.nodes.map(({ operator }) => operator);
  const [base, renamed] = [operators('cnn-residual.onnx'), operators('cnn-residual-renamed.onnx')];
  expect([...renamed].sort()).toEqual([...base].sort());
  expect(renamed).not.toEqual(base);
});

test('a file read through a source that reuses one buffer is the same', () => {
  const bytes = fixtureBytes('cnn-qdq.onnx');
  const buffer = new Uint8Array(bytes.length);
  const reusing = {
    byteLength: bytes.length,
    read: (offset: number, byteLength: number) => {
      buffer.set(bytes.subarray(offset, offset + byteLength));
      return buffer.subarray(0, byteLength);
    },
  };
  expect(readModel(new Map([['', reusing]]), 'm.onnx')).toEqual(
    readModel(new Map([['', bufferSource(bytes)]]), 'm.onnx'),
  );
  expect(readBytes(bytes).graph.nodes).toHaveLength(45);
});
