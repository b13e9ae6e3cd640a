/** Operators that do the same to a tensor whose axes lie in another order, and what of them must be turned with it. */
import type { Attribute, Attributes, Graph, Initializer, Node } from '../ir/graph.ts';
import { inverseOf } from '../ir/permutation.ts';
import { hasAttribute, intAttribute, intsAttribute } from '../operators/attribute.ts';
import { sizeOf } from '../operators/value.ts';

/** What a node is where its inputs lie as they did before a Transpose. */
export interface Turned {
  readonly attributes: Attributes;
  /** In place of the constants, by position. */
  readonly constants: ReadonlyMap<number, Initializer>;
  /** Of the output, as `Turning.permutation`; absent: that of the inputs. */
  readonly permutation?: readonly number[];
}

export interface Turning {
  readonly node: Node;
  readonly graph: Graph;
  /** Axis `i` of each moved input, and of the output, is axis `permutation[i]` of the tensor that it is made from. */
  readonly permutation: readonly number[];
  /** Positions of the inputs that are moved. */
  readonly moved: ReadonlySet<number>;
}

type Turn = (turning: Turning) => Turned | undefined;

/** Undefined: the node has to see its inputs in their order. */
export function turned(turning: Turning): Turned | undefined {
  const { node } = turning;
  return node.domain === '' && node.outputs.length === 1 ? turns.get(node.operator)?.(turning) : undefined;
}

/** Each element for itself; constants are spread over the others' axes, which opsets before 7 named in another way. */
const elementwise: Turn = ({ node, graph, permutation, moved }) => {
  if (hasAttribute(node, 'broadcast')) return undefined;
  const constants = new Map<number, Initializer>();
  for (const [position, name] of node.inputs.entries()) {
    if (name === '' || moved.has(position)) continue;
    const constant = graph.initializers.get(name);
    if (constant === undefined) return undefined;
    if (sizeOf(constant.shape) === 1) continue;
    const made = turnedConstant(constant, permutation, nameOf(node, position, graph));
    if (made === undefined) return undefined;
    constants.set(position, made);
  }
  return { attributes: node.attributes, constants };
};

/** A scale for each slice is bound to an axis; activations have one for all. */
const quantization: Turn = (turning) => {
  const result = moves(turning, 0) ? elementwise(turning) : undefined;
  return result?.constants.size === 0 ? result : undefined;
};

const reduction: Turn = (turning) => {
  const { node, permutation, graph } = turning;
  if (!moves(turning, 0) || intAttribute(node, 'keepdims', 1) !== 1) return undefined;
  const turnAxes = (axes: readonly number[]): readonly number[] =>
    axes.map((axis) => permutation[axis < 0 ? axis + permutation.length : axis] ?? axis).sort((a, b) => a - b);
  if (hasAttribute(node, 'axes')) {
    return withAttribute(node, 'axes', { kind: 'ints', values: turnAxes(intsAttribute(node, 'axes', [])) });
  }
  if (!node.inputs[1]) return undefined;
  return withNumbers(turning, 1, graph.initializers.get(node.inputs[1]), turnAxes);
};

const pad: Turn = (turning) => {
  const { node, permutation, graph } = turning;
  if (!moves(turning, 0) || node.inputs[3]) return undefined;
  const rank = permutation.length;
  const turnPads = (pads: readonly number[]): readonly number[] => {
    const result = [...pads];
    for (const [axis, before] of permutation.entries()) {
      result[before] = pads[axis]!;
      result[before + rank] = pads[axis + rank]!;
    }
    return result;
  };
  const given = intsAttribute(node, 'pads', undefined);
  if (given !== undefined) {
    return given.length === 2 * rank
      ? withAttribute(node, 'pads', { kind: 'ints', values: turnPads(given) })
      : undefined;
  }
  const pads = graph.initializers.get(node.inputs[1] ?? '');
  return pads?.shape[0] === 2 * rank ? withNumbers(turning, 1, pads, turnPads) : undefined;
};

const concat: Turn = ({ node, permutation, moved }) => {
  const axis = intAttribute(node, 'axis', undefined);
  if (axis === undefined || moved.size !== node.inputs.length) return undefined;
  const value = permutation[axis < 0 ? axis + permutation.length : axis];
  return value === undefined ? undefined : withAttribute(node, 'axis', { kind: 'int', value });
};

/** One slice, or some, along an axis whose place is known; a single one takes its axis away. */
const gather: Turn = (turning) => {
  const { node, permutation, graph } = turning;
  const rank = graph.initializers.get(node.inputs[1] ?? '')?.shape.length;
  const given = intAttribute(node, 'axis', 0);
  const at = given < 0 ? given + permutation.length : given;
  const axis = permutation[at];
  if (!moves(turning, 0) || axis === undefined || rank === undefined || rank > 1) return undefined;
  const made = withAttribute(node, 'axis', { kind: 'int', value: axis });
  if (rank === 1) return made;
  const left = permutation.filter((before) => before !== axis).map((before) => (before > axis ? before - 1 : before));
  return { ...made, permutation: left };
};

function withAttribute(node: Node, name: string, attribute: Attribute): Turned {
  return { attributes: new Map([...node.attributes, [name, attribute]]), constants: new Map() };
}

function nameOf(node: Node, position: number, graph: Graph): string {
  return freshName(`${node.outputs[0]!}/${position}`, graph);
}

function moves({ moved }: Turning, position: number): boolean {
  return moved.size === 1 && moved.has(position);
}

/** With other numbers in a constant whose numbers are known. */
function withNumbers(
  { node, graph }: Turning,
  position: number,
  constant: Initializer | undefined,
  turn: (numbers: readonly number[]) => readonly number[],
): Turned | undefined {
  const numbers = constant?.value?.elements.filter((element) => typeof element === 'number');
  if (constant?.value === undefined || numbers?.length !== constant.value.elements.length) return undefined;
  const made: Initializer = {
    ...derived(constant, constant.shape, nameOf(node, position, graph)),
    value: { ...constant.value, elements: turn(numbers) },
  };
  return { attributes: node.attributes, constants: new Map([[position, made]]) };
}

/** The constant whose Transpose by `permutation` is spread over the axes as this one is. */
function turnedConstant(constant: Initializer, permutation: readonly number[], name: string): Initializer | undefined {
  const missing = permutation.length - constant.shape.length;
  if (missing < 0) return undefined;
  const padded = [...new Array<number>(missing).fill(1), ...constant.shape];
  const inverse = inverseOf(permutation);
  const shape = inverse.map((axis) => padded[axis]!);
  const isSameOrder = constant.shape.filter((size) => size !== 1).length <= 1;
  const made = derived(constant, shape, name);
  if (isSameOrder) {
    const value = constant.value === undefined ? {} : { value: { ...constant.value, shape } };
    return { ...made, ...value, ...(isFound(constant) ? { movedFrom: { constant } } : {}) };
  }
  if (!isFound(constant)) return made;
  const spread = { ...derived(constant, padded, constant.name), movedFrom: { constant } };
  return { ...made, movedFrom: { constant: missing === 0 ? constant : spread, permutation: inverse } };
}

function derived(constant: Initializer, shape: readonly number[], name: string): Initializer {
  const { dtype, available, foldedFrom } = constant;
  const from = foldedFrom ?? [constant.name];
  return { name, dtype, shape, encoding: 'raw', ranges: [], fileBytes: 0, available, foldedFrom: from };
}

/** Whether the elements can be found in the file. */
function isFound({ foldedFrom, movedFrom }: Initializer): boolean {
  return foldedFrom === undefined || movedFrom !== undefined;
}

/** Names come from the file, and any may be taken. */
export function freshName(wanted: string, { tensors, initializers }: Graph): string {
  let name = wanted;
  while (tensors.has(name) || initializers.has(name)) name += "'";
  return name;
}

const unary = [
  ...['Abs', 'Neg', 'Exp', 'Log', 'Sqrt', 'Reciprocal', 'Floor', 'Ceil', 'Round', 'Sign', 'Not', 'Erf', 'Cast'],
  ...['Relu', 'LeakyRelu', 'Elu', 'Celu', 'Selu', 'ThresholdedRelu', 'PRelu', 'Clip', 'Sigmoid', 'HardSigmoid'],
  ...['HardSwish', 'Swish', 'Tanh', 'Softplus', 'Softsign', 'Gelu', 'Mish'],
];
const broadcast = [
  ...['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Max', 'Min', 'Sum', 'Mean', 'Mod', 'Where'],
  ...['And', 'Or', 'Xor', 'Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'],
];
const reductions = ['ReduceMean', 'ReduceSum', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceL1', 'ReduceL2'];

const turns: ReadonlyMap<string, Turn> = new Map<string, Turn>([
  ...[...unary, ...broadcast].map((operator) => [operator, elementwise] as const),
  ...['QuantizeLinear', 'DequantizeLinear'].map((operator) => [operator, quantization] as const),
  ...reductions.map((operator) => [operator, reduction] as const),
  ['Pad', pad],
  ['Concat', concat],
  ['Gather', gather],
]);
