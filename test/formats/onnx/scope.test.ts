import { describe, expect, test } from 'vitest';
import { AttributeType, DataType, readGraph, type GraphMessage } from '../models.ts';

const value = (name: string) => ({ name, type: { tensorType: { elemType: DataType.FLOAT, shape: { dim: [] } } } });
const node = (name: string, input: string[], output: string[]) => ({ opType: 'Op', name, input, output });
const body = (name: string, g: GraphMessage) => ({ name, type: AttributeType.GRAPH, g });
const order = (graph: GraphMessage) => readGraph(graph).graph.nodes.map(({ name }) => name);

describe('the order of nodes', () => {
  test('stays as in the file where it is sorted', () => {
    const nodes = [node('b', ['x'], ['2']), node('a', ['x'], ['1']), node('c', ['1', '2'], ['3'])];
    expect(order({ input: [value('x')], node: nodes })).toEqual(['b', 'a', 'c']);
  });

  test('puts each node behind those it needs, else as in the file', () => {
    const nodes = [
      node('d', ['c1', 'x'], ['d1']),
      node('e', ['x'], ['e1']),
      node('c', ['b1'], ['c1']),
      node('b', ['x'], ['b1']),
    ];
    expect(order({ input: [value('x')], node: nodes })).toEqual(['b', 'c', 'd', 'e']);
  });

  test('counts what bodies read from outside', () => {
    const inner = { node: [node('inner', ['late'], ['r'])], output: [value('r')] };
    const nodes = [
      { ...node('if', ['x'], ['y']), attribute: [body('then_branch', inner)] },
      node('late', ['x'], ['late']),
    ];
    expect(order({ input: [value('x')], node: nodes })).toEqual(['late', 'if']);
  });

  test('a chain of 5,000 nodes in reverse order is sorted without recursion', () => {
    const length = 5000;
    const nodes = Array.from({ length }, (_, index) => node(`n${index}`, [`t${index}`], [`t${index + 1}`])).reverse();
    const sorted = order({ input: [value('t0')], node: nodes });
    expect(sorted[0]).toBe('n0');
    expect(sorted.at(-1)).toBe('n4999');
  });

  test('cannot be found for a cycle, and says where', () => {
    const nodes = [node('start', ['x'], ['0']), node('a', ['0', '2'], ['1']), node('b', ['1'], ['2'])];
    expect(() => order({ input: [value('x')], node: nodes })).toThrow(
      'm.onnx: node "a" needs its own output: the graph has a cycle',
    );
    expect(() => order({ node: [node('self', ['s'], ['s'])] })).toThrow('node "self" needs its own output');
  });
});

describe('tensors', () => {
  test.each<[string, GraphMessage, string]>([
    [
      'given out twice',
      { node: [node('a', [], ['t']), node('b', [], ['t'])] },
      'm.onnx: node "b" defines tensor "t" a second time',
    ],
    [
      'given out that are inputs',
      { input: [value('x')], node: [node('a', [], ['x'])] },
      'm.onnx: node "a" defines tensor "x" a second time',
    ],
    ['declared twice as inputs', { input: [value('x'), value('x')] }, 'm.onnx: input "x" is declared twice'],
    [
      'read that nothing defines',
      { node: [node('a', ['missing'], ['t'])] },
      'm.onnx: node "a" reads tensor "missing", which nothing defines',
    ],
    [
      'read in a body that nothing defines',
      {
        node: [
          {
            ...node('if', [], ['y']),
            attribute: [body('then_branch', { node: [node('inner', ['missing'], ['r'])] })],
          },
        ],
      },
      'm.onnx: node "if" reads tensor "missing", which nothing defines',
    ],
    ['asked for that nothing defines', { output: [value('y')] }, 'm.onnx: nothing defines the output "y"'],
  ])('%s are refused', (_, graph, message) => {
    expect(() => readGraph(graph)).toThrow(message);
  });

  test('of a body may have the names of tensors around it', () => {
    const inner = { node: [node('inner', ['x'], ['t'])], output: [value('t')] };
    const nodes = [node('a', ['x'], ['t']), { ...node('if', ['t'], ['y']), attribute: [body('then_branch', inner)] }];
    expect(order({ input: [value('x')], node: nodes })).toEqual(['a', 'if']);
  });

  test('absent inputs and outputs are no tensors', () => {
    const nodes = [node('a', ['x', ''], ['', 'y']), node('b', ['', 'y'], ['', 'z'])];
    expect(order({ input: [value('x')], node: nodes, output: [value('z')] })).toEqual(['a', 'b']);
  });

  test('an initializer given twice is a warning; the last one counts', () => {
    const initializer = [1, 2].map((element) => ({
      name: 'w',
      dataType: DataType.FLOAT,
      dims: [1],
      floatData: [element],
    }));
    const model = readGraph({ initializer });
    expect(model.warnings).toEqual(['initializers of a name that a later one has too, which counts: 1']);
    expect(model.graph.initializers.get('w')?.value?.elements).toEqual([2]);
  });

  test('names in messages are quoted, escaped and cut', () => {
    const name = `\u001b[31m\n\u009b\u202e${'x'.repeat(500)}`;
    const message = String.raw`node "\u001b[31m\n\u009b\u202e` + 'x'.repeat(109) + '..." needs its own output';
    expect(() => readGraph({ node: [node(name, ['s'], ['s'])] })).toThrow(message);
  });
});
