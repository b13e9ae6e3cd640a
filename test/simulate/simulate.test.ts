import { expect, test } from 'vitest';
import { invocationRow, simulate } from '../../src/simulate/simulate.ts';
import type { LoopNest } from '../../src/operators/work.ts';
import { pointNest, stream, toyKernel, toySchedule, toyTarget, toyUnit } from './toy.ts';

const target = {
  ...toyTarget,
  invokeSeconds: 2e-6,
  energy: { ...toyTarget.energy, staticWatts: 1, idleWatts: 0.5 },
};
// 4000 MACs at 4 a cycle: 1 µs; 1000 elements at one a cycle: 1 µs; 500 B: 0.5 µs.
const first = toyKernel({ name: 'a', nests: [{ ...pointNest, K: 40, C: 100 }], parameters: 3, fileBytes: 12 });
const second = toyKernel({
  name: 'b',
  operatorClass: 'elementwise',
  algorithm: 'elementwise',
  vector: [{ operation: 'add', elements: 1000 }],
  streams: [stream('dram', 'input', 500)],
});

test('costs the rows and adds them up', () => {
  const { layers, totals, fileOverheadBytes, peakMemoryLayer } = simulate(toySchedule([first, second], target));
  expect(layers.map(({ name }) => name)).toEqual([invocationRow, 'a', 'b']);
  expect(layers.map(({ latencySeconds }) => Math.round(latencySeconds * 1e10) / 10)).toEqual([2000, 1000, 1500]);
  expect(totals.latencySeconds).toBeCloseTo(4.5e-6, 15);
  expect(totals.energyJoules).toBeCloseTo(4.5e-6, 15);
  expect(totals).toMatchObject({
    macs: 4000,
    parameters: 3,
    fileBytes: 19,
    peakMemoryBytes: 100,
    trafficBytes: { dram: 500 },
  });
  expect(fileOverheadBytes).toBe(7);
  expect(peakMemoryLayer).toBe('a');
  expect(layers[1]?.utilization).toBeCloseTo(1, 12);
});

test('idles between inferences at a rate', () => {
  // 100 kHz: 45% of the time at 1 W, 55% at 0.5 W.
  const { totals } = simulate(toySchedule([first, second], target), { rateHertz: 1e5 });
  expect(totals.averagePowerWatts).toBeCloseTo(0.725, 9);
});

test('runs a kernel as often as it is repeated', () => {
  const once = simulate(toySchedule([second])).totals;
  const thrice = simulate(toySchedule([{ ...second, repetitions: 3 }])).totals;
  expect(thrice.latencySeconds).toBeCloseTo(3 * once.latencySeconds, 15);
  expect(thrice.trafficBytes).toEqual({ dram: 1500 });
});

test('a view costs nothing', () => {
  const view = toyKernel({ name: 'view', operatorClass: 'view', algorithm: 'none' });
  const busy = { ...toyTarget, units: [{ ...toyTarget.units[0]!, dispatchSeconds: 1 }] };
  expect(simulate(toySchedule([view], busy)).layers[0]).toMatchObject({
    latencySeconds: 0,
    causes: [],
    energyJoules: 0,
  });
});

test('each further group of a grouped convolution is started, where the library has them apart; depthwise ones are one', () => {
  const target = { ...toyTarget, units: [{ ...toyUnit, dispatchSeconds: 5, groupSeconds: 2 }] };
  const secondsOf = (nest: LoopNest) =>
    simulate(toySchedule([toyKernel({ nests: [nest] })], target)).layers[0]!.causes.find(
      ({ cause }) => cause === 'dispatch',
    )?.seconds;
  expect(secondsOf({ ...pointNest, G: 4, C: 2 })).toBe(5 + 3 * 2);
  expect(secondsOf({ ...pointNest, G: 4, C: 1 })).toBe(5);
  expect(secondsOf({ ...pointNest, C: 8 })).toBe(5);
});
