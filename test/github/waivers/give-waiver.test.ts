import { describe, expect, test } from 'vitest';
import type { BudgetResult } from '../../../src/compare/comparison.ts';
import { parseConfig } from '../../../src/config.ts';
import { failedTitle } from '../../../src/github/judged.ts';
import type { RangeReview } from '../../../src/github/review-range.ts';
import { parseAcceptance, type Acceptance } from '../../../src/github/waivers/acceptance.ts';
import { giveWaiver, type WaiverRequest } from '../../../src/github/waivers/give-waiver.ts';
import { mostValues } from '../../../src/github/waivers/record.ts';
import { printWords } from '../../../src/report/print-text.ts';
import { budget, modelReport, report, targetReport } from '../../report/reports.ts';
import { githubActions } from '../../stand-in/options.ts';
import type { CheckRun } from '../../stand-in/state.ts';
import { connectStandIn } from '../connection.ts';
import { addCheck, checkOf, recordOf } from './given.ts';

const at = '2026-03-02T12:00:00Z';
const earlier: Partial<CheckRun> = { completedAt: '2026-03-02T11:59:59Z' };

const size = budget({ metric: 'size', key: 'fileBytes', actual: 2000, verdict: 'fail' });
const layers = budget({ layer: 'neck/*', actual: 0.002, verdict: 'fail' });
const macs = budget({ metric: 'macs', key: 'macs', actual: 5 });

const on = (id: string, budgets: readonly BudgetResult[]) => {
  const made = targetReport({ budgets });
  return { ...made, target: { ...made.target, id } };
};

/** Two models that exceed budgets, on two targets; the second goes by two ids. */
function reviewOf(models = broken()): RangeReview {
  const config = `version: 1
targets: [ethos-u55-256, rpi4-xnnpack]
waivers: { who: maintain, expires: 10 days }
`;
  const sha = 'b'.repeat(40);
  return {
    range: { pullRequest: 1, alike: [2], base: { ref: 'main', sha }, head: { ref: 'wider', sha }, mergeBase: sha },
    settings: { config: parseConfig(config, 'c'), targets: [], extended: null },
    report: report({ verdict: 'fail', models }),
    ...{ changedLines: new Map(), repositoryUrl: 'https://github.com/acme/detector' },
  };
}

function broken() {
  const second = (budgets: readonly BudgetResult[]) => on('rpi4-xnnpack@1', budgets);
  const accepted = { ...size, verdict: 'waived', waiver: recordOf(), accepted: 2000 } as const;
  return [
    modelReport({
      path: 'm.onnx',
      name: 'spotter',
      targets: [on('ethos-u55-256', [size, size, layers]), second([size])],
    }),
    modelReport({ path: 'n.onnx', previousPath: 'o.onnx', targets: [on('ethos-u55-256', [macs]), second([accepted])] }),
  ];
}

/** A check on the head of pull request 1 has said it. */
async function given(check: Partial<CheckRun> = earlier, review = reviewOf()) {
  const connection = await connectStandIn({ roles: { maintainer: 'maintain', writer: 'write' } });
  const head = connection.standIn.world.git(['rev-parse', 'feature/one']).toString().trim();
  addCheck(connection.standIn.world, head, check);
  const onHead = { ...review, range: { ...review.range, head: { ref: 'feature/one', sha: head } } };
  const give = (words: string, changed: Partial<WaiverRequest> = {}) =>
    giveWaiver(connection.github, {
      ...{ acceptance: parseAcceptance(` ${words}`) as Acceptance, id: 'comment-5', login: 'maintainer', at },
      ...{ pullRequest: 1, reviews: [onHead], check: checkOf(githubActions, head) },
      ...changed,
    });
  const refusal = async (words: string, changed: Partial<WaiverRequest> = {}) => {
    const result = await give(words, changed);
    expect(connection.standIn.violations).toEqual([]);
    return result.kind === 'refused' ? printWords(result.refusal) : result.record;
  };
  return { ...connection, give, refusal, review: onHead };
}

describe('a waiver is given', () => {
  test('for the values of the budgets that it names, each once, those accepted before too', async () => {
    const { give, standIn } = await given();
    expect(await give('size because of a reason')).toEqual({
      kind: 'given',
      record: {
        ...{ pullRequest: 1, id: 'comment-5', who: 'maintainer', when: at, why: 'of a reason', metric: 'size' },
        until: '2026-03-12',
        values: [
          { model: 'm.onnx', target: 'ethos-u55-256', actual: 2000 },
          { model: 'm.onnx', target: 'rpi4-xnnpack@1', actual: 2000 },
          { model: 'n.onnx', target: 'rpi4-xnnpack@1', actual: 2000 },
        ],
      },
      remarks: [],
    });
    expect(await give('size model=spotter target=rpi4-xnnpack until 2026-03-03 because x')).toMatchObject({
      record: {
        ...{ model: 'spotter', target: 'rpi4-xnnpack', until: '2026-03-03' },
        values: [{ model: 'm.onnx', target: 'rpi4-xnnpack@1', actual: 2000 }],
      },
    });
    expect(await give('size model=o.* target=rpi4-xnnpack@1 because x')).toMatchObject({
      record: { values: [{ model: 'n.onnx' }] },
    });
    const ofLayers = await give('latency because x', { pullRequest: 2, id: 'button-6-latency' });
    expect(ofLayers).toMatchObject({
      record: {
        ...{ pullRequest: 2, id: 'button-6-latency' },
        values: [{ model: 'm.onnx', target: 'ethos-u55-256', layer: 'neck/*', actual: 0.002 }],
      },
    });
    expect(standIn.violations).toEqual([]);
  });

  test('until the last day that the config allows, and says so', async () => {
    const { give } = await given();
    const late = await give('size until 2027-01-01 because x');
    expect(late).toMatchObject({ kind: 'given', record: { until: '2026-03-12' } });
    const words = late.kind === 'given' ? late.remarks.map(printWords) : [];
    expect(words).toEqual(['It ends on 2026-03-12: waivers.expires allows 10 days']);
  });
});

describe('no waiver is given', () => {
  test('to somebody who may not, for no such budget, or for a day that is over', async () => {
    const { refusal } = await given();
    const permission = 'writer may not accept: waivers.who asks for the permission maintain';
    expect(await refusal('size because x', { login: 'writer' })).toBe(permission);
    expect(await refusal('size because x', { login: 'stranger' })).toMatch(/^stranger may not accept/);
    expect(await refusal('macs because x')).toBe(
      'No budget of macs that this names is exceeded. Exceeded: size of m.onnx on ethos-u55-256, size of m.onnx on ethos-u55-256, latency of neck/* in m.onnx on ethos-u55-256, size of m.onnx on rpi4-xnnpack@1, size of n.onnx on rpi4-xnnpack@1',
    );
    expect(await refusal('latency model=n.onnx because x')).toMatch(/^No budget of latency that this names/);
    expect(await refusal('latency target=rpi4-xnnpack because x')).toMatch(/^No budget of latency that this names/);
    expect(await refusal('size until 2026-03-02 because x')).toBe('2026-03-02 is not a day to come');
    expect(await refusal('size because x', { pullRequest: 3 })).toBe('This pull request was not reviewed');
  });

  test('where the budgets cannot be read, none is exceeded, or too much would be accepted at once', async () => {
    const { refusal, review } = await given();
    expect(await refusal('size because x', { reviews: [{ range: review.range, problem: 'a.yml:1: wrong' }] })).toBe(
      'The budgets cannot be read: a.yml:1: wrong',
    );
    expect(await refusal('size because x', { reviews: [{ ...review, ...reviewOf([]), range: review.range }] })).toBe(
      'No budget is exceeded: there is nothing to accept',
    );
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) => modelReport({ path: `${index}`, targets: [on('a', [size])] }));
    const ofMany = { ...reviewOf(many(mostValues + 1)), range: review.range };
    expect(await refusal('size because x', { reviews: [ofMany] })).toBe(
      'That would accept 201 values at once; name a model or a target',
    );
    const odd = [modelReport({ path: 'a', targets: [on('x'.repeat(201), [size])] })];
    expect(await refusal('size because x', { reviews: [{ ...reviewOf(odd), range: review.range }] })).toBe(
      'A name in it is too long to be kept',
    );
  });

  test.each<[string, Partial<CheckRun>]>([
    ['ended later', { completedAt: '2026-03-02T12:00:01Z' }],
    ['has not ended', { status: 'in_progress', conclusion: null, completedAt: null }],
    ['was cancelled', { ...earlier, conclusion: 'cancelled' }],
    ['showed no numbers', { ...earlier, title: failedTitle }],
    ['is of another head', { ...earlier, headSha: 'f'.repeat(40) }],
    ['is of another App', { ...earlier, app: { slug: 'other', id: 3, name: 'Other' } }],
    ['is of another name', { ...earlier, name: 'other' }],
  ])('for numbers that nobody saw: the check %s', async (_, check) => {
    const { refusal } = await given(check);
    expect(await refusal('size because x')).toMatch(
      /^No finished check stood on the head [0-9a-f]{12} when this was written: the numbers are others by now/,
    );
  });
});
