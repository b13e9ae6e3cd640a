import { describe, expect, test } from 'vitest';
import { paceOf } from '../../src/simulate/pace.ts';
import { simulate } from '../../src/simulate/simulate.ts';
import type { Target } from '../../src/schedule/target.ts';
import { pointNest, stream, toyKernel, toySchedule, toyTarget, toyUnit } from './toy.ts';

/** 4 MACs a cycle at 1 GHz for the whole chip. */
const dataflow: Target = { ...toyTarget, units: [{ ...toyUnit, kind: 'dataflow' }] };

/** 8 rows: 8 · 4 = 32 MACs, 8 ns. */
const point = toyKernel({ name: 'point', nests: [{ ...pointNest, OY: 8, C: 4 }] });
/** 8 rows of 9 products on 8 channels: 576 MACs, 144 ns; two of the eight rows come first. */
const square = toyKernel({ name: 'square', nests: [{ ...pointNest, OY: 8, C: 8, FY: 3, FX: 3 }] });

describe('a dataflow machine', () => {
  const schedule = toySchedule([point, square], dataflow);
  const { layers, totals } = simulate(schedule);

  test('has images follow each other as fast as the whole chip does the work', () => {
    expect(paceOf(schedule)).toBeCloseTo(152e-9, 15);
  });

  test('gives the first image after one pace and the rows that each layer waits for', () => {
    expect(layers[0]?.latencySeconds).toBeCloseTo(8e-9, 15);
    expect(layers[1]?.latencySeconds).toBeCloseTo(144e-9 + (2 / 8) * 152e-9, 15);
    expect(totals.latencySeconds).toBe(layers[0]!.latencySeconds + layers[1]!.latencySeconds);
  });

  test('says what a layer waits for', () => {
    const waiting = layers[1]?.causes.find(({ cause }) => cause === 'transfer/sync');
    expect(waiting?.seconds).toBeCloseTo(38e-9, 15);
    expect(waiting?.detail).toBe('waits for 2 of 8 input rows');
  });

  test('keeps its pace while weights are loaded again', () => {
    const loading = { ...square, streams: [stream('dram', 'weights', 1000)] };
    expect(paceOf(toySchedule([point, loading], dataflow))).toBeCloseTo(152e-9, 15);
  });
});

test('a filter taller than the map waits for all of it and no more', () => {
  const tall = toyKernel({ nests: [{ ...pointNest, OY: 1, FY: 5 }] });
  const { layers } = simulate(toySchedule([tall], dataflow));
  expect(layers[0]?.causes.find(({ cause }) => cause === 'transfer/sync')?.detail).toBe('waits for 1 of 1 input rows');
});

test('other machines run one layer after the other and wait for no rows', () => {
  const schedule = toySchedule([point, square]);
  expect(paceOf(schedule)).toBe(0);
  expect(simulate(schedule).totals.latencySeconds).toBeCloseTo(152e-9, 15);
});
