import { expect, test } from 'vitest';
import type { BudgetResult, Waiver } from '../../src/compare/comparison.ts';
import { applyWaivers, type WaivedModel } from '../../src/compare/waiver.ts';

const failed: BudgetResult = {
  ...{ metric: 'latency', key: 'latencySeconds', limit: 0.03, maxIncrease: null, actual: 0.033, base: 0.02 },
  ...{ verdict: 'fail', verdicts: { max: 'fail', maxIncrease: null }, level: 'error' },
};
const waiver: Waiver = {
  ...{ id: '1', who: 'octocat', when: '2026-03-01T10:00:00Z', why: 'new camera', until: '2026-03-20' },
  ...{ metric: 'latency', actual: 0.033 },
};
const model: WaivedModel = { path: 'a.onnx', target: ['board'], evaluatedOn: '2026-03-10', expiresDays: 30 };

const verdict = (result: BudgetResult, one: Waiver, on: WaivedModel = model): string =>
  applyWaivers([result], [one], on)[0]!.verdict;

test('a standing waiver turns a failure into waived and is named', () => {
  expect(applyWaivers([failed], [waiver], model)).toEqual([{ ...failed, verdict: 'waived', waiver }]);
});

test.each<[string, Partial<Waiver>, Partial<WaivedModel>, string]>([
  ['its last day', {}, { evaluatedOn: '2026-03-20' }, 'waived'],
  ['the day after', {}, { evaluatedOn: '2026-03-21' }, 'fail'],
  ['the config lets it live ten days', {}, { evaluatedOn: '2026-03-12', expiresDays: 10 }, 'fail'],
  ['the numbers got worse', { actual: 0.0329 }, {}, 'fail'],
  ['another metric', { metric: 'size' }, {}, 'fail'],
  ['another target', { target: 'other' }, {}, 'fail'],
  ['its target', { target: 'board' }, {}, 'waived'],
  ['another model', { model: 'b.onnx' }, {}, 'fail'],
  ['its model by name', { model: 'spotter' }, { name: 'spotter' }, 'waived'],
  ['no date to judge by', {}, { evaluatedOn: null }, 'fail'],
  ['a day that is none', { when: 'soon' }, {}, 'fail'],
])('%s', (_, changedWaiver, changedModel, expected) => {
  expect(verdict(failed, { ...waiver, ...changedWaiver }, { ...model, ...changedModel })).toBe(expected);
});

test('what was not measured or only warns is not waived', () => {
  expect(verdict({ ...failed, verdict: 'not-measured', actual: null }, waiver)).toBe('not-measured');
  expect(verdict({ ...failed, verdict: 'warn' }, waiver)).toBe('warn');
});

test('an increase that was not measured is not waived along with a limit', () => {
  const half = { ...failed, verdicts: { max: 'fail', maxIncrease: 'not-measured' } } as const;
  expect(verdict(half, waiver)).toBe('not-measured');
  const passed = { ...failed, verdicts: { max: 'fail', maxIncrease: 'pass' } } as const;
  expect(verdict(passed, waiver)).toBe('waived');
});
