/** `model-budget diff [A [B]]`: the review of a change, from two commits or two files to a verdict. */
import type { Command } from 'commander';
import { defaultConfigPath } from '../config.ts';
import { InvariantError } from '../errors.ts';
import type { MarkdownOptions } from '../report/markdown.ts';
import { renderers, type Renderer } from '../report/index.ts';
import type { Report } from '../report/report.ts';
import { exitCode } from '../review.ts';
import { comparisonOf } from './comparison.ts';
import { writeOutput } from './output.ts';
import { addReviewOptions, reviewed, type Reviewed, type ReviewOptions } from './review.ts';

interface DiffOptions extends ReviewOptions {
  readonly charts?: string;
  readonly format?: Renderer['format'] | typeof pageFormat;
}

/** A page holds more than the report, so that it is none of the renderers. */
const pageFormat = 'html';

export function addCommand(program: Command, finish: (exitCode: number) => void): void {
  const command = program
    .command('diff')
    .option('--charts <folder>', 'write the charts there')
    .description('what a change did to size, latency, memory, energy and power, per layer, and whether budgets hold');
  addReviewOptions(command, [...renderers.map(({ format }) => format), pageFormat]).action(
    async (a: string | undefined, b: string | undefined, options: DiffOptions) => {
      const { format = 'text' } = options;
      const page = format === pageFormat ? await import('./page.ts') : undefined;
      const review = await reviewed(comparisonOf(a, b), options, page?.pageView);
      const images =
        options.charts === undefined ? undefined : await chartImages(review.report, options.charts, options);
      const text = format === pageFormat ? page!.pageOf(review) : rendered(review, format, { images, options });
      writeOutput(text, options.output);
      finish(review.unreadable ? 2 : exitCode(review.report));
    },
  );
}

interface Form {
  readonly images: MarkdownOptions['images'] | undefined;
  readonly options: DiffOptions;
}

function rendered({ report, config }: Reviewed, format: Renderer['format'], { images, options }: Form): string {
  const { comment, charts, budgets } = config;
  const renderer = renderers.find((one) => one.format === format);
  if (renderer === undefined) throw new InvariantError(`no renderer for ${format}`);
  return renderer.render(report, {
    layers: comment.layers,
    ...(images === undefined ? {} : { images }),
    configFile: { path: options.config ?? defaultConfigPath, budgets },
    charts: charts === 'text' || charts === 'off' ? charts : 'mermaid',
  });
}

/** Charts are loaded when asked for: they cost more than the review. */
async function chartImages(report: Report, folder: string, options: DiffOptions) {
  const { writeCharts } = await import('./chart-files.ts');
  return writeCharts(report, folder, options.output);
}
