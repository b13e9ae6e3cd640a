// What each operator becomes: output shapes and types are inferred, since the models declare none.
import { expect, test } from 'vitest';
import { allNodes } from '../../../src/ir/bodies.ts';
import { findOperator } from '../../../src/operators/index.ts';
import { cases } from './cases.ts';
import { readCase } from './one-operator.ts';

test.each(cases)('$name', (one) => {
  const { graph } = readCase(one);
  const types = graph.outputs.map((name) => graph.tensors.get(name));
  expect(types.map((type) => ({ type: type?.dtype, shape: type?.shape }))).toEqual(
    one.outputs.map(({ type, shape }) => ({ type, shape })),
  );
  expect(allNodes(graph).filter(({ domain, operator }) => findOperator(domain, operator) === undefined)).toEqual([]);
});
