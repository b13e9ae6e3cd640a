/** The comment: what broke, where and why on the first screen; everything else folded away. */
import { bandsBlock, computedBlocks, configBlocks } from './computed.ts';
import { layerCount } from './repeats.ts';
import { mermaidBlock, unicodeBars } from './fallback-charts.ts';
import { fit, type Piece, type SizeLimit } from './fit.ts';
import { headline, shortHeadlines } from './headline.ts';
import { layersTable } from './layers-table.ts';
import { errorBlocks, modelStatus, suggestionBlocks, targetLine } from './model-blocks.ts';
import { picturesOf, type ImageAddresses } from './pictures.ts';
import { pageLink } from './page-link.ts';
import { code, details, heading, list, paragraph, type Block, type Picture } from './page.ts';
import { joined, named, said, strong, type Phrase } from './phrase.ts';
import { isQuiet, modelsWorstFirst, targetsWorstFirst, verdictSymbols } from './ranking.ts';
import type { ModelReport, Report, TargetReport } from './report.ts';
import { remarkBlocks } from './remarks.ts';
import { sourceAddress, type SourceAddress } from './source-words.ts';
import { totalsTable } from './totals-table.ts';
import { whereNote, whereTable, whereTitle } from './where-table.ts';

/** What goes first where room is short: the lowest number. Later models and targets go before earlier ones. */
const importance = {
  config: 1,
  layers: 2,
  charts: 3,
  targets: 4,
  quiet: 5,
  notes: 6,
  computed: 7,
  where: 8,
  totals: 9,
  link: 10,
} as const;

export interface MarkdownOptions {
  readonly limit?: SizeLimit;
  /** Rows of the table of changes; the rest is told in one line. */
  readonly layers?: number;
  /** Addresses of drawn charts by their id; `off` and the text forms need none. */
  readonly images?: ReadonlyMap<string, ImageAddresses>;
  /** What stands for the pictures where `images` has none. */
  readonly charts?: 'mermaid' | 'text' | 'off';
  /** Where the report's own page opens. */
  readonly page?: string;
  /** The page of the repository: lines of code are linked there, at the head's commit. */
  readonly repository?: string;
}

const usualLayers = 12;

/** Ends with a line break; empty only where not even the verdict's symbol has room. */
export function renderMarkdown(report: Report, options: MarkdownOptions = {}): string {
  const headings = [headline(report), ...shortHeadlines(report)].map((words) => heading(3, words));
  const context = {
    ...options,
    pictures: picturesOf(report, options),
    addressOf: sourceAddress(report, options.repository),
  };
  return fit(headings, pieces(report, context), options.limit);
}

interface Context extends MarkdownOptions {
  readonly pictures: ReadonlyMap<TargetReport, readonly Picture[]>;
  readonly addressOf: SourceAddress;
}

function pieces(report: Report, options: Context): readonly Piece[] {
  const models = modelsWorstFirst(report);
  const loud = models.filter((model) => !isQuiet(model));
  const quiet = models.filter(isQuiet);
  return [
    ...linkPieces(options.page),
    ...notePieces(report, loud),
    ...loud.flatMap((model) => modelPieces(model, loud.length > 1, options)),
    ...(loud.length > 0 ? quietPieces(quiet) : []),
    { blocks: [computedDetails(report)], importance: importance.computed, noun: 'account of how this was computed' },
    ...(report.config.trim() === '' || loud.length === 0
      ? []
      : configBlocks(report).map((block) => ({
          blocks: [block],
          importance: importance.config,
          noun: 'resolved config',
        }))),
  ];
}

function linkPieces(page: string | undefined): readonly Piece[] {
  return page === undefined ? [] : [{ blocks: [pageLink(page)], importance: importance.link, noun: 'link' }];
}

function computedDetails(report: Report): Block {
  return details(['How this was computed · replay command'], [...computedBlocks(report), bandsBlock()]);
}

function notePieces({ notes, models }: Report, loud: readonly ModelReport[]): readonly Piece[] {
  if (notes.length === 0 || (loud.length === 0 && models.length > 0)) return [];
  return [{ blocks: [list(notes.map((note): Phrase => [said(note)]))], importance: importance.notes, noun: 'note' }];
}

/** Identical and retrained models are one line each kind. */
function quietPieces(models: readonly ModelReport[]): readonly Piece[] {
  const lines = (['retrained', 'identical'] as const).flatMap((change): readonly Phrase[] => {
    const paths = models.filter((model) => model.change === change).map(({ path }): Phrase => [named(path)]);
    if (paths.length === 0) return [];
    const words = change === 'retrained' ? 'Retrained only, same architecture and cost: ' : 'Nothing changed in ';
    const more = paths.length > namedQuietModels ? ` and ${paths.length - namedQuietModels} more` : '';
    return [[words, ...joined(paths.slice(0, namedQuietModels), ', '), more]];
  });
  return lines.map((line) => ({
    blocks: [paragraph(...line)],
    importance: importance.quiet,
    noun: 'line on unchanged models',
  }));
}

const namedQuietModels = 20;

function modelPieces(model: ModelReport, several: boolean, options: Context): readonly Piece[] {
  const [lead, ...others] = targetsWorstFirst(model);
  const title: readonly Block[] = several
    ? [heading(4, [`${verdictSymbols[model.verdict]} `, named(model.path), ...modelStatus(model)])]
    : [];
  const opening = [...title, ...errorBlocks(model)];
  if (lead === undefined) {
    return [{ blocks: opening, importance: importance.totals, noun: 'model' }].filter(
      ({ blocks }) => blocks.length > 0,
    );
  }
  return [
    ...leadPieces(opening, model, lead, options),
    ...otherPieces(model, others, options),
    ...[lead, ...others]
      .filter(({ layers }) => layers.some((row) => layerCount(row) > 0))
      .map((target) => layersPiece(target, { several: others.length > 0, addressOf: options.addressOf })),
  ];
}

function leadPieces(
  opening: readonly Block[],
  model: ModelReport,
  target: TargetReport,
  options: Context,
): readonly Piece[] {
  const totals = [...opening, targetLine(target), totalsTable(target, model.status), ...remarkBlocks(target)];
  return [
    { blocks: totals, importance: importance.totals, noun: 'table of totals' },
    ...(model.status === 'removed' ? [] : [...chartPieces(target, options), ...wherePieces(target, options)]),
    ...suggestionPieces(target),
  ];
}

function suggestionPieces(target: TargetReport): readonly Piece[] {
  const blocks = suggestionBlocks(target);
  return blocks.length === 0 ? [] : [{ blocks, importance: importance.where, noun: 'list of suggestions' }];
}

function wherePieces(target: TargetReport, { layers = usualLayers, addressOf }: Context): readonly Piece[] {
  const title = whereTitle(target, layers);
  if (title === undefined) return [];
  const piece = (rows: number): Piece => ({
    blocks: [
      paragraph(strong(title), ' (rows add up to the total)'),
      ...whereNote(target, rows),
      whereTable(target, rows, addressOf),
    ],
    importance: importance.where,
    noun: 'table of changed layers',
    shorter: () => (rows > 3 ? piece(Math.ceil(rows / 2)) : undefined),
  });
  return [piece(layers)];
}

/** The first picture is in sight, the others are folded away. */
function chartPieces(target: TargetReport, context: Context): readonly Piece[] {
  const { charts = 'mermaid', layers = usualLayers, pictures } = context;
  const piece = (block: Block): Piece => ({ blocks: [block], importance: importance.charts, noun: 'chart' });
  if (charts === 'off') return [];
  const [first, ...others] = (pictures.get(target) ?? []).map((picture): Block => ({ kind: 'picture', picture }));
  if (first !== undefined) {
    return [piece(first), ...(others.length === 0 ? [] : [piece(details(['More charts'], others))])];
  }
  if (whereTitle(target, layers) === undefined) return [];
  const bars = code('text', unicodeBars(target, layers));
  return [
    piece(
      details(['Latency by layer, base and head'], charts === 'text' ? [bars] : [mermaidBlock(target, layers), bars]),
    ),
  ];
}

function otherPieces(model: ModelReport, targets: readonly TargetReport[], options: Context): readonly Piece[] {
  if (targets.length === 0) return [];
  const blocks = targets.flatMap((target): readonly Block[] => {
    const { layers = usualLayers, addressOf } = options;
    const title = whereTitle(target, layers);
    const where =
      title === undefined
        ? []
        : [paragraph(strong(title)), ...whereNote(target, layers), whereTable(target, layers, addressOf)];
    const name = heading(4, [`${verdictSymbols[target.verdict]} `, named(target.target.id)]);
    return [name, targetLine(target), totalsTable(target, model.status), ...remarkBlocks(target), ...where];
  });
  return [{ blocks: [details(['Per target'], blocks)], importance: importance.targets, noun: 'table per target' }];
}

interface LayersPiece {
  readonly several: boolean;
  readonly addressOf: SourceAddress;
}

/** Halved as often as it takes before it goes. */
function layersPiece(target: TargetReport, form: LayersPiece, shown = target.layers.length): Piece {
  const { several, addressOf } = form;
  const compared = target.totals.latencySeconds.delta !== null;
  const summary: Phrase = several ? ['All layers on ', named(target.target.id)] : ['All layers'];
  const missing = target.layers.length - shown;
  const cut: readonly Block[] = missing === 0 ? [] : [paragraph(`${missing} more rows are in the JSON report.`)];
  return {
    blocks: [details(summary, [layersTable(target.layers.slice(0, shown), { compared, addressOf }), ...cut])],
    importance: importance.layers,
    noun: 'table of all layers',
    shorter: () => (shown > 20 ? layersPiece(target, form, Math.ceil(shown / 2)) : undefined),
  };
}
