/** Every column that the table can show. */
import type { DiffRow } from '../../../compare/comparison.ts';
import type { LayerCost } from '../../../simulate/simulation.ts';
import { percent } from '../../../units.ts';
import { visibleName } from '../../inert.ts';
import { joined, named, type Phrase } from '../../phrase.ts';
import { rowName, slowestLayer } from '../../repeats.ts';
import type { TargetReport } from '../../report.ts';
import { changePhrase, whyPhrase } from '../../why.ts';
import type { Column, WordsColumn } from './column.ts';
import { columnMetrics, hasBothSides } from './column-metrics.ts';
import { metricColumns } from './metric-columns.ts';

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
  const changes = hasBothSides(target) ? ['change'] : [];
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
