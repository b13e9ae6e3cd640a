// What each operator becomes: output shapes and types are inferred, since the models declare none.
import { expect, test } from 'vitest';
import { allNodes } from '../../../src/ir/bodies.ts';
import { findOperator } from '../../../src/operators/index.ts';
import { inspectDocument } from '../../../src/report/inspect.ts';
import { cases } from './cases.ts';
import { recurrentCases } from './recurrent-cases.ts';
import { readCase } from './one-operator.ts';
import { stablehloCases } from './stablehlo-cases.ts';

test.each([...cases, ...recurrentCases, ...stablehloCases])('$name', (one) => {
  const { graph } = readCase(one);
  const types = graph.outputs.map((name) => graph.tensors.get(name));
  expect(types.map((type) => ({ type: type?.dtype, shape: type?.shape }))).toEqual(
    one.outputs.map(({ type, shape }) => ({ type, shape })),
  );
  expect(allNodes(graph).filter(({ domain, operator }) => findOperator(domain, operator) === undefined)).toEqual([]);
});

// By hand: 7 steps of 2, each gate's weights of 3 and 5 cells; a projection of 2 rows; two directions.
test.each([
  ['LSTM', 2 * 4 * (15 + 25)],
  ['UNIDIRECTIONAL_SEQUENCE_LSTM by batch', 14 * 4 * (15 + 25)],
  ['UNIDIRECTIONAL_SEQUENCE_LSTM with a projection', 14 * (4 * (15 + 10) + 10)],
  ['UNIDIRECTIONAL_SEQUENCE_LSTM with coupled gates', 14 * 3 * (15 + 25)],
  ['BIDIRECTIONAL_SEQUENCE_LSTM side by side', 2 * 14 * 4 * (15 + 25)],
  ['BIDIRECTIONAL_SEQUENCE_LSTM with projections', 2 * 14 * (4 * (15 + 10) + 10)],
  ['BIDIRECTIONAL_SEQUENCE_RNN apart', 2 * 14 * (15 + 25)],
])('%s multiplies %i times', (name, macs) => {
  const model = readCase(recurrentCases.find((one) => one.name === name)!);
  expect(inspectDocument(model, name).model.macs).toBe(macs);
});
