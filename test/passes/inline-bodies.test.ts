import { describe, expect, test } from 'vitest';
import type { Graph } from '../../src/ir/graph.ts';
import { prepare } from '../../src/passes/index.ts';
import { AttributeType, DataType, readGraph, type GraphMessage } from '../formats/models.ts';

type NodeMessage = NonNullable<GraphMessage['node']>[number];

const none = { dims: new Map(), inputs: new Map() };

function value(name: string, dims: readonly number[], elemType = DataType.FLOAT) {
  return { name, type: { tensorType: { elemType, shape: { dim: dims.map((dimValue) => ({ dimValue })) } } } };
}

function body(name: string, graph: GraphMessage) {
  return { name, type: AttributeType.GRAPH, g: graph };
}

function preparedNodes(graph: GraphMessage): Graph {
  return prepare(readGraph(graph), none).graph;
}

/** `operator, operator, …`, sorted. */
function operators({ nodes }: Graph): string {
  return nodes
    .map(({ operator }) => operator)
    .sort()
    .join(', ');
}

/** scores = x w; y = (sum of scores > 0) ? relu(x) : x. Nothing but the condition reads the product. */
function gated(condition: NodeMessage): GraphMessage {
  return {
    input: [value('x', [1, 8]), value('w', [8, 4])],
    output: [value('y', [1, 8])],
    initializer: [{ name: 'zero', dims: [], dataType: DataType.FLOAT, floatData: [0] }],
    node: [
      { opType: 'MatMul', input: ['x', 'w'], output: ['scores'] },
      { opType: 'ReduceSum', input: ['scores'], output: ['sum'], attribute: [keepdims] },
      condition,
      {
        opType: 'If',
        name: 'gate',
        input: ['condition'],
        output: ['y'],
        attribute: [
          body('then_branch', {
            node: [{ opType: 'Relu', input: ['x'], output: ['t'] }],
            output: [value('t', [1, 8])],
          }),
          body('else_branch', {
            node: [{ opType: 'Identity', input: ['x'], output: ['e'] }],
            output: [value('e', [1, 8])],
          }),
        ],
      },
    ],
  };
}

const keepdims = { name: 'keepdims', type: AttributeType.INT, i: 0 };

describe('what decides a branch', () => {
  const greater = { opType: 'Greater', input: ['sum', 'zero'], output: ['condition'] };

  test('runs though no tensor depends on it', () => {
    const graph = preparedNodes(gated(greater));
    expect(operators(graph)).toBe('Greater, MatMul, ReduceSum, Relu');
    expect(graph.outputs).toEqual(['y', 'condition']);
  });

  test('does not run when the file decides it', () => {
    const truth = {
      name: 'value',
      type: AttributeType.TENSOR,
      t: { dims: [], dataType: DataType.BOOL, int32Data: [1] },
    };
    const graph = preparedNodes(gated({ opType: 'Constant', output: ['condition'], attribute: [truth] }));
    expect(operators(graph)).toBe('Relu');
    expect(graph.outputs).toEqual(['y']);
  });
});

/** x doubled until `condition` in the body ends it, at most nine times. */
function loop(condition: readonly NodeMessage[]): GraphMessage {
  return {
    input: [value('x', [1, 8]), value('w', [8, 4])],
    output: [value('y', [1, 8])],
    initializer: [
      { name: 'trips', dims: [], dataType: DataType.INT64, int64Data: [9] },
      { name: 'go', dims: [], dataType: DataType.BOOL, int32Data: [1] },
      { name: 'zero', dims: [], dataType: DataType.FLOAT, floatData: [0] },
    ],
    node: [
      {
        opType: 'Loop',
        name: 'loop',
        input: ['trips', 'go', 'x'],
        output: ['y'],
        attribute: [
          body('body', {
            input: [value('turn', [], DataType.INT64), value('going', [], DataType.BOOL), value('v', [1, 8])],
            output: [value('next', [], DataType.BOOL), value('doubled', [1, 8])],
            node: [{ opType: 'Add', input: ['v', 'v'], output: ['doubled'] }, ...condition],
          }),
        ],
      },
    ],
  };
}

describe('what ends a loop', () => {
  test('runs in every turn', () => {
    const graph = preparedNodes(
      loop([
        { opType: 'MatMul', input: ['doubled', 'w'], output: ['scores'] },
        { opType: 'ReduceSum', input: ['scores'], output: ['sum'], attribute: [keepdims] },
        { opType: 'Greater', input: ['sum', 'zero'], output: ['next'] },
      ]),
    );
    const turns = graph.nodes.filter(({ operator }) => operator !== 'Loop');
    expect(turns.map(({ operator, repetitions }) => `${operator} ${String(repetitions)}`).sort()).toEqual([
      'Add 9',
      'Greater 9',
      'MatMul 9',
      'ReduceSum 9',
    ]);
  });

  test('is nothing where the condition is handed on', () => {
    const model = readGraph(loop([{ opType: 'Identity', input: ['going'], output: ['next'] }]));
    const { graph, assumptions } = prepare(model, none);
    expect(graph.nodes.filter(({ operator }) => operator !== 'Loop').map(({ operator }) => operator)).toEqual(['Add']);
    expect(graph.outputs).toEqual(['y']);
    expect(assumptions).toEqual([]);
  });
});
