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

/** x [1, 8] times a weight of 8 x `columns` that the branch holds itself. */
function product(name: string, columns: number): GraphMessage {
  return {
    name,
    initializer: [weight('w', [8, columns])],
    node: [{ opType: 'MatMul', input: ['x', 'w'], output: [`${name}.y`] }],
    output: [{ name: `${name}.y` }],
  };
}

/** y = z + z, z from a branch that input `c` selects: 8 x 4 or 8 x 16. */
const model: Model = readGraph({
  input: [value('x', [1, 8]), value('c', [], DataType.BOOL)],
  output: [{ name: 'y' }],
  node: [
    {
      ...{ opType: 'If', name: 'gate', input: ['c'], output: ['z'] },
      attribute: [
        { name: 'then_branch', type: AttributeType.GRAPH, g: product('small', 4) },
        { name: 'else_branch', type: AttributeType.GRAPH, g: product('large', 16) },
      ],
    },
    { opType: 'Add', name: 'twice', input: ['z', 'z'], output: ['y'] },
  ],
});

describe('a branch that the data decides', () => {
  const document = inspectDocument(inferModel(model, none), 'm.onnx');

  test('leaves open where the branches differ, with the reason', () => {
    for (const name of ['z', 'y']) {
      expect(document.tensors.find((tensor) => tensor.name === name)).toEqual({
        ...{ name, shape: [1, null], dtype: 'float32' },
        dataDependent: 'the data decides it at run time (If): input c',
      });
    }
  });

  test('counts as the costlier one, and says so', () => {
    expect(document.model.macs).toBe(8 * 16);
    expect(document.assumptions).toEqual(['If gate: the data decides the branch; the costlier one (else) is counted']);
  });

  test('parameters of both branches are in the totals, and rows add up to them', () => {
    const simulation = simulate(compile(prepare(model, none), toyCpu));
    const expected = { parameters: 8 * 4 + 8 * 16, weightsBytes: 4 * (8 * 4 + 8 * 16) };
    expect(document.model).toMatchObject(expected);
    expect(simulation.totals).toMatchObject(expected);
    expect(simulation.layers.reduce((sum, { parameters }) => sum + parameters, 0)).toBe(expected.parameters);
    expect(simulation.layers.reduce((sum, { weightsBytes }) => sum + weightsBytes, 0)).toBe(expected.weightsBytes);
    expect(simulation.layers.find(({ op }) => op === 'MatMul')).toMatchObject(expected);
  });
});
