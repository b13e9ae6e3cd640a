import { describe, expect, test } from 'vitest';
import { inferModel } from '../../src/passes/index.ts';
import { inspectDocument } from '../../src/report/inspect.ts';
import { AttributeType, DataType, readGraph, type GraphMessage } from '../formats/models.ts';

const none = { dims: new Map(), inputs: new Map() };

function value(name: string, dims: readonly number[], elemType = DataType.FLOAT) {
  return { name, type: { tensorType: { elemType, shape: { dim: dims.map((dimValue) => ({ dimValue })) } } } };
}

function output(graph: GraphMessage, version = 17) {
  const model = readGraph({ output: [{ name: 'y' }], ...graph }, { opsetImport: [{ domain: '', version }] });
  const document = inspectDocument(inferModel(model, none), 'm.onnx');
  return document.tensors.find(({ name }) => name === 'y');
}

describe('a size that the data decides', () => {
  test('names the input behind the data', () => {
    const node = [{ opType: 'ReduceSum', input: ['x', 'axes'], output: ['y'] }];
    const input = [value('x', [2, 3]), value('axes', [1], DataType.INT64)];
    expect(output({ input, node })).toMatchObject({
      ...{ shape: [null, null], dataDependent: 'the data decides it at run time (ReduceSum): input axes' },
    });
  });

  test('names the data where nothing else can', () => {
    const node = [{ opType: 'NonZero', input: ['x'], output: ['y'] }];
    expect(output({ input: [value('x', [2, 3])], node })).toMatchObject({
      ...{ shape: [2, null], dataDependent: 'the data decides it at run time (NonZero): input x' },
    });
  });

  test('is named by what decided it, further down too', () => {
    const node = [
      { opType: 'NonZero', input: ['x'], output: ['found'] },
      { opType: 'Transpose', input: ['found'], output: ['y'] },
    ];
    expect(output({ input: [value('x', [2, 3])], node })).toMatchObject({
      ...{ shape: [null, 2], dataDependent: 'the data decides it at run time (NonZero): input x' },
    });
  });
});

test('a Scan of opset 8 has a batch in front of states and slices', () => {
  const body: GraphMessage = {
    input: [{ name: 's' }, { name: 'slice' }],
    output: [{ name: 'next' }, { name: 'copy' }],
    node: [
      { opType: 'Add', input: ['s', 'slice'], output: ['next'] },
      { opType: 'Identity', input: ['next'], output: ['copy'] },
    ],
  };
  const attribute = [
    { name: 'body', type: AttributeType.GRAPH, g: body },
    { name: 'num_scan_inputs', type: AttributeType.INT, i: 1 },
  ];
  const node = [{ opType: 'Scan', input: ['', 'start', 'x'], output: ['last', 'y'], attribute }];
  const input = [value('start', [5, 2]), value('x', [5, 3, 2])];
  expect(output({ input, node }, 8)).toMatchObject({ shape: [5, 3, 2], dtype: 'float32' });
});
