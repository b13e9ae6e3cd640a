import { expect, test } from 'vitest';
import { averagePower, energyOf } from '../../src/simulate/energy.ts';
import { pointNest, stream, toyKernel, toyMemory, toyTarget, toyUnit } from './toy.ts';

const target = {
  ...toyTarget,
  memories: [{ ...toyMemory, readJoulesPerByte: 2e-9, writeJoulesPerByte: 3e-9 }],
  energy: { joulesPerMac: { int8: 1e-9 }, joulesPerVectorElement: 5e-10, staticWatts: 0.1, idleWatts: 0.01 },
};
const placement = { unit: toyUnit, type: 'int8', target } as const;
// 100 MACs · 1 nJ + 40 elements · 0.5 nJ + 30 B read · 2 nJ + 10 B written · 3 nJ + 0.1 W · 1 µs = 310 nJ.
const kernel = toyKernel({
  nests: [{ ...pointNest, K: 10, C: 10 }],
  vector: [{ operation: 'add', elements: 40 }],
  streams: [stream('dram', 'input', 30), stream('dram', 'output', 10)],
});

test('adds up MACs, elements, traffic and static power', () => {
  const { parts, joules } = energyOf(kernel, placement, 1e-6);
  expect(joules).toBeCloseTo(310e-9, 15);
  const byPart = Object.fromEntries(parts.map(({ what, joules: part }) => [what, Math.round(part * 1e9)]));
  expect(byPart).toEqual({ macs: 100, vector: 20, read: 60, write: 30, static: 100 });
});

test('scales to measured power, parts in proportion', () => {
  const measured = { ...target, energy: { ...target.energy, activeWatts: 0.62 } };
  const { parts, joules } = energyOf(kernel, { ...placement, target: measured }, 1e-6);
  // 0.62 W · 1 µs is twice the sum from below.
  expect(joules).toBeCloseTo(620e-9, 15);
  expect(parts.find(({ what }) => what === 'macs')?.joules).toBeCloseTo(200e-9, 15);
  expect(parts.reduce((sum, part) => sum + part.joules, 0)).toBeCloseTo(joules, 15);
});

test('a type without a figure costs what the costliest does', () => {
  const { parts } = energyOf({ ...kernel, type: 'float32' }, { ...placement, type: 'float32' }, 0);
  expect(parts[0]?.number).toBe('energy.joulesPerMac.int8');
});

test('averages power over running and idling', () => {
  const inference = { latencySeconds: 0.01, energyJoules: 0.002 };
  expect(averagePower(inference, 0.05, undefined)).toBeCloseTo(0.2, 12); // 2 mJ / 10 ms
  expect(averagePower(inference, 0.05, 30)).toBeCloseTo(0.095, 12); // 30 · 2 mJ + 0.7 · 50 mW
  expect(averagePower(inference, 0.05, 200)).toBeCloseTo(0.2, 12); // no time to idle
});
