/** Transposes that cancel each other over what stands between them; what a graph computes stays the same. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Graph } from '../../src/ir/graph.ts';
import { prepare } from '../../src/passes/index.ts';
import { modelOf, node, prepared, type ModelGiven, type NodeGiven } from '../schedule/models.ts';
import { outputsOf, type Numbers } from './small-interpreter.ts';

const channelsLast = [0, 2, 3, 1];
const channelsFirst = [0, 3, 1, 2];
const transpose = (from: string, to: string, perm: readonly number[]): NodeGiven =>
  node('Transpose', [from], to, { perm });

const around: Pick<ModelGiven, 'inputs' | 'constants' | 'values'> = {
  inputs: { x: ['float32', 1, 3, 8, 8] },
  constants: {
    w: ['float32', 4, 3, 3, 3],
    v: ['float32', 4, 4, 1, 1],
    scale: ['float32', 4],
    table: ['float32', 6, 4],
    zero: ['float32'],
  },
  values: {
    axes: { dtype: 'int64', elements: [1, 2] },
    pads: { dtype: 'int64', elements: [0, 1, 2, 0, 0, 3, 4, 0] },
  },
};
const graphOf = (nodes: readonly NodeGiven[], outputs: readonly string[] = ['y']): Graph =>
  prepared({ ...around, nodes, outputs }).graph;
const operators = ({ nodes }: Graph): readonly string[] => nodes.map(({ operator }) => operator);

describe('between two convolutions, as an exporter of channels-last networks writes them', () => {
  test('an activation, with a constant for each channel', () => {
    const graph = graphOf([
      node('Conv', ['x', 'w'], 'a'),
      transpose('a', 'b', channelsLast),
      node('Sigmoid', ['b'], 'c'),
      node('Add', ['c', 'scale'], 'd'),
      transpose('d', 'e', channelsFirst),
      node('Conv', ['e', 'v'], 'y'),
    ]);
    expect(operators(graph)).toEqual(['Conv', 'Sigmoid', 'Add', 'Conv']);
    const [, , add, last] = graph.nodes;
    expect(last?.inputs[0]).toBe(add?.outputs[0]);
    expect(graph.tensors.get(add!.outputs[0]!)?.shape).toEqual([1, 4, 6, 6]);
    expect(graph.initializers.get(add!.inputs[1]!)).toMatchObject({ shape: [1, 4, 1, 1], foldedFrom: ['scale'] });
    expect(graph.nodes.flatMap(({ sources }) => sources).sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'y']);
  });

  test('a constant of the file that has the name which a turned one would have stays', () => {
    const nodes = [node('Conv', ['x', 'w'], 'a'), transpose('a', 'b', channelsLast), node('Add', ['b', 'scale'], 'd')];
    const rest = [transpose('d', 'e', channelsFirst), node('Div', ['e', 'd/1'], 'y')];
    const { graph } = prepared({
      ...around,
      constants: { ...around.constants, 'd/1': ['float32', 1, 4, 6, 6] },
      nodes: [...nodes, ...rest],
      outputs: ['y'],
    });
    expect(operators(graph)).toEqual(['Conv', 'Add', 'Div']);
    const [, add, last] = graph.nodes;
    expect(add?.inputs[1]).not.toBe('d/1');
    expect(last?.inputs).toEqual([add?.outputs[0], 'd/1']);
    expect(graph.initializers.get('d/1')?.shape).toEqual([1, 4, 6, 6]);
  });

  test('a normalization behind the Transpose becomes part of the convolution before it', () => {
    const nodes = [node('Conv', ['x', 'w'], 'a'), transpose('a', 'b', channelsLast), node('Mul', ['b', 'scale'], 'c')];
    const rest = [node('Relu', ['c'], 'd'), transpose('d', 'e', channelsFirst), node('Conv', ['e', 'v'], 'y')];
    expect(operators(graphOf([...nodes, ...rest]))).toEqual(['Conv', 'Relu', 'Conv']);
  });

  test('a squeeze-and-excitation branch, padding and axes are turned', () => {
    const graph = graphOf([
      node('Conv', ['x', 'w'], 'a'),
      transpose('a', 'b', channelsLast),
      node('ReduceMean', ['b', 'axes'], 'mean'),
      node('Mul', ['b', 'mean'], 'c'),
      node('Pad', ['c', 'pads', 'zero'], 'd'),
      transpose('d', 'e', channelsFirst),
      node('Conv', ['e', 'v'], 'y'),
    ]);
    expect(operators(graph)).toEqual(['Conv', 'ReduceMean', 'Mul', 'Pad', 'Conv']);
    const [, mean, , pad] = graph.nodes;
    expect(graph.initializers.get(mean!.inputs[1]!)?.value?.elements).toEqual([2, 3]);
    expect(graph.initializers.get(pad!.inputs[1]!)?.value?.elements).toEqual([0, 0, 1, 2, 0, 0, 3, 4]);
    expect(graph.tensors.get(pad!.outputs[0]!)?.shape).toEqual([1, 4, 10, 12]);
  });
});

test('what is read in both orders keeps one Transpose, with the ids of those that are gone', () => {
  const nodes = [node('Conv', ['x', 'w'], 'a'), transpose('a', 'b', channelsLast), node('Relu', ['b'], 'c')];
  const branches = [transpose('c', 'y', channelsFirst), node('Softmax', ['c'], 'z', { axis: -1 })];
  const graph = graphOf([...nodes, ...branches], ['y', 'z']);
  expect(operators(graph)).toEqual(['Conv', 'Relu', 'Transpose', 'Softmax']);
  expect(graph.nodes.map(({ sources }) => sources)).toEqual([['a'], ['c', 'y'], ['b'], ['z']]);
});

describe('stays as it is', () => {
  const start = [node('Conv', ['x', 'w'], 'a'), transpose('a', 'b', channelsLast)];

  test('where nothing is gained', () => {
    expect(operators(graphOf([...start, node('Relu', ['b'], 'y')]))).toEqual(['Conv', 'Transpose', 'Relu']);
    const branch = [node('Relu', ['b'], 'y'), node('Softmax', ['b'], 'z', { axis: -1 })];
    expect(operators(graphOf([...start, ...branch], ['y', 'z']))).toEqual(['Conv', 'Transpose', 'Relu', 'Softmax']);
  });

  test('where the order of the axes counts in between', () => {
    const nodes = [...start, node('Softmax', ['b'], 'c', { axis: -1 }), transpose('c', 'y', channelsFirst)];
    expect(operators(graphOf(nodes))).toEqual(['Conv', 'Transpose', 'Softmax', 'Transpose']);
  });

  test('where a constant names its axes, as before opset 7', () => {
    const add = node('Add', ['b', 'scale'], 'c', { broadcast: 1, axis: 3 });
    expect(operators(graphOf([...start, add, transpose('c', 'y', channelsFirst)]))).toContain('Transpose');
  });

  test('in files of other formats', () => {
    const model = modelOf({
      ...around,
      nodes: [...start, node('Relu', ['b'], 'c'), transpose('c', 'y', channelsFirst)],
      outputs: ['y'],
    });
    const { graph } = prepare({ ...model, format: 'coreml' }, { dims: new Map(), inputs: new Map() });
    expect(operators(graph)).toEqual(['Conv', 'Transpose', 'Relu', 'Transpose']);
  });
});

interface Choice {
  readonly kind: number;
  readonly from: number;
  readonly other: number;
  readonly axis: number;
}

const choices = fc.array(fc.record({ kind: fc.nat(9), from: fc.nat(5), other: fc.nat(5), axis: fc.nat(2) }), {
  minLength: 3,
  maxLength: 14,
});
const orders = [
  [1, 2, 0],
  [2, 0, 1],
  [0, 2, 1],
];

/** A network of tensors with three axes; what does not fit becomes another Transpose. */
function networkOf(steps: readonly Choice[]): ModelGiven {
  const shapes = new Map<string, readonly number[]>([['x', [2, 3, 4]]]);
  const constants: Record<string, readonly ['float32', ...number[]]> = {};
  const values: Record<string, { dtype: 'int64'; elements: number[]; shape?: number[] }> = {};
  const nodes = steps.map(({ kind, from, other, axis }, index): NodeGiven => {
    const names = [...shapes.keys()].slice(-6);
    const [a, b] = [names[from % names.length]!, names[other % names.length]!];
    const [shape, second, out] = [shapes.get(a)!, shapes.get(b)!, `t${index}`];
    const isAlike = shape.join() === second.join();
    const make = (result: readonly number[], made: NodeGiven): NodeGiven => {
      shapes.set(out, result);
      return made;
    };
    if (kind === 0) return make(shape, node('Neg', [a], out));
    if (kind === 1 && isAlike) return make(shape, node('Add', [a, b], out));
    if (kind === 2) {
      const spread = [shape, shape.slice(1), shape.slice(2), shape.map((size, at) => (at === axis ? size : 1))];
      constants[`c${index}`] = ['float32', ...spread[other % spread.length]!];
      return make(shape, node(from % 2 === 0 ? 'Mul' : 'Sub', [a, `c${index}`], out));
    }
    if (kind === 3) {
      values[`axes${index}`] = { dtype: 'int64', elements: [axis] };
      const result = shape.map((size, at) => (at === axis ? 1 : size));
      return make(result, node('ReduceSum', [a, `axes${index}`], out));
    }
    if (kind === 4 && shape[axis]! < 6) {
      const elements = [0, 1, 2, 3, 4, 5].map((at) => (at % 3 === axis ? (at < 3 ? 1 : 2) : 0));
      values[`pads${index}`] = { dtype: 'int64', elements };
      const result = shape.map((size, at) => (at === axis ? size + 3 : size));
      return make(result, node('Pad', [a, `pads${index}`], out));
    }
    if (kind === 5 && isAlike && shape[axis]! < 8) {
      const result = shape.map((size, at) => (at === axis ? 2 * size : size));
      return make(result, node('Concat', [a, b], out, { axis: axis - 3 }));
    }
    if (kind === 6) {
      values[`indices${index}`] = { dtype: 'int64', elements: [shape[axis]! - 1, 0] };
      const result = shape.map((size, at) => (at === axis ? 2 : size));
      return make(result, node('Gather', [a, `indices${index}`], out, { axis }));
    }
    const perm = orders[axis]!;
    return make(
      perm.map((at) => shape[at]!),
      transpose(a, out, perm),
    );
  });
  // The last one loses an axis.
  const slice = node('Gather', [[...shapes.keys()].at(-1)!, 'first'], 'slice', { axis: steps[0]!.axis });
  nodes.push(slice);
  values.first = { dtype: 'int64', elements: [0], shape: [] };
  const outputs = [...[...shapes.keys()].slice(-2), 'slice'].slice(steps.length % 2);
  return { inputs: { x: ['float32', 2, 3, 4] }, constants, values, nodes, outputs };
}

test('one step of a sequence is taken from where it lies: behind a recurrent layer, two Transposes are one or none', () => {
  const graph = prepared({
    inputs: { x: ['float32', 5, 1, 8] },
    values: { last: { dtype: 'int64', elements: [-1], shape: [] } },
    nodes: [
      node('Relu', ['x'], 'a'),
      transpose('a', 'b', [1, 0, 2]),
      node('Gather', ['b', 'last'], 'c', { axis: 1 }),
      transpose('a', 'd', [1, 2, 0]),
      node('Softmax', ['c'], 'y'),
      node('Softmax', ['d'], 'z', { axis: -1 }),
    ],
    outputs: ['y', 'z'],
  }).graph;
  expect(operators(graph)).toEqual(['Relu', 'Gather', 'Transpose', 'Softmax', 'Softmax']);
  const gathered = graph.nodes[1]!;
  expect(gathered.attributes.get('axis')).toEqual({ kind: 'int', value: 0 });
  expect([gathered.inputs[0], graph.tensors.get(gathered.outputs[0]!)?.shape]).toEqual(['a', [1, 8]]);
});

test('any network computes what it did, with no more elements moved, and no node of the file is lost', () => {
  let changed = 0;
  const movedElements = (graph: Graph): number =>
    graph.nodes
      .filter(({ operator }) => operator === 'Transpose')
      .map(({ outputs: [name] }) =>
        graph.tensors.get(name!)!.shape!.reduce<number>((sum, size) => sum * Number(size), 1),
      )
      .reduce((sum, count) => sum + count, 0);
  fc.assert(
    fc.property(choices, (steps) => {
      const model = modelOf(networkOf(steps));
      const bindings = { dims: new Map(), inputs: new Map() };
      const plain = prepare({ ...model, format: 'coreml' }, bindings).graph;
      const { graph } = prepare(model, bindings);
      const [before, after] = [movedElements(plain), movedElements(graph)];
      expect(after).toBeLessThanOrEqual(before);
      if (after < before) changed += 1;
      const outputs: readonly Numbers[] = outputsOf(graph);
      expect(outputs).toEqual(outputsOf(plain));
      const ids = ({ nodes }: Graph): readonly string[] => nodes.flatMap(({ sources }) => sources).sort();
      expect(ids(graph)).toEqual(ids(plain));
      for (const { outputs: made } of graph.nodes) {
        for (const name of made) expect(graph.tensors.get(name)?.shape).toBeDefined();
      }
    }),
    { numRuns: 400, seed: 7 },
  );
  expect(changed).toBeGreaterThan(40);
});
