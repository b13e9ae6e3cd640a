import { describe, expect, test } from 'vitest';
import { readModel } from '../../../src/formats/index.ts';
import { AttributeType, DataType, readGraph } from '../models.ts';
import { delimited, integer, sources } from '../wire.ts';

describe('attributes', () => {
  const attributesOf = (...attribute: object[]) =>
    Object.fromEntries(readGraph({ node: [{ opType: 'A', output: ['y'], attribute }] }).graph.nodes[0]!.attributes);

  test('of every kind', () => {
    const tensor = { dataType: DataType.INT64, dims: [2], int64Data: [3, -4] };
    const attributes = attributesOf(
      { name: 'int', type: AttributeType.INT, i: -3 },
      { name: 'float', type: AttributeType.FLOAT, f: 0.5 },
      { name: 'string', type: AttributeType.STRING, s: new TextEncoder().encode('é') },
      { name: 'ints', type: AttributeType.INTS, ints: [1, -2] },
      { name: 'floats', type: AttributeType.FLOATS, floats: [0.25] },
      { name: 'strings', type: AttributeType.STRINGS, strings: [new TextEncoder().encode('a')] },
      { name: 'none', type: AttributeType.INTS },
      { name: 'tensor', type: AttributeType.TENSOR, t: tensor },
      { name: 'tensors', type: AttributeType.TENSORS, tensors: [tensor, tensor] },
      { name: 'graph', type: AttributeType.GRAPH, g: { name: 'body' } },
      { name: 'graphs', type: AttributeType.GRAPHS, graphs: [{ name: 'one' }, { name: 'two' }] },
      { name: 'type', type: AttributeType.TYPE_PROTO, tp: { tensorType: { elemType: 1, shape: {} } } },
      { name: 'reference', type: AttributeType.INT, refAttrName: 'outer' },
    );
    expect(attributes).toMatchObject({
      int: { kind: 'int', value: -3 },
      float: { kind: 'float', value: 0.5 },
      string: { kind: 'string', value: 'é' },
      ints: { kind: 'ints', values: [1, -2] },
      floats: { kind: 'floats', values: [0.25] },
      strings: { kind: 'strings', values: ['a'] },
      none: { kind: 'ints', values: [] },
      tensor: { kind: 'tensor', value: { name: 'y.tensor', value: { elements: [3, -4] } } },
      tensors: { kind: 'tensors', values: [{ name: 'y.tensors.0' }, { name: 'y.tensors.1' }] },
      graph: { kind: 'graph', value: { name: 'body' } },
      graphs: { kind: 'graphs', values: [{ name: 'one' }, { name: 'two' }] },
      type: { kind: 'type', value: { dtype: 'float32', shape: [] } },
      reference: { kind: 'reference', name: 'outer' },
    });
  });

  test('of IR 1 say their kind by the field that is set', () => {
    expect(attributesOf({ name: 'axis', i: 2 }, { name: 'pads', ints: [1] }, { name: 'empty' })).toEqual({
      axis: { kind: 'int', value: 2 },
      pads: { kind: 'ints', values: [1] },
    });
  });

  test('INT64_MAX is rounded to the nearest double', () => {
    const attribute = delimited(5, delimited(1, 'end'), integer(3, 2n ** 63n - 1n), integer(20, 2));
    const graph = delimited(7, delimited(1, delimited(2, 'y'), attribute));
    const [node] = readModel(sources(integer(1, 8), graph), 'm.onnx').graph.nodes;
    expect(node!.attributes.get('end')).toEqual({ kind: 'int', value: 2 ** 63 });
  });
});
