/**
 * Integers of 8 bits in TFLite: every tensor has a type of its own and operators compute in that of their operands, so that
 * nothing stands between integers. Where floats go in or come out, of the model or of an operator without integer form, a
 * Quantize or a Dequantize does (https://ai.google.dev/edge/litert/models/quantization_spec).
 */
import { elementCount } from '../../formats/dense.ts';
import { dynamicQuantization } from '../../operators/dynamic-quantization.ts';
import type { Attribute, Graph, Initializer, Node } from '../../ir/graph.ts';
import { producersOf } from '../../passes/drop-nodes.ts';
import { removeDead } from '../../passes/remove-dead.ts';
import type { EditedGraph, EditScope } from '../optimization.ts';
import { draftOf, finished, nameFor, newConstant, newNode, refuse } from './draft.ts';
import type { Draft } from './draft.ts';
import { noIntegerForm } from './no-integer-form.ts';
import { weightsOf } from './weight-inputs.ts';
import { addDequantized, inTheFileOnly, storeWeight, whyNotFloat } from './weights.ts';

/** The specification's list, with what its kernels have gained since, by the names that the reader gives. */
const integerOperators: ReadonlySet<string> = new Set([
  ...[
    'Conv',
    'ConvTranspose',
    'Gemm',
    'MatMul',
    'Add',
    'Sub',
    'Mul',
    'Max',
    'Min',
    'Abs',
    'Rsqrt',
    'PRelu',
    'LeakyRelu',
  ],
  ...[
    'AveragePool',
    'MaxPool',
    'GlobalAveragePool',
    'GlobalMaxPool',
    'Concat',
    'Softmax',
    'LogSoftmax',
    'Sigmoid',
    'Tanh',
  ],
  ...[
    'Relu',
    'Clip',
    'HardSwish',
    'Elu',
    'Pad',
    'Resize',
    'ReduceMean',
    'ReduceSum',
    'ReduceMax',
    'ReduceMin',
    'ArgMax',
  ],
  ...[
    'ArgMin',
    'Reshape',
    'Flatten',
    'Squeeze',
    'Unsqueeze',
    'Identity',
    'Transpose',
    'Slice',
    'Split',
    'Gather',
    'Tile',
  ],
  ...['Expand', 'DepthToSpace', 'SpaceToDepth', 'Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'],
]);

/** Their constants are options of the operator in the file: bounds, factors. */
const withOptions: ReadonlySet<string> = new Set(['Clip', 'Resize']);

/** TensorProto.DataType, which the reader's conversions say what they make with. */
const typeNumbers = { float32: 1, int8: 3 } as const;

/** `QuantizationParameters` with its vtable and the lengths of two vectors, and 12 bytes for each scale and zero point. */
const parametersBytes = (scales: number): number => 40 + 12 * scales;

interface TfliteDraft extends Draft {
  readonly nodes: Node[];
  readonly producers: ReadonlyMap<string, Node>;
  readonly taken: ReadonlySet<Node>;
  /** By tensor: its copy in the other type. */
  readonly converted: Map<string, string>;
  /** By constant: what takes its place. */
  readonly constants: Map<string, string>;
}

export function quantizeTflite(given: Graph, scope: EditScope): EditedGraph {
  const first = draftOf(given, scope);
  const draft: TfliteDraft = {
    ...first,
    nodes: [],
    producers: producersOf(given.nodes),
    taken: new Set(given.nodes.filter((node) => scope.selects(node) && isTaken(first, node))),
    converted: new Map(),
    constants: new Map(),
  };
  if (draft.taken.size === 0) return finished(draft, given);
  const outputs = new Map<string, string>();
  for (const node of draft.taken) {
    for (const name of node.outputs) if (isFloat(draft, name)) makeInteger(draft, name, outputs);
  }
  for (const node of given.nodes) {
    const inputs = node.inputs.map((name, position) => operandOf(draft, node, { name, position, outputs }));
    draft.nodes.push({ ...node, inputs, outputs: node.outputs.map((name) => outputs.get(name) ?? name) });
  }
  for (const [name, inside] of outputs) convert(draft, undefined, { input: inside, output: name, to: 'float32' });
  const { nodes, initializers, tensors } = draft;
  const edited = finished(draft, removeDead({ ...given, nodes, initializers, tensors }));
  return scope.assumed === 'int8' ? inTheFileOnly(given, edited) : edited;
}

function isTaken(draft: Draft, node: Node): boolean {
  const reason = whyNotTaken(draft, node);
  if (reason === undefined) draft.touched.add(node.id);
  else refuse(draft, node, reason);
  return reason === undefined;
}

function whyNotTaken(draft: Draft, node: Node): string | undefined {
  if (node.domain !== '' || !integerOperators.has(node.operator)) return noIntegerForm(node);
  const weights = weightsOf(node, draft.given);
  const constants = node.inputs.flatMap((name) => draft.given.initializers.get(name) ?? []);
  const integer = constants.find(({ dtype }) => dtype === 'int8' || dtype === 'uint8' || dtype === 'int4');
  if (integer !== undefined) return whyNotFloat(integer, draft.given, 'its weights');
  if (typeof weights !== 'string') {
    const reason = whyNotFloat(weights[0]!.from, draft.given, 'its weights');
    if (reason !== undefined) return reason;
  }
  return [...node.inputs, ...node.outputs].some((name) => isFloat(draft, name))
    ? undefined
    : 'it computes in no floats';
}

function isFloat({ given }: Draft, name: string): boolean {
  return !given.initializers.has(name) && given.tensors.get(name)?.dtype === 'float32';
}

/** The model's outputs keep their names, and what makes them writes under another. */
function makeInteger(draft: TfliteDraft, name: string, outputs: Map<string, string>): void {
  const isOutput = draft.given.outputs.includes(name);
  const inside = isOutput ? nameFor(draft, `${name}_int8`) : name;
  if (isOutput) outputs.set(name, inside);
  draft.tensors.set(inside, { ...draft.given.tensors.get(name)!, dtype: 'int8' });
  noteScales(draft, name, 1);
}

interface Operand {
  readonly name: string;
  readonly position: number;
  readonly outputs: ReadonlyMap<string, string>;
}

function operandOf(draft: TfliteDraft, node: Node, { name, position, outputs }: Operand): string {
  const constant = draft.given.initializers.get(name);
  const taken = draft.taken.has(node);
  if (constant !== undefined) return taken ? constantOf(draft, node, constant, position) : name;
  const producer = draft.producers.get(name);
  const isInteger = isFloat(draft, name) && producer !== undefined && draft.taken.has(producer);
  // What comes out of the model is there in floats anyway.
  if (isInteger && outputs.has(name)) return taken ? outputs.get(name)! : name;
  if (!isFloat(draft, name) || isInteger === taken) return name;
  const known = draft.converted.get(name);
  if (known !== undefined) return known;
  const to = taken ? 'int8' : 'float32';
  const output = nameFor(draft, `${name}_${to}`);
  draft.converted.set(name, output);
  draft.tensors.set(output, { ...draft.given.tensors.get(name)!, dtype: to });
  convert(draft, producer ?? node, { input: name, output, to });
  return output;
}

interface Conversion {
  readonly input: string;
  readonly output: string;
  readonly to: 'int8' | 'float32';
}

function convert(draft: TfliteDraft, like: Node | undefined, { input, output, to }: Conversion): void {
  const outputType: Attribute = { kind: 'int', value: typeNumbers[to] };
  const node = newNode(draft, like, {
    name: output,
    operator: to === 'int8' ? 'QuantizeLinear' : 'DequantizeLinear',
    inputs: [input],
    outputs: [output],
    attributes: { output_dtype: outputType },
  });
  draft.nodes.push(node);
  draft.addedNodes.push(node);
  if (to === 'int8') noteScales(draft, output, 1);
}

/** Weights have a scale for each output, as the converter always gives them; biases are integers of 32 bits. */
function constantOf(draft: TfliteDraft, node: Node, from: Initializer, position: number): string {
  if (from.dtype !== 'float32' || withOptions.has(node.operator)) return from.name;
  const known = draft.constants.get(from.name);
  if (known !== undefined) return known;
  const weights = weightsOf(node, draft.given);
  const weight = typeof weights === 'string' ? undefined : weights.find((each) => each.position === position);
  const isBias = position === 2 && typeof weights !== 'string';
  const axis = weight?.axis;
  const scales = weight === undefined ? (isBias ? elementCount(from.shape) : 1) : (from.shape[weight.axis] ?? 1);
  const to = storeWeight(draft, {
    node,
    from,
    dtype: isBias ? 'int32' : 'int8',
    change: isBias
      ? { kind: 'quantize-bias' }
      : { kind: 'quantize', bits: 8, symmetric: weight !== undefined, ...(axis === undefined ? {} : { axis }) },
  });
  noteScales(draft, from.name, scales);
  draft.constants.set(from.name, to.name);
  return to.name;
}

function noteScales(draft: Draft, name: string, scales: number): void {
  draft.addedConstants.push(
    newConstant({ name: `${name}_quantization`, dtype: 'uint8', shape: [], fileBytes: parametersBytes(scales) }),
  );
}

/** Constants of fewer elements stay floats where activations are quantized in each run. */
const fewestElements = 1024;

/** Weights alone are integers; products quantize their activations themselves ("dynamic range quantization"). */
export function quantizeTfliteDynamically(given: Graph, scope: EditScope): EditedGraph {
  const draft = draftOf(given, scope);
  const nodes = given.nodes.map((node) => (scope.selects(node) ? dynamicNode(draft, node) : node));
  const { initializers, tensors } = draft;
  const edited = finished(draft, removeDead({ ...given, nodes, initializers, tensors }));
  return scope.assumed === 'int8' ? inTheFileOnly(given, edited) : edited;
}

const dynamicOperators: ReadonlySet<string> = new Set(['Conv', 'Gemm', 'MatMul']);

function dynamicNode(draft: Draft, node: Node): Node {
  const weights = dynamicOperators.has(node.operator) ? weightsOf(node, draft.given) : noIntegerForm(node);
  if (typeof weights === 'string') return refused(draft, node, weights);
  const inputs = [...node.inputs];
  for (const { position, from, axis } of weights) {
    if (elementCount(from.shape) < fewestElements)
      return refused(draft, node, `its weights are fewer than ${fewestElements}`);
    const name = nameFor(draft, `${from.name}_weights`);
    const change = { kind: 'quantize', bits: 8, symmetric: true, axis } as const;
    addDequantized(draft, name, from, [storeWeight(draft, { node, from, dtype: 'int8', change })]);
    noteScales(draft, from.name, from.shape[axis] ?? 1);
    inputs[position] = name;
  }
  draft.touched.add(node.id);
  return { ...node, inputs, attributes: new Map([...node.attributes, ...Object.entries(dynamicQuantization)]) };
}

function refused(draft: Draft, node: Node, reason: string): Node {
  refuse(draft, node, reason);
  return node;
}
