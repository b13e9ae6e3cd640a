import { expect, test } from 'vitest';
import { burstBytes, memoryTerms, streamSeconds } from '../../src/simulate/memory.ts';
import { stream, toyKernel, toyMemory, toyTarget, toyUnit } from './toy.ts';

const memory = { ...toyMemory, burstBytes: 64, efficiency: 0.5, latencySeconds: 1e-6 };

test('fills bursts up, run by run', () => {
  expect(burstBytes(stream('dram', 'input', 100), memory)).toBe(128);
  // Ten runs of 10 B move ten bursts.
  expect(burstBytes(stream('dram', 'input', 100, 10), memory)).toBe(640);
  expect(burstBytes(stream('dram', 'input', 0, 10), memory)).toBe(0);
});

test('takes bandwidth times efficiency, and the latency of each transfer', () => {
  // 640 B at 0.5 GB/s are 1.28 µs, ten transfers wait 1 µs each.
  expect(streamSeconds(stream('dram', 'input', 100, 10), memory, 1)).toBeCloseTo(11.28e-6, 12);
});

test('sees one latency where the next transfers are in flight', () => {
  expect(streamSeconds(stream('dram', 'input', 100, 10), memory, Infinity)).toBeCloseTo(2.28e-6, 12);
});

test('names causes by what is moved and where', () => {
  const target = { ...toyTarget, memories: [toyMemory, { ...toyMemory, id: 'flash', bound: 'flash' as const }] };
  const streams = [stream('dram', 'input', 1), stream('dram', 'weights', 1), stream('flash', 'weights', 1)];
  const terms = memoryTerms(toyKernel({ streams }), { unit: toyUnit, type: 'int8', target });
  expect(terms.map(({ cause }) => cause)).toEqual(['dram-activations', 'dram-weights', 'weight-cache-miss']);
});
