// Pairs that are absorbed where they would stand leave the graph that the pass over files makes of all of them.
import { expect, test } from 'vitest';
import { encodedNamesBytes, encodedNodeBytes, textBytes } from '../../src/formats/onnx/encoded-size.ts';
import type { Graph, Node } from '../../src/ir/graph.ts';
import { draftOf } from '../../src/optimizations/quantize/draft.ts';
import { insertPairs } from '../../src/optimizations/quantize/insert-pairs.ts';
import { markTensors } from '../../src/optimizations/quantize/marks.ts';
import { rules } from '../../src/optimizations/quantize/rules.ts';
import { fixtureBytes } from '../formats/models.ts';
import { node, prepared } from '../schedule/models.ts';
import { preparedBytes } from './models.ts';

const fixtures = ['cnn-residual.onnx', 'detector-nearest.onnx', 'transformer-block.onnx', 'recurrent-control.onnx'].map(
  (name) => [name, preparedBytes(fixtureBytes(name), name)] as const,
);

/** Outputs in the middle, an activation that stays between a product and its pair, a tensor that only some read as integers. */
const branches = prepared({
  inputs: { x: ['float32', 1, 8, 8, 8] },
  constants: { w: ['float32', 8, 8, 1, 1], b: ['float32', 8] },
  nodes: [
    node('Conv', ['x', 'w', 'b'], 'a'),
    node('HardSigmoid', ['a'], 'h'),
    node('Conv', ['h', 'w', 'b'], 'c'),
    node('Relu', ['c'], 'r'),
    node('Softmax', ['r'], 's'),
    node('Erf', ['r'], 'e'),
    node('Add', ['r', 'x'], 'sum'),
    node('Conv', ['sum', 'w'], 'd'),
    node('LeakyRelu', ['d'], 'l'),
    node('Mul', ['l', 's'], 'out'),
  ],
  outputs: ['out', 'sum', 'e'],
});

/** What is read and written, without types of tensors that are none of it. */
function living({ nodes, inputs, outputs, initializers, tensors }: Graph) {
  const named = new Set([...inputs, ...outputs, ...initializers.keys()]);
  for (const each of nodes) for (const name of [...each.inputs, ...each.outputs]) named.add(name);
  return { nodes, inputs, outputs, initializers, tensors: new Map([...tensors].filter(([name]) => named.has(name))) };
}

function paired(given: (typeof fixtures)[number][1], takes: (node: Node) => boolean, absorbs: boolean) {
  const draft = draftOf(given.graph, { selects: takes, model: given.model, assumed: undefined });
  const marked = markTensors(given.graph, { perChannel: false, opset: 17, takes });
  const graph = insertPairs(draft, marked, absorbs);
  return { graph: living(graph), bytes: draft.further.bytes, standing: graph.nodes.filter(isQuantizer).length };
}

const isQuantizer = ({ operator }: Node) => operator === 'QuantizeLinear' || operator === 'DequantizeLinear';

test.each([...fixtures, ['branches', branches] as const])('%s', (_, given) => {
  const quantizable = given.graph.nodes.filter(({ operator, domain }) => domain === '' && rules.has(operator));
  let standing = 0;
  for (const [step, kept] of [
    [1, 0],
    [2, 0],
    [2, 1],
    [3, 0],
    [3, 1],
    [5, 2],
  ] as const) {
    const taken = new Set(quantizable.filter((_node, index) => index % step === kept));
    const takes = (each: Node) => taken.has(each);
    const [absorbed, asFiles] = [paired(given, takes, true), paired(given, takes, false)];
    expect(absorbed).toEqual(asFiles);
    standing += absorbed.standing;
  }
  expect(standing).toBeGreaterThan(0);
});

test('a node is counted by the lengths of its names as by itself', () => {
  const inputs = ['größe_quantized', 'größe_scale', 'z'.repeat(130)];
  const made = { ...branches.graph.nodes[0]!, name: 'größe_DequantizeLinear', inputs, outputs: ['größe'] };
  const lengths = { name: textBytes(made.name), inputs: inputs.map(textBytes), output: textBytes('größe') };
  expect(encodedNamesBytes(lengths, made.operator, made.attributes)).toBe(encodedNodeBytes(made));
});
