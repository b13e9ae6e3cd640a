/** `model-budget diff [A [B]]`: the review of a change, from two commits or two files to a verdict. */
import type { Command } from 'commander';
import packageDescription from '../../package.json' with { type: 'json' };
import { defaultConfigPath, type Config } from '../config.ts';
import { InvariantError, UserError } from '../errors.ts';
import type { MarkdownOptions } from '../report/markdown.ts';
import { renderers, type Renderer } from '../report/index.ts';
import type { Report } from '../report/report.ts';
import { exitCode, review } from '../review.ts';
import { isModelOf } from '../review/changed-models.ts';
import { comparisonOf, type Comparison } from './comparison.ts';
import { addDimensionOptions, addOutputOptions, addTargetOptions, type CommonOptions } from './options.ts';
import { writeOutput } from './output.ts';
import { progressBar } from './progress.ts';
import { loadSettings, type Settings } from './settings.ts';
import { readWaivers } from './waivers.ts';

interface DiffOptions extends Omit<CommonOptions, 'format'> {
  readonly charts?: string;
  readonly format?: Renderer['format'];
}

export function addCommand(program: Command, finish: (exitCode: number) => void): void {
  const command = program
    .command('diff')
    .option('--charts <folder>', 'write the charts there')
    .description('what a change did to size, latency, memory, energy and power, per layer, and whether budgets hold');
  addReviewOptions(command, ['text', 'markdown', 'json', 'sarif']).action(
    async (a: string | undefined, b: string | undefined, options: DiffOptions) => {
      const { report, config, unreadable } = await reviewed(comparisonOf(a, b), options);
      const images = options.charts === undefined ? undefined : await chartImages(report, options.charts, options);
      const form = { format: options.format ?? 'text', images, configPath: options.config };
      writeOutput(rendered(report, config, form), options.output);
      finish(unreadable ? 2 : exitCode(report));
    },
  );
}

/** What to compare, and under which config. */
export function addReviewOptions(command: Command, formats?: readonly Renderer['format'][]): Command {
  command
    .argument('[A]', 'a file, a commit, or A...B; default: the merge base with the default branch')
    .argument('[B]', 'a second file or commit; default: the working tree')
    .option('--config <file>', 'the config; default: .github/model-budget.yml of the base')
    .option('--evaluated-on <date>', 'the day that decides whether waivers have expired, as 2026-01-31')
    .option('--waivers <file>', 'accepted breaches, as JSON');
  return addOutputOptions(addDimensionOptions(addTargetOptions(command)), formats);
}

export interface Reviewed {
  readonly report: Report;
  readonly config: Config;
  /** A file that the user named could not be read. */
  readonly unreadable: boolean;
}

/** Closes the comparison. */
export async function reviewed(comparison: Comparison, options: Omit<CommonOptions, 'format'>): Promise<Reviewed> {
  try {
    const settings = await loadSettings(options, comparison.settings);
    const report = reportOf(comparison, settings, options);
    return { report, config: settings.config, unreadable: unreadableFile(comparison, report) };
  } finally {
    comparison.close();
  }
}

interface Form {
  readonly format: Renderer['format'];
  readonly images: MarkdownOptions['images'] | undefined;
  /** As the flag names it. */
  readonly configPath: string | undefined;
}

function rendered(report: Report, { comment, charts, budgets }: Config, { format, images, configPath }: Form): string {
  const renderer = renderers.find((one) => one.format === format);
  if (renderer === undefined) throw new InvariantError(`no renderer for ${format}`);
  return renderer.render(report, {
    layers: comment.layers,
    ...(images === undefined ? {} : { images }),
    configFile: { path: configPath ?? defaultConfigPath, budgets },
    charts: charts === 'text' || charts === 'off' ? charts : 'mermaid',
  });
}

function reportOf(
  comparison: Comparison,
  { config, targets }: Settings,
  options: Omit<CommonOptions, 'format'>,
): Report {
  const models = comparison.models(isModelOf(config));
  const bar = progressBar(models.count * targets.length, options.quiet === true);
  try {
    return review({
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

/** Charts are loaded when asked for: they cost more than the review. */
async function chartImages(report: Report, folder: string, options: DiffOptions) {
  const { writeCharts } = await import('./chart-files.ts');
  return writeCharts(report, folder, options.output);
}

/** Files that the user named must be readable; in a range of commits an unreadable model is a finding. */
function unreadableFile(comparison: Comparison, report: Report): boolean {
  return (
    comparison.head.sha === null &&
    comparison.base.sha === null &&
    report.models.some(({ errors }) => errors.length > 0)
  );
}
