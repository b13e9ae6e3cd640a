import { describe, expect, test } from 'vitest';
import type { Kernel } from '../../src/schedule/schedule.ts';
import type { Target } from '../../src/schedule/target.ts';
import { boundOf, explain } from '../../src/simulate/explain.ts';
import { timeKernel } from '../../src/simulate/kernel-time.ts';
import { pointNest, stream, toyKernel, toyTarget, toyUnit } from './toy.ts';

function explained(kernel: Kernel, target: Target = toyTarget, handedOver = false) {
  const unit = target.units.find(({ id }) => id === kernel.unit)!;
  const placement = { unit, type: kernel.type, target };
  const time = timeKernel(kernel, placement, handedOver);
  return { causes: explain(kernel, time, placement), bound: boundOf(time), latency: time.latencySeconds };
}

// 4000 MACs at 4 a cycle are 1 µs at 1 GHz; 3000 B at 1 GB/s are 3 µs.
const nests = [{ ...pointNest, K: 40, C: 100 }];
const streams = [stream('dram', 'weights', 3000)];

describe('causes', () => {
  test('add up to the layer, the largest first, each with what it would save', () => {
    const { causes, bound, latency } = explained(toyKernel({ nests, streams }));
    expect(latency).toBeCloseTo(4e-6, 15);
    expect(causes.map(({ cause }) => cause)).toEqual(['dram-weights', 'compute']);
    expect(causes.reduce((sum, { seconds }) => sum + seconds, 0)).toBe(latency);
    expect(causes[0]?.savedSeconds).toBeCloseTo(3e-6, 15);
    expect(bound).toBe('dram');
  });

  test('save only down to the next bottleneck under perfect overlap', () => {
    const target = { ...toyTarget, units: [{ ...toyUnit, overlapNorm: Infinity }] };
    const { causes, latency } = explained(toyKernel({ nests, streams }), target);
    expect(latency).toBeCloseTo(3e-6, 15);
    // All of the time is the weights'; without them the layer still computes for 1 µs.
    expect(causes).toHaveLength(1);
    expect(causes[0]).toMatchObject({ cause: 'dram-weights' });
    expect(causes[0]?.savedSeconds).toBeCloseTo(2e-6, 15);
  });

  test('name the dimension that leaves more than half of the lanes idle', () => {
    const unit = { ...toyUnit, geometry: { kind: 'micro-kernel', rows: 1, columns: 1, depth: 16 } as const };
    const kernel = toyKernel({ nests: [{ ...pointNest, K: 40, C: 3 }] });
    const { causes } = explained(kernel, { ...toyTarget, units: [unit] });
    // 120 MACs in 640: 30 ns of arithmetic, 130 ns of padding.
    expect(causes[0]).toMatchObject({ cause: 'compute-shape', detail: '3 input channels fill 3 of 16 lanes' });
    expect(causes[0]?.seconds).toBeCloseTo(130e-9, 15);
  });

  test('say that starting the kernel is most of it', () => {
    const target = { ...toyTarget, units: [{ ...toyUnit, dispatchSeconds: 5e-6 }] };
    expect(explained(toyKernel({ nests, streams }), target).bound).toBe('dispatch');
  });

  test('compare a fallback with the main unit', () => {
    const slow = { ...toyUnit, id: 'slow', clockHertz: 1e8, handoverSeconds: 1e-6 };
    const target = { ...toyTarget, units: [toyUnit, slow] };
    const fallback = { code: 'attribute', reason: '`Resize` with mode=cubic is not supported' } as const;
    const { causes, latency } = explained(toyKernel({ nests, unit: 'slow', fallback }), target, true);
    // 10 µs instead of 1 µs, and 1 µs for handing over.
    expect(latency).toBeCloseTo(11e-6, 15);
    expect(causes.map(({ cause }) => cause)).toEqual(['cpu-fallback', 'transfer/sync']);
    expect(causes[0]).toMatchObject({ detail: fallback.reason });
    expect(causes[0]?.savedSeconds).toBeCloseTo(10e-6, 15);
  });
});
