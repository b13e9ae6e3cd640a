import { describe, expect, test } from 'vitest';
import type { Model } from '../../src/ir/graph.ts';
import { inferModel, prepare } from '../../src/passes/index.ts';
import { inspectDocument } from '../../src/report/inspect.ts';
import { compile } from '../../src/schedule/compile.ts';
import { simulate } from '../../src/simulate/simulate.ts';
import { AttributeType, DataType, readGraph, type GraphMessage } from '../formats/models.ts';
import { toyCpu } from '../schedule/toy-targets.ts';

const none = { dims: new Map(), inputs: new Map() };

function value(name: string, dims: readonly number[], elemType = DataType.FLOAT) {
  return { name, type: { tensorType: { elemType, shape: { dim: dims.map((dimValue) => ({ dimValue })) } } } };
}

function weight(name: string, dims: readonly number[]) {
  const count = dims.reduce((product, size) => product * size, 1);
  return { name, dims: [...dims], dataType: DataType.FLOAT, rawData: new Uint8Array(4 * count) };
}

/** A table of the branch's own, 40 x 30, passed through a node. */
const held: GraphMessage = {
  name: 'held',
  node: [
    {
      opType: 'Constant',
      output: ['k'],
      attribute: [{ name: 'value', type: AttributeType.TENSOR, t: weight('', [40, 30]) }],
    },
    { opType: 'Abs', name: 'abs', input: ['k'], output: ['held.y'] },
    { opType: 'Neg', name: 'neg', input: ['held.y'], output: ['held.z'] },
  ],
  output: [{ name: 'held.z' }],
};

/** The same size, looked up in a table of 90 x 30 by input `ids`. */
const computed: GraphMessage = {
  name: 'computed',
  initializer: [weight('table', [90, 30])],
  node: [{ opType: 'Gather', name: 'look', input: ['table', 'ids'], output: ['computed.y'] }],
  output: [{ name: 'computed.y' }],
};

/** y = x · (exp(table of a branch)), x [1, 40]. */
function chosen(condition: GraphMessage): Model {
  return readGraph({
    input: [value('x', [1, 40]), value('ids', [40], DataType.INT64), ...(condition.input ?? [])],
    output: [{ name: 'y' }],
    initializer: condition.initializer ?? [],
    node: [
      {
        ...{ opType: 'If', name: 'gate', input: ['c'], output: ['z'] },
        attribute: [
          { name: 'then_branch', type: AttributeType.GRAPH, g: held },
          { name: 'else_branch', type: AttributeType.GRAPH, g: computed },
        ],
      },
      { opType: 'Exp', name: 'exp', input: ['z'], output: ['e'] },
      { opType: 'MatMul', name: 'product', input: ['x', 'e'], output: ['y'] },
    ],
  });
}

const conditions = {
  'the file takes': { initializer: [{ name: 'c', dims: [], dataType: DataType.BOOL, int32Data: [1] }] },
  'the data may take': { input: [value('c', [], DataType.BOOL)] },
};

describe.each(Object.entries(conditions))('a branch of constants alone that %s', (_, condition) => {
  const model = chosen(condition);
  const prepared = prepare(model, none);
  const simulation = simulate(compile(prepared, toyCpu));

  test('leaves the other branch and the If in a layer', () => {
    const ids = [...simulation.layers.flatMap(({ nodes }) => nodes), ...prepared.constantNodes];
    expect(ids.length).toBe(new Set(ids).size);
    expect(simulation.layers.flatMap(({ nodes }) => nodes)).toEqual(
      expect.arrayContaining(['gate', 'gate/else_branch/look', 'product']),
    );
  });

  test('keeps the parameters of the other: rows add up to what inspect counts', () => {
    const { parameters } = inspectDocument(inferModel(model, none), 'm.onnx').model;
    expect(parameters).toBe(90 * 30);
    expect(simulation.totals.parameters).toBe(parameters);
    expect(simulation.layers.reduce((sum, layer) => sum + layer.parameters, 0)).toBe(parameters);
  });
});

describe('what reads a branch of constants alone', () => {
  const kept = (condition: GraphMessage) =>
    prepare(chosen(condition), none).graph.nodes.map(({ operator }) => operator);

  test('is constant too where the file takes the branch', () => {
    expect(kept(conditions['the file takes'])).toEqual(['MatMul']);
  });

  test('has to run where the data takes it', () => {
    expect(kept(conditions['the data may take'])).toEqual(['Exp', 'MatMul']);
  });
});
