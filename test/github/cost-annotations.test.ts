import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import type { BudgetResult, DiffRow } from '../../src/compare/comparison.ts';
import { annotationsOf } from '../../src/github/annotations.ts';
import { budget, layer, modelReport, report, row, targetReport, total, totals } from '../report/reports.ts';

/** A layer that became slower by so much. */
function slower(name: string, seconds: number, source?: string): DiffRow {
  const before = layer({ name, latencySeconds: 1e-3 });
  const after = layer({ name, latencySeconds: 1e-3 + seconds });
  return row([before], [after], { name, changes: ['widened 96→128'], ...(source === undefined ? {} : { source }) });
}

interface Given {
  readonly rows: readonly DiffRow[];
  readonly changed: readonly string[];
  readonly verdict?: BudgetResult['verdict'];
  readonly targets?: number;
}

/** On a head of 100 ms. */
function annotations({ rows, changed, verdict = 'pass', targets = 1 }: Given) {
  const target = targetReport({
    layers: rows,
    budgets: [budget({ verdict })],
    totals: totals({ latencySeconds: total(0.05, 0.1) }),
  });
  const lines = new Map<string, ReadonlySet<number>>();
  for (const source of changed) {
    const [path = '', line] = source.split(':');
    lines.set(path, new Set([...(lines.get(path) ?? []), Number(line)]));
  }
  return annotationsOf(
    {
      range: { pullRequest: 7, base: { ref: 'main', sha: 'b' }, head: { ref: 'x', sha: 'a' }, mergeBase: 'b' },
      settings: { config: parseConfig('version: 1\n', 'c'), targets: [], extended: null },
      report: report({ models: [modelReport({ targets: Array.from({ length: targets }, () => target) })] }),
      ...{ changedLines: lines, repositoryUrl: 'https://github.com/acme/detector' },
    },
    '.github/model-budget.yml',
  );
}

describe('a line of code is annotated', () => {
  test('where the change touched it and its layers became slower, with the figures', () => {
    const rows = [slower('neck/1', 4e-3, 'net.py:12'), slower('neck/2', 6e-3, 'net.py:12'), slower('head', 5e-2)];
    expect(annotations({ rows, changed: ['net.py:12'] })).toEqual([
      {
        ...{ path: 'net.py', start_line: 12, end_line: 12, annotation_level: 'notice' },
        title: '+10.0 ms: models/detector.onnx on ethos-u55-256',
        message: expect.stringMatching(
          /^Latency \+10\.0 ms \(10% of 100 ms\) by neck\/2 and 1 more layer: widened 96→128; compute-bound/,
        ) as string,
      },
    ]);
  });

  test('never where the change did not touch it, nor without a patch', () => {
    const rows = [slower('a', 5e-2, 'net.py:12')];
    expect(annotations({ rows, changed: ['net.py:11', 'other.py:12'] })).toEqual([]);
    expect(annotations({ rows, changed: [] })).toEqual([]);
  });

  test('from a hundredth of the latency on, and not for what became faster', () => {
    const rows = [slower('a', 0.9e-3, 'a.py:1'), slower('b', -5e-4, 'b.py:1'), slower('c', 1.1e-3, 'c.py:1')];
    expect(annotations({ rows, changed: ['a.py:1', 'b.py:1', 'c.py:1'] }).map(({ path }) => path)).toEqual(['c.py']);
  });

  test('as a warning where a budget is exceeded there', () => {
    const rows = [slower('a', 5e-2, 'a.py:1')];
    const levels = (['fail', 'warn', 'waived', 'pass'] as const).map(
      (verdict) => annotations({ rows, verdict, changed: ['a.py:1'] }).at(-1)?.annotation_level,
    );
    expect(levels).toEqual(['warning', 'warning', 'notice', 'notice']);
  });

  test('once for all targets, and ten lines at most, the most expensive first', () => {
    const names = Array.from({ length: 14 }, (_, index) => `f${String(index).padStart(2, '0')}.py:1`);
    const rows = names.map((source, index) => slower(source, 2e-3 + index * 1e-4, source));
    const all = annotations({ rows, changed: names, targets: 6 });
    expect(all.map(({ path }) => path)).toEqual(
      names
        .slice(4)
        .reverse()
        .map((name) => name.slice(0, -2)),
    );
    expect(all[0]?.message).toMatch(
      /\. Also (\+3\.30 ms in models\/detector\.onnx on ethos-u55-256,? ?){3} and 2 more$/,
    );
  });

  test('in one visible line, whatever the layer is called', () => {
    const name = `a\n::error::\u202e${'x'.repeat(9000)}`;
    const [one] = annotations({ rows: [slower(name, 5e-2, 'a.py:1')], changed: ['a.py:1'] });
    expect(one!.message).not.toMatch(/[\n\u202e]/);
    expect(one!.message.length).toBeLessThan(1000);
  });
});
