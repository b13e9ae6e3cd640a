/** Every column that the table can show. */
import type { DiffRow } from '../../../compare/comparison.ts';
import type { LayerCost } from '../../../simulate/simulation.ts';
import { percent } from '../../../units.ts';
import { visibleName } from '../../inert.ts';
import { joined, named, type Phrase } from '../../phrase.ts';
import { rowName, slowestLayer } from '../../repeats.ts';
import type { TargetReport } from '../../report.ts';
import { changePhrase, whyPhrase } from '../../why.ts';
import {
  commonFrame,
  maximumColumn,
  printedColumn,
  plainColumn,
  relativeColumn,
  shareOfTotalColumn,
  sumColumn,
  noFigure,
  type FigureColumn,
} from './figure-column.ts';
import { metricSteps, stepOf } from './steps.ts';
import {
  hasSide,
  isCompared,
  metricValues,
  columnMetrics,
  type MetricValues,
  type ColumnMetric,
} from './column-metrics.ts';

export type Column = WordsColumn | NumbersColumn;

interface CommonColumn {
  readonly id: string;
  readonly title: string;
  /** Under which it stands in the list of columns. */
  readonly group: string;
}

export interface WordsColumn extends CommonColumn {
  readonly kind: 'words';
  readonly phraseOf: (row: DiffRow) => Phrase;
  readonly width: 'narrow' | 'middle' | 'wide';
}

export interface NumbersColumn extends CommonColumn {
  readonly kind: 'numbers';
  readonly metric: ColumnMetric;
  readonly of: NumbersKind;
  /** `base`, `change %`: the title below that of the metric. */
  readonly kindTitle: string;
  readonly figures: FigureColumn;
}

export type NumbersKind = 'base' | 'head' | 'change' | 'ratio' | 'share';

/** The layer that names and words of a row are about. */
export function tellingLayer({ base, head }: DiffRow): LayerCost | undefined {
  return slowestLayer(head) ?? slowestLayer(base);
}

const layerPhrase =
  (of: (layer: LayerCost) => string) =>
  (row: DiffRow): Phrase => {
    const layer = tellingLayer(row);
    return layer === undefined || of(layer) === '' ? [] : [named(of(layer), 64)];
  };

/** Each name once, those of the head first. */
export function sourceNodes({ base, head }: DiffRow): readonly string[] {
  return [...new Set([...head, ...base].flatMap(({ nodes }) => nodes))];
}

const words = (id: string, title: string, width: WordsColumn['width'], phraseOf: WordsColumn['phraseOf']): Column => ({
  ...{ kind: 'words', group: 'Layer', id, title, width, phraseOf },
});

const wordColumns: readonly Column[] = [
  words('name', 'Layer', 'wide', (row) => [named(rowName(row), 160)]),
  words('change', 'Change', 'wide', (row) => changePhrase([row])),
  words('status', 'Match', 'narrow', ({ match, base, head }) => (base.length + head.length > 0 ? [match.status] : [])),
  words('evidence', 'Evidence', 'narrow', ({ match }) => (match.evidence === 'none' ? [] : [match.evidence])),
  words('confidence', 'Confidence', 'narrow', ({ match, base, head }) =>
    base.length > 0 && head.length > 0 ? [percent(match.confidence)] : [],
  ),
  words(
    'op',
    'Operator',
    'middle',
    layerPhrase(({ op }) => op),
  ),
  words(
    'unit',
    'Unit',
    'narrow',
    layerPhrase(({ unit }) => unit),
  ),
  words(
    'dtype',
    'Type',
    'narrow',
    layerPhrase(({ dtype }) => dtype),
  ),
  words(
    'shape',
    'Output shape',
    'middle',
    layerPhrase(({ outputShape }) => outputShape.join('×')),
  ),
  words(
    'bound',
    'Bound by',
    'narrow',
    layerPhrase(({ bound }) => bound),
  ),
  words('why', 'Why', 'wide', (row) => whyPhrase([row])),
  words('nodes', 'Source nodes', 'wide', (row) =>
    joined(
      sourceNodes(row).map((node): Phrase => [named(node, 64)]),
      ', ',
    ),
  ),
  words('source', 'Source line', 'middle', ({ source }) => (source === undefined ? [] : [named(source, 80)])),
];

const kindWords: Readonly<Record<NumbersKind, string>> = {
  base: 'base',
  head: 'head',
  change: 'change',
  ratio: 'change %',
  share: 'share',
};

/** Values and columns are worked out when they are first asked for. */
function metricColumns(metric: ColumnMetric, target: TargetReport): readonly Column[] {
  let found: MetricValues | undefined;
  const values = (): MetricValues => (found ??= metricValues(metric, target));
  return kindsOf(metric, target).map((of): Column => {
    let figures: FigureColumn | undefined;
    return {
      ...{ kind: 'numbers', metric, of, id: `${metric.id}-${of}`, group: metric.label },
      ...{ title: `${metric.label} ${kindWords[of]}`, kindTitle: kindWords[of] },
      get figures() {
        return (figures ??= figureColumn(metric, of, values()));
      },
    };
  });
}

function kindsOf(metric: ColumnMetric, target: TargetReport): readonly NumbersKind[] {
  const compared = isCompared(target) && hasSide(target, 'base') && hasSide(target, 'head');
  const adds = metric.together === 'sum';
  return [
    ...(hasSide(target, 'base') ? (['base'] as const) : []),
    ...(hasSide(target, 'head') ? (['head'] as const) : []),
    ...(compared ? (['change'] as const) : []),
    ...(compared && metric.quantity !== 'share' && metric.quantity !== 'ratio' ? (['ratio'] as const) : []),
    ...(adds ? (['share'] as const) : []),
  ];
}

function figureColumn(metric: ColumnMetric, of: NumbersKind, values: MetricValues): FigureColumn {
  const { base, head } = values;
  if (of === 'ratio') {
    const column = relativeColumn(base, head);
    return metric.together === 'sum' ? column : { ...column, together: () => noFigure };
  }
  if (of === 'share') return shareOfTotalColumn(head.some((value) => value > 0) ? head : base);
  const signed = of === 'change';
  if (metric.quantity === 'share' || metric.quantity === 'ratio') return printedColumn(values[of], metric, signed);
  const frame = { ...commonFrame(values, metric.quantity), signed };
  if (metric.together === 'sum') return sumColumn(values[of], metricSteps(values, stepOf(frame.unit))[of], frame);
  return metric.together === 'maximum' ? maximumColumn(values[of], frame) : plainColumn(values[of], frame);
}

export interface Columns {
  readonly all: readonly Column[];
  readonly byId: ReadonlyMap<string, Column>;
  /** Ids of what is shown until somebody chooses. */
  readonly usual: readonly string[];
}

export const noColumns: Columns = { all: [], byId: new Map(), usual: [] };

export function columnsOf(target: TargetReport): Columns {
  const words = wordColumns.map((column) =>
    column.kind === 'words' ? { ...column, phraseOf: remembered(column) } : column,
  );
  const all = [...words, ...columnMetrics(target).flatMap((metric) => metricColumns(metric, target))];
  const byId = new Map(all.map((column) => [column.id, column]));
  const latency = ['latency-base', 'latency-head', 'latency-change', 'latency-share'];
  const changes = isCompared(target) && hasSide(target, 'base') && hasSide(target, 'head') ? ['change'] : [];
  const usual = ['name', 'op', 'unit', ...latency, ...changes, 'why'].filter((id) => byId.has(id));
  return { all, byId, usual };
}

function remembered({ phraseOf }: WordsColumn): WordsColumn['phraseOf'] {
  const phrases = new Map<DiffRow, Phrase>();
  return (row) => {
    const known = phrases.get(row);
    if (known !== undefined) return known;
    const phrase = phraseOf(row);
    phrases.set(row, phrase);
    return phrase;
  };
}

/** A phrase as plain text: for files, the clipboard, sorting. */
export function phraseText(phrase: Phrase): string {
  return phrase.map(partText).join('');
}

function partText(part: Phrase[number]): string {
  if (typeof part === 'string') return part;
  if ('strong' in part) return part.strong;
  if ('said' in part) return part.said;
  return visibleName(part.name, 4000);
}
