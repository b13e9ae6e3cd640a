import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import { worstVerdict } from '../../src/compare/budget.ts';
import type { Verdict } from '../../src/compare/comparison.ts';
import { conclusionOf, pageOf, rangeConclusion, titleOf, verdictOf, type Reviewed } from '../../src/github/outcome.ts';
import type { RangeReview } from '../../src/github/review-range.ts';
import type { Report } from '../../src/report/report.ts';
import { hostileText } from '../report/hostile-text.ts';
import { budget, modelReport, report, targetReport } from '../report/reports.ts';

function range(number: number | null, ref = 'main'): Reviewed['range'] {
  const sha = 'b'.repeat(40);
  return { pullRequest: number, base: { ref, sha }, head: { ref: 'wider', sha: 'a'.repeat(40) }, mergeBase: sha };
}

interface Given {
  readonly config?: string;
  readonly number?: number | null;
  readonly report?: Partial<Report>;
}

function reviewed({ config = '', number = 7, report: overrides }: Given = {}): RangeReview {
  return {
    range: range(number),
    settings: { config: parseConfig(`version: 1\n${config}`, 'c'), targets: [], extended: null },
    report: report(overrides),
    ...{ changedLines: new Map(), repositoryUrl: 'https://github.com/acme/detector' },
  };
}

const unreadable = (number = 7, problem = 'c.yml:1: no'): Reviewed => ({ range: range(number), problem });

/** A model with one budget for each verdict. */
function judged(...verdicts: readonly Verdict[]) {
  const verdict = worstVerdict(verdicts);
  const budgets = verdicts.map((one) => budget({ verdict: one }));
  return modelReport({ verdict, targets: [targetReport({ verdict, budgets })] });
}

const neutral = 'unmeasured: neutral\n';
const someBudget = 'budgets: [{ metric: size, max: 5 MB }]\n';

describe('the conclusion of a range', () => {
  const opaque = modelReport({ verdict: 'not-measured', targets: [targetReport({ budgets: [] })] });

  test.each<[string, Partial<Report>, string, string]>([
    ['pass', { verdict: 'pass', models: [judged('pass')] }, '', 'success'],
    ['nothing changed', { verdict: 'pass', models: [] }, someBudget, 'success'],
    ['warn', { verdict: 'warn', models: [judged('warn')] }, '', 'success'],
    ['waived', { verdict: 'waived', models: [judged('waived')] }, '', 'success'],
    ['fail', { verdict: 'fail', models: [judged('fail')] }, '', 'failure'],
    ['fail, whatever is neutral', { verdict: 'fail', models: [judged('fail', 'not-measured')] }, neutral, 'failure'],
    ['a budget not measured', { verdict: 'not-measured', models: [judged('not-measured')] }, '', 'failure'],
    ['the same, neutral', { verdict: 'not-measured', models: [judged('not-measured')] }, neutral, 'neutral'],
    ['a model without budgets not measured', { verdict: 'not-measured', models: [opaque] }, '', 'neutral'],
    ['the same beside one that passes', { verdict: 'not-measured', models: [judged('pass'), opaque] }, '', 'neutral'],
    ['changes not listed', { verdict: 'not-measured', models: [] }, someBudget, 'failure'],
    ['the same, neutral', { verdict: 'not-measured', models: [] }, neutral + someBudget, 'neutral'],
    ['the same without budgets', { verdict: 'not-measured', models: [] }, '', 'neutral'],
  ])('%s', (_, of, config, conclusion) => {
    expect(rangeConclusion(reviewed({ report: of, config }))).toBe(conclusion);
  });

  test('without readable settings is a failure', () => {
    expect(rangeConclusion(unreadable())).toBe('failure');
  });
});

describe('several ranges', () => {
  const pass = reviewed({ report: { verdict: 'pass' } });
  const unmeasured = reviewed({ report: { verdict: 'not-measured', models: [] } });
  const fail = reviewed({ number: 9, report: { verdict: 'fail', models: [judged('fail')] } });

  test.each<[readonly Reviewed[], string, Verdict]>([
    [[pass], 'success', 'pass'],
    [[pass, unmeasured], 'neutral', 'not-measured'],
    [[pass, unmeasured, fail], 'failure', 'fail'],
    [[fail, pass], 'failure', 'fail'],
    [[pass, unreadable()], 'failure', 'not-measured'],
    [[pass, reviewed({ report: { verdict: 'warn' } }), reviewed({ report: { verdict: 'waived' } })], 'success', 'warn'],
  ])('conclude as the worst of them: %#', (reviews, conclusion, verdict) => {
    expect([conclusionOf(reviews), verdictOf(reviews)]).toEqual([conclusion, verdict]);
  });

  test('that are none conclude as a failure', () => {
    expect(conclusionOf([])).toBe('failure');
  });

  test('take the title of the one that decides, with its pull request', () => {
    expect(titleOf([fail])).not.toContain('pull request');
    expect(titleOf([pass, fail])).toMatch(/exceeds .* \(pull request #9\)$/);
    expect(titleOf([fail, pass])).toBe(titleOf([fail]));
    expect(titleOf([pass, unreadable(12)])).toBe('❌ model-budget: the budgets could not be read (pull request #12)');
    expect(titleOf([pass, pass])).toBe(titleOf([pass]));
  });
});

const limits = { limit: { limit: 65_535, unit: 'bytes' }, charts: 'mermaid' } as const;

describe('the page', () => {
  test('is the own report, then the others by their headlines', () => {
    const others = Array.from({ length: 25 }, (_, index) => reviewed({ number: 10 + index }));
    const page = pageOf([reviewed(), unreadable(8), ...others], limits);
    expect(page).toContain('The same commit is the head of other pull requests');
    expect(page).toContain('pull request #8 into `main`: ❌ model-budget: the budgets could not be read');
    expect(page).toContain('#28');
    expect(page).not.toContain('#29');
    expect(page.trimEnd()).toMatch(/… and 6 more$/);
  });

  test('of settings that cannot be read says why, and where they are read', () => {
    const page = pageOf([unreadable(7, '.github/model-budget.yml:3: "5 parsecs" is no time')], limits);
    expect(page.split('\n')[0]).toBe('### ❌ model-budget: the budgets could not be read');
    expect(page).toContain('5 parsecs');
    expect(page).toContain('`main`');
    expect(page).toContain('nothing passes until they can be');
  });

  test('is within the limit, and forges no marker, whatever the names are', () => {
    const other = fc.record({ ref: hostileText, problem: hostileText });
    const sizes = fc.constantFrom<[number, 'bytes' | 'characters']>([65_535, 'bytes'], [65_536, 'characters']);
    const list = fc.array(other, { maxLength: 30 });
    fc.assert(
      fc.property(list, hostileText, fc.boolean(), sizes, (others, path, own, [limit, unit]) => {
        const first: Reviewed = own
          ? reviewed({ report: { models: [modelReport({ path })] } })
          : { range: range(7, path), problem: path.repeat(50) };
        const reviews = [first, ...others.map(({ ref, problem }, index) => ({ range: range(index, ref), problem }))];
        const page = pageOf(reviews, { limit: { limit, unit }, charts: 'text' });
        expect(unit === 'bytes' ? Buffer.byteLength(page) : page.length).toBeLessThanOrEqual(limit);
        expect(page).not.toContain('<!--');
      }),
      { numRuns: 60 },
    );
  });
});
