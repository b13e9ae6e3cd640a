import { expect, test } from 'vitest';
import { simulationDocument } from '../../src/report/simulation-document.ts';
import { simulate } from '../../src/simulate/simulate.ts';
import { pointNest, stream, toyKernel, toySchedule } from '../simulate/toy.ts';

const kernel = toyKernel({
  nests: [{ ...pointNest, K: 40, C: 100 }],
  streams: [stream('dram', 'weights', 4000)],
  weightsBytes: 4000,
});
const document = simulationDocument(simulate(toySchedule([kernel])), 'models/a.onnx');

test('has the keys of simulate@1', () => {
  expect(Object.keys(document)).toEqual([
    'schema',
    'model',
    'target',
    'assumptions',
    'unknownOperators',
    'coverage',
    'totals',
    'layers',
  ]);
  expect(document).toMatchObject({
    schema: 'model-budget/simulate@1',
    model: { path: 'models/a.onnx' },
    target: { id: 'toy', status: 'estimate', runtime: 'toy 1', clockHertz: 1e9 },
  });
  expect(Object.keys(document.layers[0]!)).toEqual([
    'id',
    'name',
    'op',
    'nodes',
    'unit',
    'dtype',
    'latencySeconds',
    'energyJoules',
    'averagePowerWatts',
    'macs',
    'weightsBytes',
    'trafficBytes',
    'utilization',
    'bound',
    'causes',
  ]);
});

test('keeps floats unrounded and survives JSON', () => {
  // 4000 MACs at 4 a cycle and 4000 B at 1 GB/s, one after the other: 5 µs.
  const read = JSON.parse(JSON.stringify(document)) as typeof document;
  expect(read).toEqual(document);
  expect(read.layers[0]?.latencySeconds).toBe(document.totals.latencySeconds);
  expect(read.totals.latencySeconds).toBeCloseTo(5e-6, 15);
});
