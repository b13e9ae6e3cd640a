/**
 * Netron's attachment: a JSON file that Netron takes beside the open model and shows in the sidebars of nodes, tensors,
 * the graph and the model. `metadata` is for people, `metrics` has the numbers of the report, in SI units.
 */
import { additiveMetrics } from '../../compare/comparison.ts';
import type { LayerCost } from '../../simulate/simulation.ts';
import { printQuantity } from '../../units.ts';
import { visibleName, visibleSentence } from '../inert.ts';
import { jsonLine } from '../json-line.ts';
import { describeMetric } from '../metrics.ts';
import { causesWords, changeOf, changeWords, figureWords, layerName, longestShownName } from './layer-words.ts';
import {
  isCompared,
  neighbourFileName,
  sidesOf,
  type NamedSide,
  type NeighbourFile,
  type NeighbourSide,
  type NeighbourSubject,
} from './neighbour.ts';
import { firstLine, netronTargets, type NetronTarget } from './netron-targets.ts';
import { largestOf, placedLayers, sumOf, type Placed, type RowLayer } from './placed-layers.ts';

type Target = NetronTarget | { readonly kind: 'model' | 'graph'; readonly target: string };

/** What Netron shows as a line of a sidebar. */
type Entry = Target & { readonly name: string; readonly value: string | number };

interface Attachment {
  readonly signature: 'netron:attachment';
  readonly metadata: readonly Entry[];
  readonly metrics: readonly Entry[];
}

/** One for each version of the model, which Netron opens by itself. */
export function netronFiles(subject: NeighbourSubject): readonly NeighbourFile[] {
  return sidesOf(subject).map((named) => ({
    name: neighbourFileName(subject, [named.words], 'netron.json'),
    words: named.words === '' ? 'attachment' : `attachment of the ${named.words}`,
    text: `${jsonLine(attachmentOf(subject, named))}\n`,
  }));
}

function attachmentOf(subject: NeighbourSubject, { name, side, words }: NamedSide): Attachment {
  const compared = isCompared(subject);
  const placed = placedLayers(subject.rows, name, netronTargets(side.model));
  const all = subject.rows.flatMap((row) => row[name].map((layer, index) => ({ layer, row, isFirst: index === 0 })));
  const whole: readonly Target[] = [
    { kind: 'model', target: '' },
    { kind: 'graph', target: firstLine(side.model.graph.name) },
  ];
  return {
    signature: 'netron:attachment',
    metadata: [
      ...whole.flatMap((target) => entries(target, wholeWords(subject, words, all))),
      ...placed.flatMap((one) => entries(one.place, nodeWords(one, compared))),
    ],
    metrics: [
      ...whole.flatMap((target) => entries(target, wholeNumbers(all, side))),
      ...placed.flatMap((one) => entries(one.place, nodeNumbers(one, compared))),
    ],
  };
}

type Lines = readonly (readonly [name: string, value: string | number])[];

function entries(target: Target, lines: Lines): readonly Entry[] {
  return lines.map(([name, value]) => ({ ...target, name, value }));
}

function wholeWords({ path, target }: NeighbourSubject, side: string, all: readonly RowLayer[]): Lines {
  return [
    ['target', visibleName(target, longestShownName)],
    ['model', `${side} ${visibleName(path, longestShownName)}`.trim()],
    ...(['latencySeconds', 'energyJoules'] as const).map(
      (metric) => [describeMetric(metric).label, figureWords(all, metric, false)] as const,
    ),
  ];
}

function wholeNumbers(all: readonly RowLayer[], { schedule }: NeighbourSide): Lines {
  const arena = schedule.arenas.find(({ memory }) => memory === schedule.target.plan.activations);
  return [
    ...additiveMetrics
      // The file's size is more than that of its layers.
      .filter((metric) => metric !== 'fileBytes')
      .map((metric) => [metric, sumOf(all, (layer) => layer[metric])] as const),
    ...(arena === undefined ? [] : [['peakMemoryBytes', arena.peakBytes] as const]),
  ];
}

function nodeWords({ layers, partOf }: Placed<NetronTarget>, compared: boolean): Lines {
  const inside = partOf.map((one) => ['part of', layerName(one)] as const).slice(0, 1);
  if (layers.length === 0) return inside;
  const each = (words: (one: RowLayer) => string): string => [...new Set(layers.map(words))].filter(Boolean).join('; ');
  const lines: Lines = [
    ['latency', figureWords(layers, 'latencySeconds', compared)],
    ['energy', figureWords(layers, 'energyJoules', compared)],
    ['memory', memoryWords(layers)],
    ['runs on', each(({ layer }) => `${layer.unit}, ${layer.dtype}`)],
    ['bound by', each(({ layer }) => layer.bound)],
    ['time goes to', each(({ layer }) => causesWords(layer))],
    ['not on the main unit', each(({ layer }) => visibleSentence(layer.fallback ?? ''))],
    ['change', compared ? each(({ row }) => changeWords(row)) : ''],
  ];
  return lines.filter(([, value]) => value !== '');
}

function memoryWords(layers: readonly RowLayer[]): string {
  return printQuantity(largestOf(layers, memoryOf), 'memory');
}

function nodeNumbers({ layers }: Placed<NetronTarget>, compared: boolean): Lines {
  if (layers.length === 0) return [];
  const memories = [...new Set(layers.flatMap(({ layer }) => Object.keys(layer.trafficBytes)))];
  return [
    ...additiveMetrics.map((metric) => [metric, sumOf(layers, (layer) => layer[metric])] as const),
    ['memoryBytes', largestOf(layers, memoryOf)],
    ...memories.map((memory) => [`trafficBytes ${memory}`, sumOf(layers, trafficOf(memory))] as const),
    ...(layers.length === 1 ? [['utilization', layers[0]!.layer.utilization] as const] : []),
    ...(compared ? [['latencySeconds change', changeOf(layers, 'latencySeconds')] as const] : []),
  ];
}

function memoryOf({ memoryBytes }: LayerCost): number {
  return memoryBytes;
}

function trafficOf(memory: string): (layer: LayerCost) => number {
  return ({ trafficBytes }) => trafficBytes[memory] ?? 0;
}
