import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { missesOf, type Goal } from '../../src/advise/goal.ts';
import { applied, searched, type Question } from '../../src/advise/optimize.ts';
import { simulateSubject, type Subject } from '../../src/advise/what-if.ts';
import { measuredSide } from '../../src/compare/budget.ts';
import type { Budget, BudgetMetric } from '../../src/compare/comparison.ts';
import { trialsFor } from '../../src/optimizations/index.ts';
import type { Target } from '../../src/schedule/target.ts';
import type { Simulation } from '../../src/simulate/simulation.ts';
import { node, prepared, type Tensor } from '../schedule/models.ts';
import { shippedTargets } from '../simulate/compiled.ts';

const target = (id: string): Target => shippedTargets.find((one) => one.id === id)!;

/** Three products of different sizes and an activation; without the weights' values. */
function network(widths: readonly [number, number, number]): Subject {
  const [a, b, c] = widths;
  const constants: Record<string, Tensor> = {
    w1: ['float32', 64, a],
    w2: ['float32', a, b],
    w3: ['float32', b, c],
  };
  const nodes = [
    node('MatMul', ['x', 'w1'], 'one'),
    node('MatMul', ['one', 'w2'], 'two'),
    node('HardSwish', ['two'], 'two-active'),
    node('MatMul', ['two-active', 'w3'], 'three'),
  ];
  return {
    prepared: prepared({
      inputs: { x: ['float32', 16, 64] },
      constants,
      nodes,
      outputs: ['three'],
      overheadBytes: 400,
    }),
    bindings: { dims: new Map(), inputs: new Map() },
  };
}

function questionOf(subject: Subject, on: Target, budgets: readonly Pick<Budget, 'metric' | 'max'>[]): Question {
  const base = simulateSubject(subject, on);
  const full = budgets.map((budget): Budget => ({ ...budget, level: 'error', onBand: 'warn' }));
  const model = { path: 'm.onnx', target: [on.id], base: measuredSide(base) };
  return { subject, base, first: base, goal: { budgets: full, model } };
}

/** The fewest layers that any combination of the search's edits, each on some layers, has to touch. */
function fewestTouched(question: Question): number | undefined {
  const { subject, base } = question;
  const edits = trialsFor(subject.prepared);
  const names = base.layers.filter(({ nodes }) => nodes.length > 0).map(({ name }) => name);
  const singles = names.flatMap((name) => edits.map((edit) => ({ name, text: `${edit} on "${name}"` })));
  for (let size = 1; size <= names.length; size += 1) {
    for (const set of combinations(singles, size)) {
      if (new Set(set.map(({ name }) => name)).size < size) continue;
      if (meets(set.map(({ text }) => text).join('; '), question)) return size;
    }
  }
  return undefined;
}

function* combinations<Item>(items: readonly Item[], size: number, from = 0): Generator<readonly Item[]> {
  if (size === 0) yield [];
  else {
    for (let at = from; at < items.length; at += 1) {
      for (const rest of combinations(items, size - 1, at + 1)) yield [items[at]!, ...rest];
    }
  }
}

function meets(edits: string, question: Question): boolean {
  try {
    return missesOf(applied(edits, question).budgets, []).length === 0;
  } catch {
    return false;
  }
}

function valueOf(metric: BudgetMetric, { totals }: Simulation): number {
  return metric === 'size' ? totals.fileBytes : totals.latencySeconds;
}

describe('the search for the smallest edit', () => {
  it.each<[BudgetMetric, string]>([
    ['size', 'rpi4-ncnn'],
    ['latency', 'rpi4-ncnn'],
    ['size', 'ethos-u55-256'],
  ])('finds the optimum of small cases: %s on %s', (metric, id) => {
    const on = target(id);
    const width = fc.integer({ min: 8, max: 400 });
    fc.assert(
      fc.property(fc.tuple(width, width, width), fc.double({ min: 0.55, max: 0.99, noNaN: true }), (widths, share) => {
        const subject = network(widths);
        const base = simulateSubject(subject, on);
        const question = questionOf(subject, on, [{ metric, max: valueOf(metric, base) * share }]);
        const { found, edits } = searched(question, 3000);
        const fewest = fewestTouched(question);
        expect(found[0]?.touched.length).toBe(fewest);
        expect(edits).toBe(found[0]?.edits ?? null);
        for (const one of found) expect(meets(one.edits, question)).toBe(true);
      }),
      // Two of each are more, or less, than they promise one by one: borders between them go away.
      {
        numRuns: 5,
        examples: [
          [[37, 79, 310], 0.6738],
          [[16, 393, 188], 0.5586],
        ],
      },
    );
  });

  it('makes an edit on few of many layers where all of them save more than they must', () => {
    const names = Array.from({ length: 26 }, (_, at) => `t${at}`);
    const nodes = names.slice(1).map((name, at) => node('MatMul', [names[at]!, `w${at}`], name));
    const constants = Object.fromEntries(nodes.map((_, at): [string, Tensor] => [`w${at}`, ['float32', 256, 256]]));
    const inputs = { t0: ['float32', 64, 256] } as const;
    const subject: Subject = {
      prepared: prepared({ inputs, constants, nodes, outputs: [names.at(-1)!] }),
      bindings: { dims: new Map(), inputs: new Map() },
    };
    const on = target('rpi4-ncnn');
    const base = simulateSubject(subject, on);
    const question = questionOf(subject, on, [{ metric: 'latency', max: base.totals.latencySeconds * 0.7 }]);
    const { found } = searched(question, 400);
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]!.touched.length).toBeLessThanOrEqual(12);
    // Alone, then for each of twelve layers: no more casts than one conversion puts around what it leaves.
    const halves = (count: number) => names.slice(1, count + 1).map((name) => `fp16 on ${name}`);
    const castsOf = (edits: readonly string[]) => applied(edits.join('; '), question).whatIf.head.layers.length;
    expect(castsOf(halves(12))).toBeLessThanOrEqual(castsOf(halves(1)));
    for (const { edits } of found) expect(meets(edits, question)).toBe(true);
  });

  it('never returns an edit that breaks a budget that held before', () => {
    const subject = network([200, 200, 200]);
    const on = target('rpi4-ncnn');
    const base = simulateSubject(subject, on);
    const budgets = [
      { metric: 'size' as const, max: base.totals.fileBytes * 0.8 },
      { metric: 'latency' as const, max: base.totals.latencySeconds },
    ];
    const question = questionOf(subject, on, budgets);
    for (const { edits } of searched(question, 500).found) expect(meets(edits, question)).toBe(true);
  });

  it('says that nothing is to be done where no budget is missed, and that nothing helps where nothing does', () => {
    const subject = network([32, 32, 32]);
    const on = target('rpi4-ncnn');
    const easy = questionOf(subject, on, [{ metric: 'latency', max: 10 }]);
    expect(searched(easy, 100)).toMatchObject({ edits: '', found: [] });
    const hopeless = questionOf(subject, on, [{ metric: 'latency', max: 1e-12 }]);
    const { edits, found, front } = searched(hopeless, 200);
    expect({ edits, found }).toEqual({ edits: null, found: [] });
    expect(front.length).toBeGreaterThan(0);
  });

  it('gives the same answer twice, and keeps to its number of trials', () => {
    const subject = network([300, 200, 100]);
    const on = target('rpi4-ncnn');
    const base = simulateSubject(subject, on);
    const goal: Goal = questionOf(subject, on, [{ metric: 'size', max: base.totals.fileBytes / 2 }]).goal;
    const question: Question = { subject, base, first: base, goal };
    const summary = (trials: number) => searched(question, trials).found.map(({ edits }) => edits);
    expect(summary(300)).toEqual(summary(300));
    expect(summary(3).length).toBeLessThanOrEqual(3);
  });

  it('has no point in its front that another one beats', () => {
    const question = questionOf(network([300, 200, 100]), target('rpi4-ncnn'), [{ metric: 'size', max: 30_000 }]);
    const scores = searched(question, 300).front.map(({ touched, totals }) => [
      touched.length,
      totals.latencySeconds,
      totals.energyJoules,
      totals.peakMemoryBytes,
      totals.fileBytes,
    ]);
    for (const one of scores) {
      const beaten = scores.some((other) => other !== one && other.every((value, index) => value <= one[index]!));
      expect(beaten).toBe(false);
    }
  });
});
