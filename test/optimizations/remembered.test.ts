// A list of edits is remembered up to its last one; what comes out is what comes out without that.
import { expect, test } from 'vitest';
import { chooseEdits } from '../../src/advise/selection.ts';
import { simulateSubject, whatIf, type Subject } from '../../src/advise/what-if.ts';
import { applyEdits, type ChosenEdit } from '../../src/optimizations/apply.ts';
import { parseEdits } from '../../src/optimizations/index.ts';
import { compile } from '../../src/schedule/compile.ts';
import { simulate } from '../../src/simulate/simulate.ts';
import { fixturePrepared, shippedTargets } from '../simulate/compiled.ts';

const bindings = { dims: new Map<string, number>(), inputs: new Map<string, readonly number[]>() };
const target = shippedTargets.find(({ id }) => id === 'rpi4-ncnn')!;
const prepared = fixturePrepared('cnn-residual.onnx');
const base = simulate(compile(prepared, target));
const chosen = (text: string): readonly ChosenEdit[] => chooseEdits(parseEdits(text), base);
const edited = (text: string, assumed?: 'int8') =>
  applyEdits(prepared, chosen(text), { bindings, ...(assumed === undefined ? {} : { assumed }) }).prepared;

test.each(['int8', 'w8; int8 on top:2', 'int8 on op:Conv; palettize 4', 'prune 0.5; int8; fold', 'batch 2; int8'])(
  '%s: again and on top of what is known, it is what it is alone',
  (text) => {
    const unknown = chosen(text).map(({ edit, selects }) => ({ edit, selects }));
    const alone = whatIf({ prepared, bindings }, base, unknown);
    for (let time = 0; time < 2; time++) {
      const again = whatIf({ prepared, bindings }, base, chosen(text));
      expect(again.head.totals).toEqual(alone.head.totals);
      expect(again.head.layers).toEqual(alone.head.layers);
      expect([again.touched, again.notApplied, again.remarks]).toEqual([
        alone.touched,
        alone.notApplied,
        alone.remarks,
      ]);
      expect(again.weights).toEqual(alone.weights);
    }
  },
);

test('the same edits of the same layers are made once', () => {
  expect(edited('int8 on top:2')).toBe(edited('int8 on top:2'));
  const [slowest] = base.layers.toSorted((a, b) => b.latencySeconds - a.latencySeconds);
  expect(edited(`int8 on "${slowest!.name}"`)).toBe(edited('int8 on top:1'));
});

test('edits that differ in a word, in their layers, in what came before, or in what is assumed are others', () => {
  const lists = ['int8', 'int8 granularity=channel', 'int8 on top:1', 'int8 on top:2', 'int8 on op:Conv', 'w8; int8'];
  const made = [...lists.map((text) => edited(text)), edited('int8', 'int8')];
  expect(new Set(made).size).toBe(lists.length + 1);
});

test('of a model that is another record nothing is known', () => {
  const other = { ...prepared };
  expect(applyEdits(other, chosen('w8'), { bindings }).prepared).not.toBe(edited('w8'));
});

const heads = (text: string, on = target, subject: Partial<Subject> = {}) => {
  const asked = { prepared, bindings, ...subject };
  return whatIf(asked, simulateSubject(asked, on), chosen(text)).head;
};

test('a what-if that is asked again is not simulated again', () => {
  const first = heads('int8 on top:3');
  heads('w8');
  expect(heads('int8 on top:3')).toBe(first);
});

test('another target, another rate or another assumption is simulated anew', () => {
  const [npu, other] = ['ethos-u55-256', 'stm32l4r5-tflm'].map((id) => shippedTargets.find((one) => one.id === id)!);
  const all = [
    heads('w8'),
    heads('w8', other),
    heads('w8', target, { rateHertz: 30 }),
    heads('w8', target, { rateHertz: 60 }),
    heads('w8', target, { assumedType: 'int8' }),
    heads('w8', target, { assumedType: 'none' }),
  ];
  expect(new Set(all).size).toBe(all.length);
  expect(heads('w8', target, { rateHertz: 30 }).totals).toEqual(all[2]!.totals);
  expect(all[2]!.totals).not.toEqual(all[3]!.totals);
  expect(all[4]!.totals).not.toEqual(all[5]!.totals);
  // Who reads weights is asked each time: what was found out about them is told each time.
  expect(heads('w8', npu)).not.toBe(heads('w8', npu));
});
