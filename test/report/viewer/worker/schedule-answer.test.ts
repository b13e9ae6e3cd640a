import { expect, test } from 'vitest';
import type { PageModels } from '../../../../src/report/html/document.ts';
import { answer } from '../../../../src/report/viewer/worker/answer.ts';
import type { Answers } from '../../../../src/report/viewer/worker/protocol.ts';
import { createSession } from '../../../../src/report/viewer/worker/session.ts';
import { fixturePrepared, shippedTargets } from '../../../simulate/compiled.ts';

const target = shippedTargets.find(({ id }) => id.startsWith('ethos-u55-128'))!;
const prepared = fixturePrepared('detector-cubic.onnx');
const side = { prepared, bindings: { dims: new Map(), inputs: new Map() }, fileBytes: 1, downloadBytes: null };
const models: PageModels = {
  toolVersion: '1.2.3',
  models: [{ path: 'detector-cubic.onnx', base: null, head: side, options: {}, rateHertz: null }],
  targets: [target],
  budgets: [],
};
const session = createSession(models);
const place = { model: 0, target: 0 };
const asked = answer({ kind: 'schedule', place, side: 'head' }, session) as Answers['schedule'];

test('has a kernel for each layer, one behind the other, to the end of the inference', () => {
  const { layers, totals } = session.simulated(place, 'head');
  const ids = layers.filter(({ nodes }) => nodes.length > 0).map(({ id }) => id);
  expect(asked.kernels.map(({ layer }) => layer)).toEqual(ids);
  const last = asked.kernels.at(-1)!;
  expect(last.startSeconds + last.seconds).toBeCloseTo(totals.latencySeconds, 12);
  for (const { seconds, lanes } of asked.kernels) {
    const ends = lanes.map((lane) => lane.startSeconds + lane.seconds);
    expect(Math.max(0, ...ends)).toBeCloseTo(seconds, 12);
  }
});

test('has the places of the tensors, up to the peak of the report', () => {
  const { totals } = session.simulated(place, 'head');
  const arena = asked.arenas.find(({ memory }) => memory === asked.activationsMemory)!;
  expect(arena.peakBytes).toBe(totals.peakMemoryBytes);
  expect(arena.placements.length).toBeGreaterThan(3);
});

test('refuses in a sentence what is not there', () => {
  expect(() => answer({ kind: 'schedule', place, side: 'base' }, session)).toThrow('base of this model');
  const nowhere = { model: 3, target: 0 };
  expect(() => answer({ kind: 'schedule', place: nowhere, side: 'head' }, session)).toThrow('no such model');
});
