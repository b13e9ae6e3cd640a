import { expect, it } from 'vitest';
import { searched } from '../../src/advise/optimize.ts';
import { simulateSubject, type Subject } from '../../src/advise/what-if.ts';
import { measuredSide } from '../../src/compare/budget.ts';
import type { Verdict } from '../../src/compare/comparison.ts';
import { optimizeDocument } from '../../src/report/optimize-document.ts';
import { optimizeText } from '../../src/report/optimize-text.ts';
import { node, prepared } from '../schedule/models.ts';
import { shippedTargets } from '../simulate/compiled.ts';

it('does not call budgets met that nobody could measure', () => {
  const inputs = { x: ['float32', 4, 8] } as const;
  const constants = { w: ['float32', 8, 8] } as const;
  const subject: Subject = {
    prepared: prepared({ inputs, constants, nodes: [node('MatMul', ['x', 'w'], 'y')], outputs: ['y'] }),
    bindings: { dims: new Map(), inputs: new Map() },
  };
  const base = simulateSubject(
    subject,
    shippedTargets.find(({ id }) => id === 'rpi4-ncnn')!,
  );
  const budgets = [{ metric: 'latency', max: 1, level: 'error', onBand: 'warn' }] as const;
  const model = { path: 'm.onnx', target: ['rpi4-ncnn'], base: measuredSide(base) };
  const document = optimizeDocument(searched({ subject, base, first: base, goal: { budgets, model } }, 10), 'm.onnx');
  const textOf = (verdict: Verdict) =>
    optimizeText({ ...document, budgets: document.budgets.map((budget) => ({ ...budget, verdict })) }, 'text');
  expect(textOf('pass')).toContain('The budgets are met as it is.');
  expect(textOf('not-measured')).toContain('Some budgets are not measured, the others are met as it is.');
});
