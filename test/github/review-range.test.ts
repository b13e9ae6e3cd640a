import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { rangeConclusion, type Reviewed } from '../../src/github/outcome.ts';
import { reviewRange } from '../../src/github/review-range.ts';
import type { Changes } from '../stand-in/git-repository.ts';
import type { StandInOptions } from '../stand-in/options.ts';
import { connectStandIn, requested } from './connection.ts';

const path = '.github/model-budget.yml';
const model = readFileSync(join(import.meta.dirname, '../../fixtures/models/cnn-residual.onnx'));
const wide = readFileSync(join(import.meta.dirname, '../../fixtures/models/cnn-residual-wide.onnx'));

const config = (limit: string, more = '') =>
  `version: 1\ntargets: [ethos-u55-256]\n${more}budgets:\n  - { metric: size, max: ${limit} }\n`;

/** What `change` does to `main`, reviewed as a merge group's range. */
async function reviewed(main: Changes, change: Changes, options: Partial<StandInOptions> = {}) {
  const given = await connectStandIn(options);
  const mergeBase = given.repository.commit('main', { 'models/a.onnx': null, 'm.onnx': model, ...main });
  const head = given.repository.commit('change', { 'README.md': 'r', ...change }, { from: 'main' });
  const range = {
    ...{ pullRequest: null, base: { ref: 'main', sha: mergeBase }, head: { ref: 'change', sha: head }, mergeBase },
  };
  const input = { configPath: path, targets: ['ethos-u55-256'] };
  const review = await reviewRange(given, range, { input, onProgress: () => undefined });
  return { ...given, review };
}

const reportOf = (review: Reviewed) => ('problem' in review ? undefined : review.report);

describe('a range', () => {
  test('is judged by the config of the base', async () => {
    const { review, standIn } = await reviewed({ [path]: config('1 kB') }, { 'm.onnx': wide });
    expect([reportOf(review)?.verdict, rangeConclusion(review), reportOf(review)?.notes]).toEqual([
      'fail',
      'failure',
      [],
    ]);
    expect(standIn.violations).toEqual([]);
  });

  test('whose config cannot be read is a problem, and nothing passes', async () => {
    const { review } = await reviewed({ [path]: config('5 parsecs') }, { 'README.md': 'changed' });
    expect(review).toMatchObject({
      problem: expect.stringMatching(/^\.github\/model-budget\.yml:4: .*5 parsecs/) as string,
    });
    expect(rangeConclusion(review)).toBe('failure');
  });

  test('whose changes cannot be listed is not measured, and with budgets a failure', async () => {
    const many = Object.fromEntries(Array.from({ length: 320 }, (_, index) => [`many/${index}.txt`, 'x']));
    const limits = { treeEntries: 100 };
    const { review } = await reviewed({ [path]: config('9 MB') }, many, { limits });
    expect([reportOf(review)?.verdict, rangeConclusion(review)]).toEqual(['not-measured', 'failure']);
    expect(reportOf(review)?.notes).toEqual([expect.stringContaining('not every model could be found')]);
    const without = await reviewed({}, many, { limits });
    expect([reportOf(without.review)?.verdict, rangeConclusion(without.review)]).toEqual(['not-measured', 'neutral']);
  });
});

describe('a change of the config', () => {
  const verdict = (word: string) =>
    `This change edits \`${path}\`, which takes effect after the merge: the verdict would be "${word}".`;

  test('binds after the merge; the verdict that it would give is told', async () => {
    const { review } = await reviewed({ [path]: config('1 kB') }, { 'm.onnx': wide, [path]: config('9 MB') });
    expect([reportOf(review)?.verdict, reportOf(review)?.notes]).toEqual(['fail', [verdict('pass')]]);
    const stricter = await reviewed({ [path]: config('9 MB') }, { 'm.onnx': wide, [path]: config('1 kB') });
    expect([reportOf(stricter.review)?.verdict, reportOf(stricter.review)?.notes]).toEqual(['pass', [verdict('fail')]]);
  });

  test('that takes it away, or moves it, is told too', async () => {
    const gone = await reviewed({ [path]: config('1 kB') }, { 'm.onnx': wide, [path]: null });
    expect([reportOf(gone.review)?.verdict, reportOf(gone.review)?.notes]).toEqual(['fail', [verdict('pass')]]);
  });

  test('that cannot be read changes no verdict', async () => {
    const { review } = await reviewed({ [path]: config('9 MB') }, { 'm.onnx': wide, [path]: config('5 parsecs') });
    expect(reportOf(review)?.verdict).toBe('pass');
    expect(reportOf(review)?.notes).toEqual([expect.stringMatching(/and cannot be read: .*:4: .*5 parsecs/)]);
  });

  test('reads no other repository with this token', async () => {
    const secret = config('9 MB', 'extends: acme/secrets:passwords.yml@main\n');
    const { review, requests } = await reviewed({ [path]: config('9 MB') }, { 'm.onnx': wide, [path]: secret }).then(
      (given) => ({ ...given, requests: requested(given) }),
    );
    expect(requests.filter((request) => request.includes('secrets'))).toEqual([]);
    expect(reportOf(review)?.notes).toEqual([
      expect.stringContaining('it extends another config than that of the base'),
    ]);
  });

  test('of a target file that the config names counts as well', async () => {
    const board = readFileSync(join(import.meta.dirname, '../../hardware/ethos-u55-256.yml'), 'utf8');
    const own = config('9 MB').replace('[ethos-u55-256]', '[./board.yml]');
    const { review } = await reviewed({ [path]: own, 'board.yml': board }, { 'm.onnx': wide, 'board.yml': 'x: 1\n' });
    expect(reportOf(review)?.verdict).toBe('pass');
    expect(reportOf(review)?.notes).toEqual([expect.stringMatching(/^This change edits `board\.yml`.*cannot be read/)]);
  });
});
