import { expect, test } from 'vitest';
import type { BudgetResult, WaivedValue, Waiver } from '../../src/compare/comparison.ts';
import { applyWaivers, lastAllowedDay, type WaivedModel } from '../../src/compare/waiver.ts';

const failed: BudgetResult = {
  ...{ metric: 'latency', key: 'latencySeconds', limit: 0.03, maxIncrease: null, actual: 0.033, base: 0.02 },
  ...{ verdict: 'fail', verdicts: { max: 'fail', maxIncrease: null }, level: 'error' },
};
const value: WaivedValue = { model: 'a.onnx', target: 'board', actual: 0.033 };
const waiver: Waiver = {
  ...{ id: '1', who: 'octocat', when: '2026-03-01T10:00:00Z', why: 'new camera', until: '2026-03-20' },
  ...{ metric: 'latency', values: [value] },
};
const model: WaivedModel = { path: 'a.onnx', target: ['board'], evaluatedOn: '2026-03-10', expiresDays: 30 };

const judged = (result: BudgetResult, one: Waiver, on: WaivedModel = model) => applyWaivers([result], [one], on)[0]!;
const withValue = (changed: Partial<WaivedValue>): Partial<Waiver> => ({ values: [{ ...value, ...changed }] });

test('a standing waiver turns a failure into waived and is named', () => {
  expect(applyWaivers([failed], [waiver], model)).toEqual([{ ...failed, verdict: 'waived', waiver, accepted: 0.033 }]);
});

test.each<[string, Partial<Waiver>, Partial<WaivedModel>, string]>([
  ['its last day', {}, { evaluatedOn: '2026-03-20' }, 'waived'],
  ['the day after', {}, { evaluatedOn: '2026-03-21' }, 'fail'],
  ['the config lets it live ten days', {}, { evaluatedOn: '2026-03-12', expiresDays: 10 }, 'fail'],
  ['the numbers got worse', withValue({ actual: 0.0329 }), {}, 'fail'],
  ['worse by the last bit', withValue({ actual: 0.033 - 2 ** -57 }), {}, 'fail'],
  ['the numbers got better', withValue({ actual: 0.0331 }), {}, 'waived'],
  ['another metric', { metric: 'size' }, {}, 'fail'],
  ['another target', withValue({ target: 'other' }), {}, 'fail'],
  ['its target by its other id', {}, { target: ['board-tflite@2', 'board'] }, 'waived'],
  ['another model', withValue({ model: 'b.onnx' }), {}, 'fail'],
  ['its model under a new path', {}, { path: 'b.onnx', previousPath: 'a.onnx' }, 'waived'],
  ['a layer of it', withValue({ layer: 'neck/*' }), {}, 'fail'],
  ['no value at all', { values: [] }, {}, 'fail'],
  ['selectors do not widen it', { model: '**', target: 'other', ...withValue({ target: 'other' }) }, {}, 'fail'],
  ['no date to judge by', {}, { evaluatedOn: null }, 'fail'],
  ['a day that is none', { when: 'soon' }, {}, 'fail'],
  ['a day beyond all calendars', { when: '+275760-09-13' }, {}, 'fail'],
])('%s', (_, changedWaiver, changedModel, expected) => {
  expect(judged(failed, { ...waiver, ...changedWaiver }, { ...model, ...changedModel }).verdict).toBe(expected);
});

test('a budget of layers is waived by the value of the same glob alone', () => {
  const layers = { ...failed, layer: 'neck/*' };
  expect(judged(layers, waiver).verdict).toBe('fail');
  expect(judged(layers, { ...waiver, ...withValue({ layer: 'neck/*' }) }).verdict).toBe('waived');
});

test('why one does not stand any more is told, of the last one given', () => {
  const worse = { ...waiver, ...withValue({ actual: 0.031 }) };
  expect(judged(failed, worse)).toEqual({ ...failed, lapsed: { waiver: worse, cause: 'worse', accepted: 0.031 } });
  const late = { ...model, evaluatedOn: '2026-03-15', expiresDays: 10 };
  expect(judged(failed, waiver, late).lapsed).toEqual({
    ...{ waiver: { ...waiver, until: '2026-03-11' }, cause: 'expired', accepted: 0.033 },
  });
  const newer = { ...worse, id: '2', ...withValue({ actual: 0.03 }) };
  expect(applyWaivers([failed], [worse, newer], model)[0]?.lapsed?.waiver.id).toBe('2');
  expect(applyWaivers([failed], [waiver, newer], model)[0]).toMatchObject({ verdict: 'waived', waiver: { id: '1' } });
  expect(judged({ ...failed, verdict: 'pass' }, worse)).not.toHaveProperty('lapsed');
});

test('what was not measured or only warns is not waived', () => {
  expect(judged({ ...failed, verdict: 'not-measured', actual: null }, waiver).verdict).toBe('not-measured');
  expect(judged({ ...failed, verdict: 'warn' }, waiver).verdict).toBe('warn');
});

test('an increase that was not measured is not waived along with a limit', () => {
  const half = { ...failed, verdicts: { max: 'fail', maxIncrease: 'not-measured' } } as const;
  expect(judged(half, waiver).verdict).toBe('not-measured');
  const passed = { ...failed, verdicts: { max: 'fail', maxIncrease: 'pass' } } as const;
  expect(judged(passed, waiver).verdict).toBe('waived');
});

test('the last day is counted from the day that it was given', () => {
  expect(lastAllowedDay('2026-02-27T23:59:59Z', 2)).toBe('2026-03-01');
  expect(lastAllowedDay('never', 2)).toBe('');
});
