import { describe, expect, test } from 'vitest';
import { readModel } from '../../../src/formats/index.ts';
import { print } from '../../../src/ir/dimension.ts';
import { AttributeType, DataType, readGraph } from '../models.ts';
import { delimited, integer, sources } from '../wire.ts';

const float = (name: string, dim: object[] = []) => ({
  name,
  type: { tensorType: { elemType: DataType.FLOAT, shape: { dim } } },
});

describe('inputs', () => {
  test('keep symbols; an open dimension gets a symbol of its own that tells input and axis', () => {
    const dims = [{}, { dimValue: 3 }, { dimParam: 'height' }, { dimValue: -1 }, { dimParam: '' }];
    const { graph } = readGraph({ input: [float('image', dims)], output: [float('image', dims)] });
    expect(graph.inputs).toEqual(['image']);
    expect(graph.tensors.get('image')?.shape?.map(print)).toEqual(['image.0', '3', 'height', 'image.3', 'image.4']);
  });

  test('a name that an exporter made up is none', () => {
    const dims = ['unk__398', 'DynamicDimension.1', 'None', '?', 'unk__a', 'sequence'].map((dimParam) => ({
      dimParam,
    }));
    const { graph } = readGraph({ input: [float('x', dims)] });
    expect(graph.tensors.get('x')?.shape?.map(print)).toEqual(['x.0', 'x.1', 'x.2', 'x.3', 'unk__a', 'sequence']);
  });

  test('of a body are left open: the node that holds it decides', () => {
    const body = { name: 'body', type: AttributeType.GRAPH, g: { input: [float('state', [{}])] } };
    const { graph } = readGraph({ node: [{ opType: 'Loop', output: ['y'], attribute: [body] }] });
    const attribute = graph.nodes[0]!.attributes.get('body');
    expect(attribute).toMatchObject({ kind: 'graph' });
    if (attribute?.kind === 'graph') expect(attribute.value.tensors.get('state')?.shape?.map(print)).toEqual(['?']);
  });

  test('leave out those that are initializers, as files before IR 4 list them', () => {
    const initializer = [{ name: 'w', dataType: DataType.FLOAT, dims: [1], floatData: [1] }];
    const { graph } = readGraph({ input: [float('x'), float('w')], initializer }, { irVersion: 3 });
    expect(graph.inputs).toEqual(['x']);
    expect([...graph.initializers.keys()]).toEqual(['w']);
  });
});

describe('types', () => {
  const typeOf = (type: object) => readGraph({ input: [{ name: 'x', type }] }).graph.tensors.get('x');
  const tensorType = { elemType: DataType.INT64, shape: { dim: [{ dimValue: 2 }] } };

  test.each([
    ['a tensor', { tensorType }, { dtype: 'int64', shape: [2] }],
    ['a sparse tensor', { sparseTensorType: tensorType }, { dtype: 'int64', shape: [2] }],
    [
      'a sequence',
      { sequenceType: { elemType: { tensorType } } },
      { dtype: 'int64', shape: [2], container: 'sequence' },
    ],
    [
      'an optional',
      { optionalType: { elemType: { tensorType } } },
      { dtype: 'int64', shape: [2], container: 'optional' },
    ],
    ['a map', { mapType: { keyType: 7, valueType: { tensorType } } }, { dtype: 'int64', shape: [2], container: 'map' }],
    [
      'no shape',
      { tensorType: { elemType: 1 } },
      { dtype: 'float32', shape: null, reason: 'the file declares no shape' },
    ],
    ['a scalar', { tensorType: { elemType: 1, shape: {} } }, { dtype: 'float32', shape: [] }],
    ['nothing', {}, { dtype: null, shape: null, reason: 'the file declares no type' }],
    [
      'an unknown element type',
      { tensorType: { elemType: 99, shape: {} } },
      { dtype: null, shape: [], reason: 'the file declares no known element type' },
    ],
  ])('%s', (_, type, expected) => {
    expect(typeOf(type)).toEqual(expected);
  });

  test('an opaque type of IR 14', () => {
    const opaque = delimited(2, delimited(7, delimited(2, 'handle')));
    const graph = delimited(7, delimited(11, delimited(1, 'x'), opaque));
    const type = readModel(sources(integer(1, 14), graph), 'm.onnx').graph.tensors.get('x');
    expect(type).toEqual({ dtype: null, shape: null, reason: 'an opaque type' });
  });
});
