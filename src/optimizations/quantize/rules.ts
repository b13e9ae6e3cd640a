/** What ONNX Runtime's static quantizer marks at a node of each kind: see `marks.ts`. */
import type { Node } from '../../ir/graph.ts';
import { intAttribute, stringAttribute } from '../../operators/attribute.ts';
import type { Marking } from './marking.ts';

type Rule = (node: Node, marking: Marking) => void;

/** Every float that goes in or comes out, constants too. */
const everything: Rule = ({ inputs, outputs }, { mark }) => {
  for (const name of [...inputs, ...outputs]) mark(name);
};

/** Moves elements: what comes out has the scale of what goes in, if that has one. */
const moving: Rule = ({ inputs, outputs }, { mark, isQuantized }) => {
  if (isQuantized(inputs[0])) mark(outputs[0], { sharesWith: inputs[0]! });
};

const from =
  (opset: number, rule: Rule): Rule =>
  (node, marking) => {
    if (marking.opset >= opset) rule(node, marking);
  };

/** Weights have a scale for each slice along their channels' axis, if that is asked for and they have such an axis. */
function markWeight(marking: Marking, name: string | undefined, axis: number): void {
  const rank = marking.constantOf(name)?.shape.length;
  const perChannel = rank !== undefined && marking.perChannel && axis < rank;
  if (name !== undefined) marking.mark(name, { offset: rank === undefined, ...(perChannel ? { axis } : {}) });
}

function markBias(marking: Marking, node: Node, bias: string | undefined): void {
  if (marking.constantOf(bias) === undefined) return;
  marking.biases.set(node, { bias: bias!, weight: node.inputs[1]! });
}

const weighted =
  (axisOf: (node: Node) => number): Rule =>
  (node, marking) => {
    marking.mark(node.inputs[0]);
    marking.mark(node.outputs[0]);
    markWeight(marking, node.inputs[1], axisOf(node));
    markBias(marking, node, node.inputs[2]);
  };

const product: Rule = ({ inputs, outputs }, marking) => {
  for (const name of [...inputs, ...outputs]) {
    if (marking.constantOf(name) === undefined) marking.mark(name);
    else markWeight(marking, name, 1);
  }
};

const normalization: Rule = (node, marking) => {
  marking.mark(node.inputs[0]);
  markWeight(marking, node.inputs[1], 1);
  markBias(marking, node, node.inputs[2]);
  for (const name of node.outputs) marking.mark(name);
};

/** The smallest and the largest output are what the integers stand for, so that nothing is left to cut off. */
const clipping: Rule = (node, marking) => {
  const [input = ''] = node.inputs;
  const [output = ''] = node.outputs;
  if (!marking.isQuantized(input)) return;
  if (marking.readersOf(input) === 1 && !marking.outputs.has(input) && !marking.inputs.has(input)) {
    marking.tensors.delete(input);
    marking.renamed.set(input, output);
    marking.dropped.add(node);
  }
  marking.mark(output);
};

const splitting: Rule = ({ inputs, outputs }, { mark, isQuantized }) => {
  mark(inputs[0]);
  for (const name of outputs) if (isQuantized(inputs[0])) mark(name, { sharesWith: inputs[0]! });
};

const looking: Rule = (node, marking) => {
  if (marking.constantOf(node.inputs[0]) !== undefined) marking.mark(node.inputs[0]);
  moving(node, marking);
};

const choosing: Rule = ({ inputs, outputs }, { mark, isQuantized }) => {
  if (isQuantized(inputs[1]) && isQuantized(inputs[2])) mark(outputs[0]);
};

const padding: Rule = (node, marking) => {
  const { inputs, outputs } = node;
  for (const name of inputs) marking.mark(name);
  const constant = stringAttribute(node, 'mode', 'constant') === 'constant';
  const value = marking.constantOf(inputs[2])?.value?.elements;
  const sameRange = !constant || !inputs[2] || (value?.length === 1 && value[0] === 0);
  marking.mark(outputs[0], sameRange && marking.isQuantized(inputs[0]) ? { sharesWith: inputs[0]! } : {});
};

/** The operators that it takes without being told (registry.py). */
export const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['Conv', weighted(() => 0)],
  ['ConvTranspose', weighted(() => 1)],
  ['Gemm', weighted((node) => (intAttribute(node, 'transB', 0) === 0 ? 1 : 0))],
  ['MatMul', product],
  ...['Relu', 'Clip'].map((name): [string, Rule] => [name, clipping]),
  ...['Add', 'Mul', 'ArgMax', 'LeakyRelu', 'Sigmoid', 'GlobalAveragePool', 'Concat', 'Softmax', 'CumSum'].map(
    (name): [string, Rule] => [name, everything],
  ),
  ...['Reshape', 'Transpose', 'Squeeze', 'Unsqueeze', 'Flatten', 'AveragePool', 'Slice', 'TopK'].map(
    (name): [string, Rule] => [name, moving],
  ),
  ['Resize', from(11, moving)],
  ['MaxPool', from(12, moving)],
  ['Pad', padding],
  ['Split', splitting],
  ['Gather', looking],
  ['GatherElements', looking],
  ['Where', choosing],
  ...['InstanceNormalization', 'LayerNormalization', 'BatchNormalization'].map((name): [string, Rule] => [
    name,
    normalization,
  ]),
]);
