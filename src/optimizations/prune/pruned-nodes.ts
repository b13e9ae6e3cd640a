/** Nodes whose attributes or constants hold sizes: they hold the new ones. */
import type { Attribute, Attributes, Graph, Initializer, Node } from '../../ir/graph.ts';
import { hasAttribute, intAttribute } from '../../operators/attribute.ts';
import { isChannelsLast } from '../../operators/image-layout.ts';
import { listOperand, normalizeAxis, numbersOf } from '../../operators/type.ts';
import { scopeOf } from '../../passes/count-macs.ts';
import { typedNodeIn } from '../../passes/scope.ts';
import type { Scope } from '../../passes/scope.ts';
import { sizesConstant } from '../inputs/adapt-constants.ts';
import { cut } from './channels.ts';
import { sizesOf } from './following.ts';
import type { Axes, AxesByTensor } from './following.ts';
import { keptSize, loses } from './keep.ts';
import type { Choice } from './keep.ts';
import { rangesOf } from './layout-rules.ts';

export interface PrunedNodes {
  readonly nodes: readonly Node[];
  /** Sizes that nodes read in place of others in the file. */
  readonly constants: readonly Initializer[];
}

/** What a node holds in an attribute, or in an input since some opset. */
interface Held {
  readonly attribute: string;
  readonly position: number;
  readonly values: readonly number[];
}

interface Sized {
  readonly node: Node;
  readonly scope: Scope;
  readonly inputs: readonly (Axes | undefined)[];
  readonly outputs: readonly (Axes | undefined)[];
  readonly choice: Choice;
}

export function pruneNodes(graph: Graph, known: AxesByTensor, choice: Choice): PrunedNodes {
  const constants: Initializer[] = [];
  const scope = scopeOf(graph);
  const axesOf = (names: readonly string[]) => names.map((name) => known.get(name));
  const isChanged = (names: readonly string[]) => names.some((name) => anyLoses(known.get(name) ?? [], choice));
  const nodes = graph.nodes.map((node): Node => {
    const adapt = node.domain === '' ? adaptations.get(node.operator) : undefined;
    if (adapt === undefined) return node;
    if (!isChanged(node.inputs) && !isChanged(node.outputs)) return node;
    const held = adapt({ node, scope, inputs: axesOf(node.inputs), outputs: axesOf(node.outputs), choice });
    return held.reduce((current, one) => holding(current, one, constants), node);
  });
  return { nodes, constants };
}

function anyLoses(axes: Axes, choice: Choice): boolean {
  return axes.some((axis) => loses(axis, choice));
}

function holding(node: Node, { attribute, position, values }: Held, constants: Initializer[]): Node {
  if (position < 0 || hasAttribute(node, attribute) || (attribute === 'split' && node.version < 13)) {
    if (position < 0) return { ...node, attributes: withNumber(node.attributes, attribute, values[0]!) };
    const value: Attribute = { kind: 'ints', values };
    return { ...node, attributes: new Map([...node.attributes, [attribute, value]]) };
  }
  const constant = sizesConstant(`${node.id}/${attribute}`, values);
  constants.push(constant);
  const filled = Array.from({ length: Math.max(node.inputs.length, position + 1) }, (_, at) => node.inputs[at] ?? '');
  const attributes = new Map([...node.attributes].filter(([name]) => name !== 'num_outputs'));
  return { ...node, attributes, inputs: filled.with(position, constant.name) };
}

const knownNumbers = new WeakMap<Attributes, Map<string, Attributes>>();

/** One record for what edits of one share make of a node: what is remembered of it holds. */
function withNumber(attributes: Attributes, name: string, value: number): Attributes {
  const known = knownNumbers.get(attributes) ?? new Map<string, Attributes>();
  knownNumbers.set(attributes, known);
  const key = `${name} ${value}`;
  const changed = known.get(key) ?? new Map<string, Attribute>([...attributes, [name, { kind: 'int', value }]]);
  known.set(key, changed);
  return changed;
}

function after(axes: Axes, { choice }: Sized): readonly number[] {
  return axes.map((axis) => keptSize(axis, choice));
}

/** A depthwise convolution has as many groups as channels. */
function groups(sized: Sized): readonly Held[] {
  const { node, inputs } = sized;
  const [input] = inputs;
  const channel = input?.[isChannelsLast(node) ? input.length - 1 : 1];
  const before = intAttribute(node, 'group', 1);
  if (channel === undefined || before === 1 || before !== sizesOf([channel])[0]) return [];
  return [{ attribute: 'group', position: -1, values: after([channel], sized) }];
}

/** -1 and 0 mean the same as before. */
function target(sized: Sized, place: Omit<Held, 'values'>): readonly Held[] {
  const [output] = sized.outputs;
  if (output === undefined || !anyLoses(output, sized.choice)) return [];
  const given = listOperand(typedNodeIn(sized.scope, sized.node), place.attribute, place.position);
  if (!given || given.length === 0) return [];
  const sizes = after(output, sized);
  const values = sizes.map((size, axis) => (given[axis] === -1 || given[axis] === 0 ? given[axis] : size));
  return [{ ...place, values }];
}

function parts(sized: Sized): readonly Held[] {
  const { node, inputs, outputs } = sized;
  const axis = inputs[0] && normalizeAxis(intAttribute(node, 'axis', 0), inputs[0].length);
  const axes = outputs.flatMap((output) => (output === undefined ? [] : [output[axis ?? 0]!]));
  if (axis === undefined || axes.length < outputs.length) return [];
  return [{ attribute: 'split', position: 1, values: after(axes, sized) }];
}

/** What stands before a range and in it shrinks; an end beyond the size stays. */
function ranges(sized: Sized): readonly Held[] {
  const { node, scope, inputs } = sized;
  const [input] = inputs;
  const typed = typedNodeIn(scope, node);
  const all = input && rangesOf({ typed, node }, sizesOf(input));
  const starts = numbersOf(typed.values[1]) ?? listOperand(typed, 'starts', 1);
  if (input === undefined || all === undefined || !starts) return [];
  const moved = [...all].map(([axis, { start, end, step }]) => {
    const [before, inside] = [cut(input[axis]!, 0, start), cut(input[axis]!, start, end)];
    if (step !== 1 || before === undefined || inside === undefined) return undefined;
    const from = before.length === 0 ? 0 : keptSize(before, sized.choice);
    return { from, to: from + keptSize(inside, sized.choice) };
  });
  const untouched = [...all].every(([axis], at) => moved[at] === undefined && !loses(input[axis]!, sized.choice));
  const isWhole = [...all].every(([axis]) => !loses(input[axis]!, sized.choice));
  if (untouched || isWhole || moved.includes(undefined)) return [];
  return [
    { attribute: 'starts', position: 1, values: moved.map((one) => one!.from) },
    { attribute: 'ends', position: 2, values: moved.map((one) => one!.to) },
  ];
}

const adaptations: ReadonlyMap<string, (sized: Sized) => readonly Held[]> = new Map([
  ['Conv', groups],
  ['ConvTranspose', groups],
  ['Reshape', (sized: Sized) => target(sized, { attribute: 'shape', position: 1 })],
  ['Expand', (sized: Sized) => target(sized, { attribute: 'shape', position: 1 })],
  ['Resize', (sized: Sized) => target(sized, { attribute: 'sizes', position: 3 })],
  ['Split', parts],
  ['Slice', ranges],
]);
