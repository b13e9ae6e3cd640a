/** Sizes that only a run tells, or that cannot be: said, and never counted as nothing. */
import { expect, test } from 'vitest';
import { compile } from '../../src/schedule/compile.ts';
import { prepared } from './models.ts';
import { toyCpu } from './toy-targets.ts';

const decided = prepared({
  inputs: { x: ['float32', 3, 4] },
  nodes: [
    { op: 'NonZero', in: ['x'], out: ['positions'] },
    { op: 'Neg', in: ['positions'], out: ['y'] },
  ],
  outputs: ['y'],
});

test('the largest size of what the data decides is counted, and said', () => {
  const { assumptions, uncountedOperators, kernels } = compile(decided, toyCpu);
  expect(assumptions).toEqual(['the data decides these sizes, the largest is counted: positions (2x12)']);
  expect(uncountedOperators).toEqual([]);
  expect(kernels.at(-1)?.vector).toEqual([{ operation: 'add', elements: 24 }]);
});

const contradicting = prepared({
  inputs: { a: ['float32', 1, 8, 41], b: ['float32', 1, 8, 42] },
  nodes: [
    { op: 'Relu', in: ['a'], out: ['c'] },
    { op: 'Add', in: ['c', 'b'], out: ['d'] },
    { op: 'Sigmoid', in: ['d'], out: ['e'] },
    { op: 'Shape', in: ['e'], out: ['f'] },
  ],
  outputs: ['e', 'f'],
});

test('operators whose shapes contradict are uncounted by name, not free', () => {
  const { assumptions, uncountedOperators, kernels } = compile(contradicting, toyCpu);
  expect(uncountedOperators).toEqual(['Add', 'Sigmoid']);
  expect(assumptions).toEqual([
    'sizes that are not known leave 2 operators uncounted: ' +
      'd (dimensions 41 and 42 do not broadcast), e (dimensions 41 and 42 do not broadcast)',
  ]);
  const reasons = kernels.map(({ operator, fallback }) => [operator, fallback?.reason ?? null]);
  expect(reasons).toContainEqual(['Add', '`Add`: shape not known: not counted']);
  expect(reasons).toContainEqual(['Relu', null]);
});
