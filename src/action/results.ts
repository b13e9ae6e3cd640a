/** What later steps and people find of a run: the job's summary, its outputs, report.json. */
import { notice, setOutput, summary as jobSummary } from '@actions/core';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { BudgetResult } from '../compare/comparison.ts';
import type { Check } from '../github/check.ts';
import { noImages, type HostedImages } from '../github/images/host.ts';
import type { Judged } from '../github/judged.ts';
import { pageOf, verdictOf, type Reviewed } from '../github/outcome.ts';
import type { RangeReview } from '../github/review-range.ts';
import type { ReviewOutcome } from '../github/run.ts';
import { pageAddressOf, type KeptPage } from '../github/report-page.ts';
import { renderJson } from '../report/json.ts';
import { limitVerdicts } from '../report/ranking.ts';
import { adviceOn } from './advice.ts';

export interface Job {
  readonly check: Check;
  readonly id: string;
  readonly folder: string;
  readonly isFork: boolean;
}

export async function tellJob({ judged, published }: ReviewOutcome, { check, id, folder, isFork }: Job): Promise<void> {
  const { comment, images, page } = published ?? { comment: null, images: noImages, page: null };
  // Later steps count on these; a summary that cannot be written must not take them along.
  const file = join(folder, id === 'default' ? 'report.json' : `report-${id}.json`);
  setOutput('page', page?.file ?? '');
  writeOutputs(judged.reviews, file, comment !== null && 'url' in comment ? comment.url : '');
  const doings = { contentsRefused: judged.contentsRefused, checkRefused: check.refused, comment, isFork };
  const advice = [...adviceOn(doings), ...images.remarks, ...(page?.remark === undefined ? [] : [page.remark])];
  for (const text of advice) notice(text);
  await writeJobSummary(judged, images, { advice, page });
}

/** GitHub refuses a step's summary above 1,024 KiB, and the job turns red. */
const maximumJobSummaryBytes = 900 * 1024;

interface Told {
  readonly advice: readonly string[];
  readonly page: KeptPage | null;
}

export async function writeJobSummary(
  { reviews, result }: Judged,
  { images, fallback }: HostedImages,
  { advice, page }: Told,
): Promise<void> {
  if (process.env.GITHUB_STEP_SUMMARY === undefined) return;
  const tail = advice.map((text) => `\n${text}\n`).join('');
  const limit = { limit: maximumJobSummaryBytes - Buffer.byteLength(tail), unit: 'bytes' } as const;
  const options = { limit, images, charts: fallback, ...pageAddressOf(page) };
  const text = reviews.length === 0 ? result.summary : pageOf(reviews, options);
  await jobSummary.addRaw(`${text}${tail}`).write();
}

export function writeOutputs(reviews: readonly Reviewed[], reportFile: string, commentUrl: string): void {
  const [own] = reviews;
  setOutput('verdict', reviews.length === 0 ? 'not-measured' : verdictOf(reviews));
  setOutput('comment-url', commentUrl);
  const report = own === undefined || 'problem' in own ? undefined : own.report;
  setOutput('report', report === undefined ? '' : writeReport(renderJson(report), reportFile));
  setOutput('changed-models', JSON.stringify(report?.models.map(({ path }) => path) ?? []));
  setOutput('worst-metric', report === undefined ? '' : worstMetricOf(report));
}

function writeReport(text: string, file: string): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

const worstFirst = ['fail', 'not-measured', 'warn', 'waived'] as const;

/** The metric of the worst verdict, of equals the one that is furthest over its limit; empty where all pass. */
function worstMetricOf({ models }: RangeReview['report']): string {
  const budgets = models.flatMap((model) => model.targets.flatMap((target) => target.budgets));
  for (const verdict of worstFirst) {
    const [worst] = budgets
      .filter((budget) => limitVerdicts(budget).includes(verdict))
      .toSorted((a, b) => excessOf(b) - excessOf(a));
    if (worst !== undefined) return worst.metric;
  }
  return '';
}

function excessOf({ actual, limit, base }: BudgetResult): number {
  const allowed = limit ?? base;
  return actual === null || allowed === null || allowed <= 0 ? 0 : actual / allowed;
}
