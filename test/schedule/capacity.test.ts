import { expect, test } from 'vitest';
import { compile } from '../../src/schedule/compile.ts';
import type { Target } from '../../src/schedule/target.ts';
import { node, prepared } from './models.ts';
import { toyCpu } from './toy-targets.ts';

test('empty tensors take no time and no bytes', () => {
  const given = prepared({
    inputs: { x: ['float32', 0, 8, 4, 4] },
    constants: { w: ['float32', 8, 8, 3, 3] },
    nodes: [node('Conv', ['x', 'w'], 'a'), node('Relu', ['a'], 'y')],
    outputs: ['y'],
  });
  const { kernels } = compile(given, toyCpu);
  expect(kernels).toMatchObject([{ macs: 0, tile: null, nodes: ['a', 'y'] }]);
});

/** 8 channels of 16 × 16 in float32: 8192 B in and out. */
const wide: Parameters<typeof prepared>[0] = {
  inputs: { x: ['float32', 1, 8, 16, 16] },
  constants: { w: ['float32', 8, 8, 1, 1] },
  nodes: [node('Conv', ['x', 'w'], 'y')],
  outputs: ['y'],
};

test('a model that does not fit says so', () => {
  const small: Target = {
    ...toyCpu,
    memories: toyCpu.memories.map((memory) =>
      memory.id === toyCpu.plan.activations ? { ...memory, capacityBytes: 4096 } : memory,
    ),
  };
  const told = compile(prepared(wide), small).assumptions.filter((line) => line.startsWith('does not fit'));
  expect(told).toHaveLength(1);
  expect(told[0]).toContain('holds 4.00 KiB');
  expect(compile(prepared(wide), toyCpu).assumptions).toEqual([]);
});
