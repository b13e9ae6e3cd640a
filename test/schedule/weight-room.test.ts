import { expect, test } from 'vitest';
import { compile } from '../../src/schedule/compile.ts';
import type { Target } from '../../src/schedule/target.ts';
import type { ModelGiven } from './models.ts';
import { node, prepared } from './models.ts';
import { toyNpu } from './toy-targets.ts';

/** Three 1x1 convolutions of 8 channels: 64 B of int8 weights each; the first and last share theirs. */
const given: ModelGiven = {
  inputs: { x: ['float32', 1, 8, 4, 4] },
  constants: { v: ['float32', 8, 8, 1, 1], w: ['float32', 8, 8, 1, 1] },
  nodes: [node('Conv', ['x', 'v'], 'a'), node('Conv', ['a', 'w'], 'b'), node('Conv', ['b', 'v'], 'y')],
  outputs: ['y'],
};

function withRoom(bytes: number): Target {
  const memories = toyNpu.memories.map((memory) =>
    memory.id === toyNpu.plan.weights ? { ...memory, capacityBytes: bytes } : memory,
  );
  const plan = { ...toyNpu.plan, alignBytes: 1, weightsMustFit: true, fallbackWeights: toyNpu.plan.activations };
  return { ...toyNpu, memories, plan };
}

const kernelsWith = (bytes: number) => compile(prepared(given), withRoom(bytes)).kernels;

test('weights that fit stay on the unit, shared ones once', () => {
  expect(kernelsWith(128).map(({ unit }) => unit)).toEqual(['npu', 'npu', 'npu']);
});

test('what the layers before leave no room for falls back and says so', () => {
  const kernels = kernelsWith(127);
  expect(kernels.map(({ unit }) => unit)).toEqual(['npu', 'cpu', 'npu']);
  expect(kernels[1]?.fallback).toEqual({
    code: 'weights-too-large',
    reason: '`Conv` has 64 B of weights, too large for what the layers before it leave of 127 B',
  });
  const weights = kernels.map(({ streams }) => streams.find(({ role }) => role === 'weights')?.memory);
  expect(weights).toEqual(['flash', 'sram', 'flash']);
});

test('a layer that is larger than the memory says how large that is', () => {
  expect(kernelsWith(63)[0]?.fallback?.reason).toBe('`Conv` has 64 B of weights, too large for 63 B of flash');
});

test('without the rule, weights that do not fit are an assumption and no fallback', () => {
  const { weightsMustFit: _, ...plan } = withRoom(63).plan;
  const schedule = compile(prepared(given), { ...withRoom(63), plan });
  expect(schedule.kernels.map(({ fallback }) => fallback)).toEqual([null, null, null]);
  expect(schedule.assumptions.some((line) => line.startsWith('does not fit: flash'))).toBe(true);
});
