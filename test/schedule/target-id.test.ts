import { expect, test } from 'vitest';
import { resolveTarget } from '../../src/schedule/target-id.ts';
import { toyTargets } from './toy-targets.ts';

const [cpu] = toyTargets('toy-cpu');
const [small, singleCut] = toyTargets('toy-npu');
const targets = [
  cpu!,
  { ...small!, id: 'toy-npu', runtime: { ...small!.runtime, version: '2.0' }, variant: 'fast:shared' },
  { ...singleCut!, id: 'toy-npu:slow', runtime: { ...small!.runtime, version: '2.0' }, variant: 'slow' },
  { ...small!, id: 'toy-npu@1.0', variant: 'fast:shared' },
];

test.each([
  ['toy-cpu', 0],
  ['toy-cpu@1', 0],
  ['toy-npu', 1],
  ['toy-npu:slow', 2],
  ['toy-npu@1.0', 3],
  ['toy-npu:fast', 1],
  ['toy-npu@1.0:fast:shared', 3],
])('%s', (id, index) => {
  expect(resolveTarget(id, targets)).toBe(targets[index]);
});

test.each([
  ['toy-cup', 'unknown target "toy-cup" (did you mean "toy-cpu"?); known are toy-cpu, toy-npu'],
  ['toy-npu@3', 'target "toy-npu" has no version "3"; it has 2.0, 1.0'],
  ['toy-npu:fa', 'target "toy-npu" has no variant "fa"; it has fast:shared, slow'],
  ['toy-cpu:x', 'target "toy-cpu" has no variant "x"; it has none'],
])('%s is told with what there is', (id, message) => {
  expect(() => resolveTarget(id, targets)).toThrow(message);
});
