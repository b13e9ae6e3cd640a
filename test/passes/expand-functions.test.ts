import { describe, expect, test } from 'vitest';
import { allNodes } from '../../src/ir/bodies.ts';
import { prepare } from '../../src/passes/index.ts';
import { readGraph } from '../formats/models.ts';

const none = { dims: new Map(), inputs: new Map() };

/** `f0` calls `f1` twice, that calls `f2` twice, and so on: 2^depth calls in all. */
function doubling(depth: number) {
  const bothImports = [
    { domain: '', version: 17 },
    { domain: 'd', version: 1 },
  ];
  const call = (index: number, input: string, output: string) =>
    index < depth
      ? { opType: `f${String(index)}`, domain: 'd', input: [input], output: [output] }
      : { opType: 'Relu', input: [input], output: [output] };
  const functions = Array.from({ length: depth }, (_, index) => ({
    name: `f${String(index)}`,
    domain: 'd',
    input: ['a'],
    output: ['b'],
    node: [call(index + 1, 'a', 't'), call(index + 1, 't', 'b')],
    opsetImport: bothImports,
  }));
  const shape = { dim: [{ dimValue: 4 }] };
  const type = { tensorType: { elemType: 1, shape } };
  return readGraph(
    { input: [{ name: 'x', type }], output: [{ name: 'y', type }], node: [call(0, 'x', 'y')] },
    { functions, opsetImport: bothImports },
  );
}

describe('calls of functions that multiply', () => {
  test('are all expanded while they are few', () => {
    const { graph, unknownOperators } = prepare(doubling(6), none);
    expect(graph.nodes.map(({ operator }) => operator)).toEqual(Array.from({ length: 64 }, () => 'Relu'));
    expect(unknownOperators).toEqual([]);
  });

  test('stay unknown operators beyond a bound', () => {
    const { graph, unknownOperators } = prepare(doubling(30), none);
    expect(allNodes(graph).length).toBeLessThan(20_010);
    expect(unknownOperators.length).toBeGreaterThan(0);
  });
});
