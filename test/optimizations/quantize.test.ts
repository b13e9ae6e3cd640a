import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { parseEdits } from '../../src/optimizations/index.ts';
import { AttributeType, DataType, encodeGraph, fixtureBytes, type GraphMessage } from '../formats/models.ts';
import { edit, fileBytes, operatorCounts, preparedBytes } from './models.ts';
import { graph, given, touched, notApplied, reasons, constant } from './small-network.ts';

describe('int8', () => {
  test('pairs stand around the model only: operators read and write integers, the Relu is gone', () => {
    const edited = edit(given, 'int8');
    expect(operatorCounts(edited.prepared)).toEqual({
      QuantizeLinear: 1,
      Conv: 1,
      Softmax: 1,
      MatMul: 1,
      DequantizeLinear: 2,
    });
    const { nodes, tensors } = edited.prepared.graph;
    const conv = nodes.find(({ id }) => id === 'conv')!;
    expect(conv.inputs).toEqual(['x_QuantizeLinear_Output', 'w_DequantizeLinear_Output', 'b_DequantizeLinear_Output']);
    expect(conv.sources).toContain('relu');
    expect(tensors.get(conv.outputs[0]!)?.dtype).toBe('int8');
    expect(touched(edited)).toEqual(expect.arrayContaining(['conv', 'relu', 'softmax', 'product']));
    expect(notApplied(edited)).toEqual([]);
  });

  test('a scale for each channel lies along the channels: filters of the Conv, columns of the MatMul', () => {
    const { weights } = edit(given, 'int8 granularity=channel');
    expect(weights.map(({ from, to, change }) => [from.name, to.dtype, 'axis' in change ? change.axis : null])).toEqual(
      [
        ['w', 'int8', 0],
        ['m', 'int8', 1],
        ['b', 'int32', null],
      ],
    );
  });

  test('parameters stay, their bytes become those of 8 bits and of 32 for the bias', () => {
    const { parameters } = edit(given, 'int8').prepared;
    expect(parameters.get('conv')).toEqual({ parameters: 64 * 72 + 64, weightsBytes: 64 * 72 + 64 * 4 });
    expect(parameters.get('product')).toEqual({ parameters: 62 * 32, weightsBytes: 62 * 32 });
  });

  test('ids are unique, also where the file has taken the names of the pairs', () => {
    const node = graph.node!.map((each) => (each.name === 'relu' ? { ...each, name: 'x_QuantizeLinear' } : each));
    const { prepared } = edit(preparedBytes(encodeGraph({ ...graph, node }), 'small.onnx'), 'int8');
    const ids = prepared.graph.nodes.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain('x_QuantizeLinear#2');
  });

  test('only what is selected changes', () => {
    const edited = edit(given, 'int8 on op:MatMul');
    expect(operatorCounts(edited.prepared)).toMatchObject({ Conv: 1, Relu: 1, Softmax: 1 });
    expect(constant(edited, 'conv', 1)).toBe(given.graph.initializers.get('w'));
    expect(touched(edited)).toEqual(['product']);
  });

  test('a target that takes floats for 8 bits sees another file and the same graph', () => {
    const edited = edit(given, 'int8', 'int8');
    expect(edited.prepared.graph.nodes).toBe(given.graph.nodes);
    expect(constant(edited, 'conv', 1)).toMatchObject({ dtype: 'float32', fileBytes: 64 * 72 });
    expect(fileBytes(edited.prepared)).toBe(fileBytes(edit(given, 'int8').prepared));
    expect(reasons(edit(given, 'int8; w8', 'int8'))).toMatchObject({
      conv: 'its weights are already stored in 8 bits',
    });
  });

  test('activations in each run: a product of integers between five operators, an Add for the bias', () => {
    const edited = edit(given, 'int8 activations=dynamic');
    expect(operatorCounts(edited.prepared)).toEqual({
      DynamicQuantizeLinear: 2,
      ConvInteger: 1,
      MatMulInteger: 1,
      Cast: 2,
      Mul: 4,
      Add: 1,
      Relu: 1,
      Softmax: 1,
    });
    expect(reasons(edited)).toEqual({
      relu: '`Relu` is not among the operators that are quantized dynamically',
      softmax: '`Softmax` is not among the operators that are quantized dynamically',
    });
  });

  test('what is integers already stays, and so do operators without integer form', () => {
    const twice = edit(given, 'int8; int8');
    expect(reasons(twice)).toMatchObject({ conv: 'its weights are already int8' });
    expect(reasons(edit(given, 'w8; int8'))).toMatchObject({ conv: 'its weights are already int8' });
    expect(operatorCounts(twice.prepared)).toEqual(operatorCounts(edit(given, 'int8').prepared));
    expect(fileBytes(twice.prepared)).toBe(fileBytes(edit(given, 'int8').prepared));
  });

  test('two halves are as large as the whole, but for a pair where they meet', () => {
    const halves = fileBytes(edit(given, 'int8 on op:Conv; int8 on op:MatMul').prepared);
    expect(Math.abs(halves - fileBytes(edit(given, 'int8 on op:Conv').prepared) + 3 * 62 * 32)).toBeLessThan(700);
  });
});

describe('weights alone', () => {
  test('8 bits: the file is as long as one with integers, scales, zero points and a DequantizeLinear', () => {
    const edited = edit(given, 'w8 on op:MatMul');
    expect(constant(edited, 'product', 1)).toMatchObject({
      dtype: 'int8',
      shape: [62, 32],
      foldedFrom: ['m_quantized'],
    });
    const raw = (name: string, dims: number[], dataType: number, bytes: number) => ({
      name,
      dims,
      dataType,
      rawData: new Uint8Array(bytes),
    });
    const written: GraphMessage = {
      ...graph,
      initializer: [
        ...graph.initializer!.filter((each) => each.name !== 'm'),
        raw('m_quantized', [62, 32], DataType.INT8, 62 * 32),
        raw('m_scale', [32], DataType.FLOAT, 32 * 4),
        raw('m_zero_point', [32], DataType.INT8, 32),
      ],
      node: [
        ...graph.node!.slice(0, 3),
        {
          name: 'm_DequantizeLinear',
          opType: 'DequantizeLinear',
          input: ['m_quantized', 'm_scale', 'm_zero_point'],
          output: ['m_DequantizeLinear_Output'],
          attribute: [{ name: 'axis', type: AttributeType.INT, i: 1 }],
        },
        { ...graph.node![3], input: ['r', 'm_DequantizeLinear_Output'] },
      ],
    };
    // onnx-proto packs dims, which onnx.proto does not: a byte more for each of the two new tensors.
    expect(fileBytes(edited.prepared)).toBe(encodeGraph(written).length - 2);
  });

  test('4 bits: a MatMul becomes a MatMulNBits, a Conv reads blocks through DequantizeLinear', () => {
    const edited = edit(given, 'w4 group=32 symmetric=false');
    const product = edited.prepared.graph.nodes.find(({ id }) => id === 'product')!;
    expect([product.domain, product.operator, product.name]).toEqual(['com.microsoft', 'MatMulNBits', 'product_Q4']);
    const parts = product.inputs.slice(1).map((name) => edited.prepared.graph.initializers.get(name)!);
    expect(parts.map(({ dtype, shape }) => [dtype, shape])).toEqual([
      ['uint8', [32, 2, 16]],
      ['float32', [32, 2]],
      ['uint8', [32, 1]],
    ]);
    expect(constant(edited, 'conv', 1)).toMatchObject({ dtype: 'uint4', shape: [64, 8, 3, 3] });
    const conv = edited.weights.find(({ node }) => node === 'conv')!;
    expect([conv.to.shape, conv.to.fileBytes]).toEqual([[64, 72], (64 * 72) / 2]);
    expect(conv.storage.map(({ shape }) => shape)).toEqual([
      [64, 3],
      [64, 3],
    ]);
    expect(reasons(edited)).toEqual({ relu: 'it has no weights', softmax: 'it has no weights' });
  });
});

describe('TFLite', () => {
  const floatNetwork = preparedBytes(fixtureBytes('control.tflite'), 'control.tflite');

  test('nothing stands between integers; floats go in and out', () => {
    const edited = edit(floatNetwork, 'int8');
    const taken = new Set(touched(edited));
    const { nodes, tensors, outputs } = edited.prepared.graph;
    for (const node of nodes.filter(({ id }) => taken.has(id))) {
      for (const name of [...node.inputs, ...node.outputs]) {
        expect([node.id, name, tensors.get(name)?.dtype]).not.toEqual([node.id, name, 'float32']);
      }
    }
    expect(outputs).toEqual(floatNetwork.graph.outputs);
    expect(touched(edited).length + notApplied(edited).length).toBe(floatNetwork.graph.nodes.length);
  });

  test('a quantized network stays as it is', () => {
    const quantized = preparedBytes(fixtureBytes('cnn-int8.tflite'), 'cnn-int8.tflite');
    const edited = edit(quantized, 'int8');
    expect(touched(edited)).toEqual([]);
    expect(fileBytes(edited.prepared)).toBe(fileBytes(quantized));
  });
});

test.each([
  ['int8 4', '`int8` takes no value'],
  ['int8 granularity=row', 'it is one of tensor, channel'],
  ['w4 grop=32', 'did you mean "group"'],
  ['fp16 group=32', 'it has none'],
])('`%s` is refused in one line', (text, words) => {
  expect(() => parseEdits(text)).toThrow(UserError);
  expect(() => parseEdits(text)).toThrow(words);
});
