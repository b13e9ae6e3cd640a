import { describe, expect, test } from 'vitest';
import { readElements } from '../../src/formats/weights.ts';
import { bufferSource } from '../../src/ir/byte-source.ts';
import { editedSources } from '../../src/optimizations/weights/edited-sources.ts';
import { encodeGraph, type GraphMessage } from '../formats/models.ts';
import { edit, fileBytes, operatorCounts, preparedBytes } from './models.ts';
import { floats, value, graph, given, constant } from './small-network.ts';

describe('16 bits', () => {
  test.each([
    ['fp16', 'float16'],
    ['bf16', 'bfloat16'],
  ])('%s: Casts where floats go in and out, everything between in half the bytes', (name, dtype) => {
    const edited = edit(given, name);
    expect(operatorCounts(edited.prepared)).toMatchObject({ Cast: 3, Conv: 1, Relu: 1 });
    expect(constant(edited, 'conv', 1)).toMatchObject({ dtype, fileBytes: 64 * 72 * 2 });
    const { inputs, outputs, tensors } = edited.prepared.graph;
    expect([...inputs, ...outputs].map((each) => tensors.get(each)?.dtype)).toEqual(['float32', 'float32', 'float32']);
    expect(tensors.get('r')?.dtype).toBe(dtype);
  });

  test('a node that is not selected computes in 32 bits between Casts', () => {
    const edited = edit(given, 'fp16 on op:Conv');
    const relu = edited.prepared.graph.nodes.find(({ id }) => id === 'relu')!;
    expect(relu.inputs).toEqual(['c_cast_to_fp32']);
    expect(constant(edited, 'product', 1).dtype).toBe('float32');
  });

  test('nodes that stay are what they were, and no Cast stands between them', () => {
    const edited = edit(given, 'fp16 on op:MatMul');
    const ids = ['conv', 'relu'];
    const nodesOf = ({ graph }: typeof given) => graph.nodes.filter(({ id }) => ids.includes(id));
    expect(nodesOf(edited.prepared).every((node, at) => node === nodesOf(given)[at])).toBe(true);
    expect(operatorCounts(edited.prepared).Cast).toBe(2);
  });

  test.each([
    [10, ['x', 'scales']],
    [11, ['x', '', 'scales']],
  ])('scales of a Resize of opset %i stay in 32 bits', (version, input) => {
    const resize: GraphMessage = {
      name: 'g',
      input: [value('x', [1, 8, 4, 4])],
      output: [value('y', [1, 8, 8, 8])],
      initializer: [{ ...floats('scales', [4]), rawData: new Uint8Array(new Float32Array([1, 1, 2, 2]).buffer) }],
      node: [{ name: 'resize', opType: 'Resize', input, output: ['y'] }],
    };
    const bytes = encodeGraph(resize, { opsetImport: [{ domain: '', version }] });
    const { graph: edited } = edit(preparedBytes(bytes, 'resize.onnx'), 'fp16').prepared;
    const [read, scales] = edited.nodes.find(({ id }) => id === 'resize')!.inputs.filter((name) => name !== '');
    expect([edited.tensors.get(read!)?.dtype, edited.initializers.get(scales!)?.dtype]).toEqual(['float16', 'float32']);
  });

  test('edits of one weight follow one another', () => {
    const edited = edit(given, 'fp16; int8');
    expect(constant(edited, 'conv', 1)).toMatchObject({ dtype: 'int8' });
    expect(fileBytes(edited.prepared)).toBeLessThan(fileBytes(edit(given, 'fp16').prepared));
  });
});

test.each(['w8', 'w4', 'int8', 'palettize 4'])(
  'where the file alone changes, 16 bits behind %s leave its weights in the bits that they have',
  (narrow) => {
    const [before, after] = [edit(given, narrow, 'int8'), edit(given, `${narrow}; fp16`, 'int8')];
    const weight = constant(after, 'conv', 1);
    expect(weight.fileBytes).toBe(constant(before, 'conv', 1).fileBytes);
    const sources = editedSources(new Map([['', bufferSource(encodeGraph(graph))]]), after.weights);
    expect(readElements(weight, sources)).toHaveLength(64 * 8 * 3 * 3);
    expect(after.weights.filter(({ change }) => change.kind === 'cast').map(({ from }) => from.name)).not.toContain(
      'w',
    );
  },
);
