/**
 * Transposes are moved along, through what does not care for the order of axes, to where they meet and cancel each other.
 * TensorFlow's exporter leaves one on each side of every convolution where its own rules do not reach; ONNX Runtime (its
 * transpose optimizer) and TensorRT take them out when they load a model.
 *
 * A region is what Transposes reach together. It is turned as a whole, and only where fewer elements are moved afterwards.
 */
import type { Graph, Node, TensorType } from '../ir/graph.ts';
import { inverseOf, isPermutation } from '../ir/permutation.ts';
import { intsAttribute } from '../operators/attribute.ts';
import { numericShape } from '../operators/type.ts';
import { sizeOf } from '../operators/value.ts';
import { dropNodes, producersOf } from './drop-nodes.ts';
import { freshName, turned, type Turned } from './through-transposes.ts';

/** A tensor that is another one with its axes in another order. */
interface Moved {
  /** The other one: of the file, or made by a turned node. */
  readonly source: string;
  /** Axis `i` of the tensor is axis `permutation[i]` of its source. */
  readonly permutation: readonly number[];
  readonly region: Region;
}

interface Region {
  /** The region that this one has become part of. */
  into: Region | undefined;
  readonly repetitions: number;
  readonly transposes: Node[];
  /** Tensors that somebody needs in their order. */
  readonly needed: Set<string>;
  elementsBefore: number;
  elementsAfter: number;
}

interface Plan {
  readonly graph: Graph;
  readonly moved: Map<string, Moved>;
  readonly turned: Map<Node, Turned>;
}

export function moveTransposes(graph: Graph): Graph {
  const transposes = graph.nodes.filter((node) => node.operator === 'Transpose' && node.domain === '');
  if (transposes.length < 2) return graph;
  const plan = planOf(graph);
  const regions = new Set([...plan.moved.values()].map(({ region }) => whole(region)));
  const better = new Set([...regions].filter(isBetter));
  return better.size === 0 ? graph : rewritten(plan, better);
}

function isBetter({ transposes, needed, elementsBefore, elementsAfter }: Region): boolean {
  return elementsAfter < elementsBefore && needed.size <= transposes.length;
}

function planOf(graph: Graph): Plan {
  const plan: Plan = { graph, moved: new Map(), turned: new Map() };
  for (const node of graph.nodes) {
    if (!begin(node, plan) && !pass(node, plan)) for (const name of node.inputs) need(name, plan);
  }
  for (const name of graph.outputs) need(name, plan);
  return plan;
}

/** A Transpose: what it makes is moved, together with what it reads if that is. */
function begin(node: Node, { graph, moved }: Plan): boolean {
  const [input = '', output = ''] = [node.inputs[0], node.outputs[0]];
  const shape = numericShape(graph.tensors.get(input)?.shape);
  if (node.operator !== 'Transpose' || node.domain !== '' || shape === undefined || output === '') return false;
  const own = intsAttribute(node, 'perm', [...shape.keys()].reverse());
  if (!isPermutation(own, shape.length)) return false;
  const before = outOfOrder(input, moved);
  const joins = before !== undefined && whole(before.region).repetitions === node.repetitions;
  if (before !== undefined && !joins) return false;
  const region = before === undefined ? newRegion(node.repetitions) : whole(before.region);
  region.transposes.push(node);
  region.elementsBefore += sizeOf(shape);
  const permutation = before === undefined ? own : own.map((axis) => before.permutation[axis]!);
  moved.set(output, { source: before?.source ?? input, permutation, region });
  return true;
}

/** A node that may as well see its inputs as they were before. */
function pass(node: Node, plan: Plan): boolean {
  const { graph, moved } = plan;
  const inputs = node.inputs.map((name) => outOfOrder(name, moved));
  const first = inputs.find((input) => input !== undefined);
  const [output = ''] = node.outputs;
  const shape = numericShape(graph.tensors.get(output)?.shape);
  if (first === undefined || shape === undefined) return false;
  const positions = new Set<number>();
  for (const [position, input] of inputs.entries()) {
    if (input === undefined) continue;
    if (whole(input.region).repetitions !== node.repetitions || !isEqual(input.permutation, first.permutation))
      return false;
    positions.add(position);
  }
  const result = turned({ node, graph, permutation: first.permutation, moved: positions });
  const permutation = result?.permutation ?? first.permutation;
  if (result === undefined || shape.length !== permutation.length) return false;
  const region = inputs.reduce(
    (sum, input) => (input === undefined ? sum : join(sum, whole(input.region))),
    whole(first.region),
  );
  plan.turned.set(node, result);
  const source = isInOrder(permutation) ? output : freshName(`${output}/moved`, graph);
  moved.set(output, { source, permutation, region });
  return true;
}

function need(name: string, { graph, moved }: Plan): void {
  const tensor = outOfOrder(name, moved);
  if (tensor === undefined) return;
  const region = whole(tensor.region);
  if (region.needed.has(name)) return;
  region.needed.add(name);
  region.elementsAfter += sizeOf(numericShape(graph.tensors.get(name)?.shape) ?? []);
}

/** Undefined too where the axes are back in their order: such a tensor is its source. */
function outOfOrder(name: string, moved: ReadonlyMap<string, Moved>): Moved | undefined {
  const found = moved.get(name);
  return found === undefined || isInOrder(found.permutation) ? undefined : found;
}

function rewritten(plan: Plan, better: ReadonlySet<Region>): Graph {
  const { graph, moved, turned: steps } = plan;
  const [initializers, tensors] = [new Map(graph.initializers), new Map(graph.tensors)];
  const [dropped, renamed] = [new Set<Node>(), new Map<string, string>()];
  const standIns = new Map([...better].flatMap((region) => standInsOf(region)));
  const gone = new Set(standIns.values());
  const nodes = graph.nodes.flatMap((node): readonly Node[] => {
    const [output = ''] = node.outputs;
    const made = moved.get(output);
    if (made === undefined || !better.has(whole(made.region))) return [node];
    const step = steps.get(node);
    if (step !== undefined) {
      for (const constant of step.constants.values()) {
        initializers.set(constant.name, constant);
        tensors.set(constant.name, { dtype: constant.dtype, shape: constant.shape });
      }
      tensors.set(made.source, turnedType(graph.tensors.get(output)!, made.permutation));
      const standIn = standIns.get(output);
      const now = turnedNode(node, step, made, moved);
      return standIn === undefined ? [now] : [now, transposeTo(output, made, standIn)];
    }
    if (whole(made.region).needed.has(output)) return [transposeTo(output, made, node)];
    if (isInOrder(made.permutation)) renamed.set(output, made.source);
    if (gone.has(node)) return [];
    const going = { ...node, inputs: [computedBefore(node, plan, better)] };
    dropped.add(going);
    return [going];
  });
  // Where nothing else is there, the ids would have no node to be in.
  if (dropped.size === nodes.length) return graph;
  return dropNodes({ ...graph, nodes, initializers, tensors }, dropped, 'producer', renamed);
}

/**
 * What the ids of a Transpose that goes are left to is a node that computes: the same one whether or not the exporter put
 * quantization in between.
 */
function computedBefore(node: Node, { graph, moved, turned: steps }: Plan, better: ReadonlySet<Region>): string {
  const producers = producersOf(graph.nodes);
  let name = node.inputs[0]!;
  let producer = producers.get(name);
  for (let count = 0; producer !== undefined && passingOn.has(producer.operator) && count < longestChain; count++) {
    name = producer.inputs[0]!;
    producer = producers.get(name);
  }
  const made = moved.get(name);
  const isTurned =
    producer !== undefined && steps.has(producer) && made !== undefined && better.has(whole(made.region));
  return isTurned ? made.source : name;
}

const passingOn: ReadonlySet<string> = new Set(['Transpose', 'QuantizeLinear', 'DequantizeLinear']);
/** Behind each other without anything that computes; exporters write five at most. */
const longestChain = 16;

/** By tensor that has to be put in order behind a turned node: the Transpose whose place in the file that has. */
function standInsOf({ transposes, needed }: Region): readonly (readonly [string, Node])[] {
  const own = new Set(transposes.map(({ outputs }) => outputs[0]!));
  const spare = transposes.filter(({ outputs }) => !needed.has(outputs[0]!));
  return [...needed].filter((name) => !own.has(name)).map((name, index) => [name, spare[index]!] as const);
}

function turnedNode(node: Node, step: Turned, made: Moved, moved: ReadonlyMap<string, Moved>): Node {
  const inputs = node.inputs.map(
    (name, position) => outOfOrder(name, moved)?.source ?? step.constants.get(position)?.name ?? name,
  );
  return { ...node, inputs, outputs: [made.source], attributes: step.attributes };
}

function transposeTo(output: string, { source, permutation }: Moved, standIn: Node): Node {
  const attributes = new Map([...standIn.attributes, ['perm', { kind: 'ints', values: permutation }] as const]);
  return { ...standIn, inputs: [source], outputs: [output], attributes };
}

function turnedType(type: TensorType, permutation: readonly number[]): TensorType {
  const { shape } = type;
  return shape === null ? type : { ...type, shape: inverseOf(permutation).map((axis) => shape[axis]!) };
}

function newRegion(repetitions: number): Region {
  return {
    into: undefined,
    repetitions,
    transposes: [],
    needed: new Set(),
    elementsBefore: 0,
    elementsAfter: 0,
  };
}

/** What a region is a part of by now. */
function whole(region: Region): Region {
  let current = region;
  while (current.into !== undefined) current = current.into;
  if (current !== region) region.into = current;
  return current;
}

function join(one: Region, other: Region): Region {
  if (one === other) return one;
  const [large, small] = one.transposes.length < other.transposes.length ? [other, one] : [one, other];
  small.into = large;
  for (const node of small.transposes) large.transposes.push(node);
  for (const name of small.needed) large.needed.add(name);
  large.elementsBefore += small.elementsBefore;
  large.elementsAfter += small.elementsAfter;
  return large;
}

function isInOrder(permutation: readonly number[]): boolean {
  return permutation.every((before, axis) => before === axis);
}

function isEqual(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((before, axis) => before === other[axis]);
}
