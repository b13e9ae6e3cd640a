/** `model-budget diff [A [B]]`: the review of a change, from two commits or two files to a verdict. */
import type { Command } from 'commander';
import { defaultConfigPath } from '../config.ts';
import { InvariantError } from '../errors.ts';
import type { MarkdownOptions } from '../report/markdown.ts';
import { renderers, type Renderer } from '../report/index.ts';
import { neighbourFiles } from '../report/neighbours/index.ts';
import {
  isNeighbourFormat,
  neighbourFormats,
  type NeighbourFile,
  type NeighbourFormat,
} from '../report/neighbours/neighbour.ts';
import type { Report } from '../report/report.ts';
import { exitCode } from '../review.ts';
import { neighbourSubject } from '../review/neighbour-subject.ts';
import { comparisonOf, type Comparison } from './comparison.ts';
import { writeNeighbours } from './neighbours.ts';
import { writeOutput } from './output.ts';
import { addReviewOptions, reviewed, type Reviewed, type ReviewOptions } from './review.ts';

type RendererFormat = Renderer['format'];

interface DiffOptions extends ReviewOptions {
  readonly charts?: string;
  readonly format?: RendererFormat | typeof pageFormat | NeighbourFormat;
}

/** A page holds more than the report, so that it is none of the renderers. */
const pageFormat = 'html';

const formats = [...renderers.map(({ format }) => format), pageFormat, ...neighbourFormats] as const;

export function addCommand(program: Command, finish: (exitCode: number) => void): void {
  const command = program
    .command('diff')
    .option('--charts <folder>', 'write the charts there')
    .description('what a change did to size, latency, memory, energy and power, per layer, and whether budgets hold');
  addReviewOptions(command, formats).action(
    async (a: string | undefined, b: string | undefined, options: DiffOptions) => {
      const review = await written(comparisonOf(a, b), options);
      finish(review.unreadable ? 2 : exitCode(review.report));
    },
  );
}

async function written(comparison: Comparison, options: DiffOptions): Promise<Reviewed> {
  const { format = 'text' } = options;
  if (isNeighbourFormat(format)) return writtenFor(format, comparison, options);
  const page = format === pageFormat ? await import('./page.ts') : undefined;
  const review = await reviewed(comparison, options, page === undefined ? {} : { page: page.pageView });
  const images = await imagesOf(review, options);
  const text = format === pageFormat ? page!.pageOf(review) : rendered(review, format, { images, options });
  writeOutput(text, options.output);
  return review;
}

/** Files are made as the review goes: what was compiled of all models does not stay in memory. */
async function writtenFor(format: NeighbourFormat, comparison: Comparison, options: DiffOptions): Promise<Reviewed> {
  const files: NeighbourFile[] = [];
  const review = await reviewed(comparison, options, {
    onCompiled: (compiled) => files.push(...neighbourFiles(format, neighbourSubject(compiled))),
  });
  await imagesOf(review, options);
  writeNeighbours(files, options);
  return review;
}

interface Form {
  readonly images: MarkdownOptions['images'] | undefined;
  readonly options: DiffOptions;
}

function rendered({ report, config }: Reviewed, format: RendererFormat, { images, options }: Form): string {
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
async function imagesOf({ report }: { readonly report: Report }, { charts, output }: DiffOptions) {
  if (charts === undefined) return undefined;
  const { writeCharts } = await import('./chart-files.ts');
  return writeCharts(report, charts, output);
}
