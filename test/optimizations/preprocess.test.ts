// What ONNX Runtime's optimizer makes of a graph before its quantizers see it. Operators and sizes are those of
// quant_pre_process and then quantize_static (QDQ) or quantize_dynamic of onnxruntime 1.32 on the same graphs.
import { describe, expect, test } from 'vitest';
import { DataType, encodeGraph, type GraphMessage } from '../formats/models.ts';
import { edit, fileBytes, operatorCounts, preparedBytes } from './models.ts';

const floats = (name: string, dims: readonly number[]) => ({
  name,
  dims: [...dims],
  dataType: DataType.FLOAT,
  rawData: new Uint8Array(4 * dims.reduce((product, size) => product * size, 1)),
});

const value = (name: string, dims: readonly (number | string)[]) => ({
  name,
  type: {
    tensorType: {
      elemType: DataType.FLOAT,
      shape: { dim: dims.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size })) },
    },
  },
});

const node = (opType: string, input: readonly string[], output: string, more: object = {}) => ({
  ...{ name: output, opType, input: [...input], output: [output] },
  ...more,
});

/** x -> Gemm -> BatchNormalization -> Relu -> Gemm -> y. */
const normalized: GraphMessage = {
  name: 'normalized',
  input: [value('x', [1, 64])],
  output: [value('y', [1, 16])],
  initializer: [
    ...[floats('w', [64, 128]), floats('b', [128]), floats('v', [128, 16])],
    ...['scale', 'offset', 'mean', 'variance'].map((name) => floats(name, [128])),
  ],
  node: [
    node('Gemm', ['x', 'w', 'b'], 'g'),
    node('BatchNormalization', ['g', 'scale', 'offset', 'mean', 'variance'], 'n'),
    node('Relu', ['n'], 'r'),
    node('Gemm', ['r', 'v'], 'y'),
  ],
};

/** Two layers of a perceptron, on tokens. */
const perceptron = (dims: readonly (number | string)[]): GraphMessage => ({
  name: 'perceptron',
  input: [value('x', [...dims, 64])],
  output: [value('y', [...dims, 64])],
  initializer: [floats('w', [64, 128]), floats('b', [128]), floats('v', [128, 64]), floats('c', [64])],
  node: [
    node('MatMul', ['x', 'w'], 'p'),
    node('Add', ['p', 'b'], 's'),
    node('Erf', ['s'], 'e'),
    node('MatMul', ['e', 'v'], 'q'),
    node('Add', ['c', 'q'], 'y'),
  ],
});

/** The projections of an attention: three behind a LayerNormalization, and one whose sum is added to it. */
const attention: GraphMessage = {
  name: 'attention',
  input: [value('x', [1, 8, 64])],
  output: [value('y', [1, 8, 64])],
  initializer: [
    ...['gain', 'shift', 'a', 'b', 'c', 'd'].map((name) => floats(name, [64])),
    ...['q', 'k', 'v', 'o'].map((name) => floats(name, [64, 64])),
  ],
  node: [
    node('LayerNormalization', ['x', 'gain', 'shift'], 'n'),
    node('MatMul', ['n', 'q'], 'qp'),
    node('Add', ['qp', 'a'], 'qs'),
    node('MatMul', ['n', 'k'], 'kp'),
    node('Add', ['kp', 'b'], 'ks'),
    node('MatMul', ['n', 'v'], 'vp'),
    node('Add', ['vp', 'c'], 'vs'),
    node('Mul', ['qs', 'ks'], 'm'),
    node('Mul', ['m', 'vs'], 'w'),
    node('MatMul', ['w', 'o'], 'op'),
    node('Add', ['op', 'd'], 'os'),
    node('Add', ['os', 'n'], 'y'),
  ],
};

const given = (graph: GraphMessage) => preparedBytes(encodeGraph(graph), 'small.onnx');
const operators = (graph: GraphMessage, text: string) => operatorCounts(edit(given(graph), text).prepared);

describe('a BatchNormalization behind a Gemm', () => {
  test('is a node of its own in a file of integers', () => {
    expect(operators(normalized, 'int8')).toEqual({
      QuantizeLinear: 1,
      Gemm: 2,
      BatchNormalization: 1,
      DequantizeLinear: 1,
    });
    expect(operators(normalized, 'int8 activations=dynamic')).toMatchObject({
      MatMulInteger: 2,
      BatchNormalization: 1,
    });
    expect(operators(normalized, 'w8')).not.toHaveProperty('BatchNormalization');
  });

  test('keeps its parameters, in 8 bits where they are quantized', () => {
    const { prepared } = edit(given(normalized), 'int8');
    expect(prepared.parameters.get('n')).toEqual({ parameters: 4 * 128, weightsBytes: 128 + 4 * 128 + 2 * 4 * 128 });
    expect(prepared.parameters.get('g')).toEqual({ parameters: 65 * 128, weightsBytes: 64 * 128 + 4 * 128 });
  });
});

describe('a MatMul and the Add behind it', () => {
  test('are a Gemm between two Reshapes, in the file and in what runs', () => {
    const edited = edit(given(perceptron([1, 8])), 'int8');
    expect(operatorCounts(edited.prepared)).toMatchObject({ Reshape: 4, Gemm: 2, Erf: 1 });
    expect(edited.prepared.graph.nodes.find(({ operator }) => operator === 'Gemm')?.sources).toEqual(
      expect.arrayContaining(['p', 's']),
    );
    expect(edited.steps[0]?.touched).toEqual(expect.arrayContaining(['p', 's', 'q', 'y']));
    expect(operators(perceptron([1, 8]), 'int8 activations=dynamic')).toMatchObject({
      Reshape: 4,
      MatMulInteger: 2,
      Add: 2,
    });
  });

  test('are a Gemm alone where the product has two axes', () => {
    expect(operators(perceptron([8]), 'int8')).toMatchObject({ Gemm: 2 });
    expect(operators(perceptron([8]), 'int8')).not.toHaveProperty('Reshape');
  });

  test('stay two where the file leaves a size open, where one of them is not selected, and as floats', () => {
    expect(operators(perceptron(['batch', 8]), 'int8')).toMatchObject({ MatMul: 2, Add: 2 });
    expect(operators(perceptron([1, 8]), 'int8 on op:MatMul')).toMatchObject({ MatMul: 2, Add: 2 });
    expect(operators(perceptron([1, 8]), 'fp16')).toMatchObject({ MatMul: 2, Add: 2 });
  });

  test('stay two where a fusion of attentions looks for them', () => {
    expect(operators(attention, 'int8')).toMatchObject({ MatMul: 4, Add: 5 });
  });
});

test('HardSwish is spelled out before ranges are taken in each run, too', () => {
  const graph = {
    ...perceptron([1, 8]),
    node: perceptron([1, 8]).node!.map((each) => (each.opType === 'Erf' ? { ...each, opType: 'HardSwish' } : each)),
  };
  expect(operators(graph, 'int8 activations=dynamic')).toMatchObject({ HardSigmoid: 1, MatMulInteger: 2 });
});

// The tools leave documentation in what they make, too: some twenty bytes a node.
test.each([
  { what: 'a normalization', graph: normalized, sizes: [15_093, 16_884, 14_580] },
  { what: 'three axes', graph: perceptron([1, 8]), sizes: [22_668, 25_226, 20_949] },
  { what: 'two axes', graph: perceptron([8]), sizes: [19_721, 22_279, 19_127] },
  { what: 'an open size', graph: perceptron(['batch', 8]), sizes: [19_616, 20_608, 18_759] },
  { what: 'an attention', graph: attention, sizes: [23_638, 24_974, 20_746] },
])('the file has the size that the tools give it, within 2%: $what', ({ graph, sizes }) => {
  const texts = ['int8', 'int8 granularity=channel', 'int8 activations=dynamic'];
  const ratios = texts.map((text, index) => fileBytes(edit(given(graph), text).prepared) / sizes[index]! - 1);
  for (const ratio of ratios) expect(Math.abs(ratio)).toBeLessThan(0.02);
});
