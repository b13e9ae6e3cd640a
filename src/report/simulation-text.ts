/** The document of `simulate` for people: totals with their bands, then the layers that take the time. */
import type { BandMetric, Totals } from '../simulate/simulation.ts';
import { percent, printBand, printQuantity } from '../units.ts';
import { bar } from './bars.ts';
import { causeWords } from './causes.ts';
import { metricDescriptions, printClock } from './metrics.ts';
import { details, heading, list, paragraph, table, type Block } from './page.ts';
import { named, said, type Phrase } from './phrase.ts';
import { printMarkdown } from './print-markdown.ts';
import { printText } from './print-text.ts';
import type { LayerDocument, SimulationDocument } from './simulation-document.ts';

const shownLayers = 20;
const barWidth = 16;

export function simulationText(document: SimulationDocument, format: 'text' | 'markdown'): string {
  const blocks = simulationBlocks(document, format);
  return `${format === 'markdown' ? printMarkdown(blocks) : printText(blocks)}\n`;
}

function simulationBlocks(document: SimulationDocument, format: 'text' | 'markdown'): readonly Block[] {
  const { model, target, layers, totals } = document;
  const slowest = layers
    .map((layer, index) => ({ layer, index }))
    .sort((a, b) => b.layer.latencySeconds - a.layer.latencySeconds || a.index - b.index)
    .slice(0, shownLayers)
    .map(({ layer }) => layer);
  const others = layers.length - slowest.length;
  const title: Phrase = [named(model.path), ' on ', named(target.id)];
  const layerTable = table(layerTitles, [
    ...slowest.map((layer) => layerRow(layer, totals.latencySeconds, slowest[0]!.latencySeconds)),
    ...(others > 0 ? [restRow(others, totals.latencySeconds - sumLatency(slowest))] : []),
  ]);
  return [
    heading(3, title),
    paragraph(`${target.status}, `, named(target.runtime), `, ${printClock(target.clockHertz)}`),
    table(['', '>estimate', '>band (80%)'], totalRows(totals)),
    ...remarks(document),
    paragraph('Where the time goes'),
    format === 'markdown' && layers.length > shownLayers ? details(['Slowest layers'], [layerTable]) : layerTable,
  ];
}

function sumLatency(layers: readonly LayerDocument[]): number {
  return layers.reduce((sum, layer) => sum + layer.latencySeconds, 0);
}

function totalRows(totals: Totals): readonly (readonly Phrase[])[] {
  return metricDescriptions.flatMap(({ key, label, quantity }): readonly (readonly Phrase[])[] => {
    const value = key === 'dramTrafficBytes' ? (totals.trafficBytes.dram ?? null) : totals[key];
    if (value === null) return [];
    const band = totals.bands[key as BandMetric];
    return [[[label], [printQuantity(value, quantity)], [band === undefined ? '' : bandWords(value, band, quantity)]]];
  });
}

function bandWords(
  value: number,
  band: readonly [number, number],
  quantity: Parameters<typeof printQuantity>[1],
): string {
  return `${printQuantity(band[0], quantity)} to ${printQuantity(band[1], quantity)} (${printBand(value, band)})`;
}

function remarks({ assumptions, unknownOperators, coverage }: SimulationDocument): readonly Block[] {
  const items: readonly Phrase[] = [
    ...assumptions.map((assumption): Phrase => [said(assumption)]),
    ...unknownOperators.map(({ op, count }): Phrase => [
      'unknown operator ',
      named(op),
      ` ×${count}: its cost is missing`,
    ]),
    ...(coverage.nodes < 1 ? [[`coverage: ${percent(coverage.nodes)} of the nodes`]] : []),
  ];
  return items.length === 0 ? [] : [list(items)];
}

const layerTitles = ['layer', 'op', 'unit', '>latency', '', '>energy', '>MACs', '>utilization', 'bound', 'why'];

function layerRow(layer: LayerDocument, totalSeconds: number, longestSeconds: number): readonly Phrase[] {
  const share = totalSeconds === 0 ? 0 : layer.latencySeconds / totalSeconds;
  const length = longestSeconds === 0 ? 0 : layer.latencySeconds / longestSeconds;
  return [
    [named(layer.name, 48)],
    layer.op === '' ? [] : [named(layer.op, 24)],
    [named(layer.unit, 16)],
    [printQuantity(layer.latencySeconds, 'time')],
    [`${bar(length, barWidth)} ${percent(share)}`.trim()],
    [printQuantity(layer.energyJoules, 'energy')],
    [layer.macs === 0 ? '–' : printQuantity(layer.macs, 'count')],
    [layer.macs === 0 ? '–' : percent(layer.utilization)],
    [layer.bound],
    mainCause(layer),
  ];
}

function restRow(count: number, seconds: number): readonly Phrase[] {
  const empty: Phrase = [];
  return [
    [`${count} more layers`],
    empty,
    empty,
    [printQuantity(seconds, 'time')],
    empty,
    empty,
    empty,
    empty,
    empty,
    empty,
  ];
}

/** The cause that costs most after the arithmetic itself, where it is worth a word. */
function mainCause({ causes, latencySeconds }: LayerDocument): Phrase {
  const [worst] = causes
    .filter(({ cause, seconds }) => cause !== 'compute' && seconds > 0.2 * latencySeconds)
    .toSorted((a, b) => b.seconds - a.seconds);
  return worst === undefined ? [] : causeWords(worst);
}
