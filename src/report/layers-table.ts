/** Every row of the diff, in execution order. */
import type { DiffRow } from '../compare/comparison.ts';
import type { LayerCost } from '../simulate/simulation.ts';
import { percent, printDelta, printQuantity } from '../units.ts';
import { rowName } from './contributions.ts';
import { table, type Block } from './page.ts';
import { joined, named, said, type Phrase } from './phrase.ts';
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

export function layersTable(rows: readonly DiffRow[]): Block {
  return table(titles, rows.map(layerRow));
}

function layerRow(row: DiffRow): readonly Phrase[] {
  const layer = row.head[0] ?? row.base[0];
  return [
    [named(rowName(row), 56)],
    matchPhrase(row),
    joined(
      row.changes.map((change): Phrase => [said(change)]),
      ', ',
    ),
    [side(row.base)],
    [side(row.head)],
    [printDelta(row.delta.latencySeconds, 'time')],
    [printDelta(row.delta.energyJoules, 'energy')],
    [printDelta(row.delta.fileBytes, 'size')],
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
