/** A review as the command line asks for it: what to compare, under which config, with a bar while it computes. */
import type { Command } from 'commander';
import packageDescription from '../../package.json' with { type: 'json' };
import type { Config } from '../config.ts';
import { UserError } from '../errors.ts';
import type { PagePart } from '../report/html/page.ts';
import type { Report } from '../report/report.ts';
import { reviewWithParts, type ReviewInput } from '../review.ts';
import { isModelOf } from '../review/changed-models.ts';
import type { Target } from '../schedule/target.ts';
import type { Comparison } from './comparison.ts';
import { addDimensionOptions, addOutputOptions, addTargetOptions, type CommonOptions } from './options.ts';
import { progressBar } from './progress.ts';
import { loadSettings, type Settings } from './settings.ts';
import { readWaivers } from './waivers.ts';

export type ReviewOptions = Omit<CommonOptions, 'format'>;

/** What to compare, and under which config. */
export function addReviewOptions(command: Command, formats?: readonly string[]): Command {
  command
    .argument('[A]', 'a file, a commit, or A...B; default: the merge base with the default branch')
    .argument('[B]', 'a second file or commit; default: the working tree');
  return addOutputOptions(addSettingOptions(command), formats);
}

/** Under which config, and what is taken for granted. */
export function addSettingOptions(command: Command): Command {
  command
    .option('--config <file>', 'the config; default: .github/model-budget.yml of the base')
    .option('--evaluated-on <date>', 'the day that decides whether waivers have expired, as 2026-01-31')
    .option('--waivers <file>', 'accepted breaches, as JSON');
  return addDimensionOptions(addTargetOptions(command));
}

export interface Reviewed {
  readonly report: Report;
  readonly config: Config;
  readonly targets: readonly Target[];
  /** What a page needs; none where it was not asked for. */
  readonly parts: readonly PagePart[];
  /** A file that the user named could not be read. */
  readonly unreadable: boolean;
}

/** What is wanted beside the report. */
export type Wanted = Pick<ReviewInput, 'page' | 'onCompiled'>;

/** Closes the comparison. */
export async function reviewed(comparison: Comparison, options: ReviewOptions, wanted: Wanted = {}): Promise<Reviewed> {
  try {
    const settings = await loadSettings(options, comparison.settings);
    const { report, parts } = reviewIn(comparison, settings, options, wanted);
    return { report, parts, ...settings, unreadable: unreadableFile(comparison, report) };
  } finally {
    comparison.close();
  }
}

function reviewIn(
  comparison: Comparison,
  { config, targets }: Settings,
  options: ReviewOptions,
  wanted: Wanted,
): Pick<Reviewed, 'report' | 'parts'> {
  const models = comparison.models(isModelOf(config));
  const bar = progressBar(models.count * targets.length + (wanted.page === undefined ? 0 : 1), options.quiet === true);
  try {
    return reviewWithParts({
      toolVersion: packageDescription.version,
      base: comparison.base,
      head: comparison.head,
      evaluatedOn: dateOf(options.evaluatedOn),
      config,
      targets,
      waivers: options.waivers === undefined ? [] : readWaivers(options.waivers),
      models: models.each,
      download: options.download === true,
      headFiles: comparison.headFiles,
      ...wanted,
      onProgress: ({ path, stage, target }) => {
        bar.show(`${path} ${target ?? stage}`, stage === 'simulate');
      },
    });
  } finally {
    bar.stop();
  }
}

function dateOf(text: string | undefined): string {
  if (text === undefined) return new Date().toISOString().slice(0, 10);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(Date.parse(text))) {
    throw new UserError(`--evaluated-on ${text}: write a day as 2026-01-31`);
  }
  return text;
}

/** Files that the user named must be readable; in a range of commits an unreadable model is a finding. */
function unreadableFile(comparison: Comparison, report: Report): boolean {
  return (
    comparison.head.sha === null &&
    comparison.base.sha === null &&
    report.models.some(({ errors }) => errors.length > 0)
  );
}
