/** Every row of the diff, in execution order. */
import type { DiffRow } from '../compare/comparison.ts';
import type { LayerCost } from '../simulate/simulation.ts';
import { percent, printDelta, printQuantity } from '../units.ts';
import { rowName, slowestLayer } from './repeats.ts';
import { table, type Block } from './page.ts';
import { joined, named, said, type Phrase } from './phrase.ts';
import { sourcePhrase, type SourceAddress } from './source-words.ts';
import { isGuess } from './why.ts';

const titles = [
  'layer',
  'match',
  'change',
  '>base',
  '>head',
  '>latency',
  '>energy',
  '>size',
  'unit',
  'bound',
  '>utilization',
];

interface LayersForm {
  /** False where one side could not be read, so that nothing is known of a change. */
  readonly compared: boolean;
  readonly addressOf: SourceAddress;
}

export function layersTable(rows: readonly DiffRow[], form: LayersForm): Block {
  return table(
    titles,
    rows.map((row) => layerRow(row, form)),
  );
}

function layerRow(row: DiffRow, { compared, addressOf }: LayersForm): readonly Phrase[] {
  const change = (words: Phrase): Phrase => (compared ? words : ['–']);
  const layer = slowestLayer(row.head) ?? slowestLayer(row.base);
  return [
    joined([[named(rowName(row), 56)], compared ? sourcePhrase([row], addressOf) : []], ' '),
    compared ? matchPhrase(row) : ['not compared'],
    joined(
      row.changes.map((change): Phrase => [said(change)]),
      ', ',
    ),
    [side(row.base)],
    [side(row.head)],
    change([printDelta(row.delta.latencySeconds, 'time')]),
    change([printDelta(row.delta.energyJoules, 'energy')]),
    change([printDelta(row.delta.fileBytes, 'size')]),
    layer === undefined ? [] : [named(layer.unit, 24)],
    [layer?.bound ?? ''],
    [layer === undefined || layer.macs === 0 ? '' : percent(layer.utilization)],
  ];
}

function matchPhrase({ match, ...row }: DiffRow): Phrase {
  if (row.base.length === 0 && row.head.length === 0) return [];
  const evidence = match.evidence === 'none' ? '' : `by ${match.evidence}`;
  const doubt = isGuess({ match, ...row }) ? ` (confidence ${percent(match.confidence)})` : '';
  return joined([[match.status], evidence === '' ? [] : [evidence + doubt]], ' ');
}

function side(layers: readonly LayerCost[]): string {
  if (layers.length === 0) return '–';
  return printQuantity(
    layers.reduce((sum, { latencySeconds }) => sum + latencySeconds, 0),
    'time',
  );
}
