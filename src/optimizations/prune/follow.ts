/** The walk: from the model's inputs to its outputs, every axis is told which channels it holds. */
import { allNodes, bodiesOf } from '../../ir/bodies.ts';
import type { Graph, Node } from '../../ir/graph.ts';
import { scopeOf } from '../../passes/count-macs.ts';
import { consumersOf } from '../../passes/drop-nodes.ts';
import { typedNodeIn } from '../../passes/scope.ts';
import { current, fixedAxis } from './channels.ts';
import type { Axis } from './channels.ts';
import { constantAxes, fixAll, reasonAt, shapeOf } from './following.ts';
import type { Axes, AxesByTensor, Followed, Following } from './following.ts';
import { ruleFor } from './rules.ts';

const followed = new WeakMap<Graph, AxesByTensor>();

/** Axes of all tensors and constants of the flat graph whose sizes are numbers. What is pruned of them does not matter here. */
export function followChannels(graph: Graph): AxesByTensor {
  const axes = followed.get(graph) ?? walk(graph);
  followed.set(graph, axes);
  return axes;
}

function walk(graph: Graph): AxesByTensor {
  const known: AxesByTensor = new Map();
  const consumers = consumersOf(graph.nodes);
  const scope = scopeOf(graph);
  for (const name of graph.inputs) {
    const shape = shapeOf(graph, name);
    if (shape !== undefined)
      known.set(
        name,
        shape.map((size) => fixedAxis(size, `are tied to the input ${name}`)),
      );
  }
  for (const node of graph.nodes) {
    const following = followingOf(node, { graph, known, consumers, typed: typedNodeIn(scope, node) });
    const outputs = follow(following, known);
    node.outputs.forEach((name, position) => {
      const axes = name === '' ? undefined : outputs[position];
      if (axes !== undefined) known.set(name, axes);
    });
  }
  for (const name of graph.outputs) fixAll(known.get(name) ?? [], `are those of the output ${name}`);
  return settled(known);
}

/** With the runs as they are in the end: tensors share axes, and every edit asks for all of them. */
function settled(known: AxesByTensor): AxesByTensor {
  const settledAxes = new Map<Axis, Axis>();
  const settle = (axis: Axis): Axis => {
    const runs = settledAxes.get(axis) ?? current(axis);
    settledAxes.set(axis, runs);
    return runs;
  };
  return new Map([...known].map(([name, axes]) => [name, axes.map(settle)]));
}

function followingOf(
  node: Node,
  {
    graph,
    known,
    consumers,
    typed,
  }: Pick<Following, 'graph' | 'consumers' | 'typed'> & { readonly known: AxesByTensor },
): Following {
  const constant = (name: string | undefined) => graph.initializers.get(name ?? '');
  return {
    ...{ node, typed, graph, consumers },
    inputs: node.inputs.map((name) => {
      const initializer = constant(name);
      return initializer === undefined ? known.get(name) : constantAxes(initializer, graph, known);
    }),
    outputs: node.outputs.map((name) => (name === '' ? undefined : shapeOf(graph, name))),
    isConstant: (position) => constant(node.inputs[position]) !== undefined,
  };
}

function follow(following: Following, known: AxesByTensor): readonly (Axes | undefined)[] {
  const { node, inputs, outputs } = following;
  const axesOrReason = applied(following);
  if (typeof axesOrReason !== 'string') return axesOrReason;
  const reason = reasonAt(node, axesOrReason);
  for (const axes of [...inputs, ...capturedBy(node, known)]) if (axes !== undefined) fixAll(axes, reason);
  return outputs.map((shape) => shape?.map((size) => fixedAxis(size, reason)));
}

function applied(following: Following): Followed {
  const { node, inputs, outputs } = following;
  const isOpen = node.inputs.some((name, position) => name !== '' && inputs[position] === undefined);
  if (isOpen || outputs.some((shape, position) => shape === undefined && node.outputs[position] !== '')) {
    return 'has operands of open sizes';
  }
  // What a loop carries from one run to the next has to keep its size, and the flat graph does not say what that is.
  if (node.repetitions !== 1) return 'runs in a loop';
  const rule = bodiesOf(node).length > 0 ? undefined : ruleFor(following);
  return rule?.(following) ?? 'is not followed';
}

/** What bodies read of the graph around them. */
function capturedBy(node: Node, known: AxesByTensor): readonly Axes[] {
  return bodiesOf(node).flatMap(([, body]) => {
    const names = [...body.outputs, ...allNodes(body).flatMap(({ inputs }) => inputs)];
    return names.flatMap((name) => (known.has(name) ? [known.get(name)!] : []));
  });
}
