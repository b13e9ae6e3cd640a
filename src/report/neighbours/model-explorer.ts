/**
 * Model Explorer's node data, one file for each figure, since a node has one value in each; and the mapping that keeps
 * two panes in step, the base on the left and the head on the right.
 */
import type { AdditiveMetric } from '../../compare/comparison.ts';
import { jsonLine } from '../json-line.ts';
import { changeColor, colorsOfWords, heat } from './explorer-colors.ts';
import { explorerMapping } from './explorer-mapping.ts';
import { explorerPlaces, type ExplorerPlace } from './explorer-places.ts';
import { changeOf, changeWords } from './layer-words.ts';
import { isCompared, neighbourFileName, sidesOf, type NeighbourFile, type NeighbourSubject } from './neighbour.ts';
import { largestOf, placedLayers, sumOf, type Placed, type RowLayer } from './placed-layers.ts';

interface NodeResult {
  readonly value: number | string;
  readonly bgColor?: string;
}

/** Of one graph of the model. */
interface GraphNodeData {
  readonly name: string;
  readonly results: Readonly<Record<string, NodeResult>>;
  readonly gradient?: typeof heat;
}

/** By id of the graph. */
type ModelNodeData = Readonly<Record<string, GraphNodeData>>;

interface Figure {
  readonly title: string;
  /** In the name of its file. */
  readonly word: string;
  readonly valueOf: (layers: readonly RowLayer[]) => number | string;
  readonly isChange?: true;
}

const secondsToMicroseconds = 1e6;
const joulesToMicrojoules = 1e6;

const sideFigures: readonly Figure[] = [
  { title: 'Latency (µs)', word: 'latency', valueOf: scaledSum('latencySeconds', secondsToMicroseconds) },
  { title: 'Energy (µJ)', word: 'energy', valueOf: scaledSum('energyJoules', joulesToMicrojoules) },
  { title: 'MACs', word: 'macs', valueOf: scaledSum('macs', 1) },
  { title: 'Weights (bytes)', word: 'weights', valueOf: scaledSum('weightsBytes', 1) },
  {
    title: 'Live memory (bytes)',
    word: 'memory',
    valueOf: (layers) => largestOf(layers, ({ memoryBytes }) => memoryBytes),
  },
  { title: 'Unit', word: 'unit', valueOf: (layers) => different(layers.map(({ layer }) => layer.unit)) },
  { title: 'Bound by', word: 'bound', valueOf: (layers) => different(layers.map(({ layer }) => layer.bound)) },
];

/** Where there are two versions. */
const changeFigures: readonly Figure[] = [
  {
    title: 'Change of latency (µs)',
    word: 'latency-change',
    valueOf: (layers) => shortened(changeOf(layers, 'latencySeconds') * secondsToMicroseconds),
    isChange: true,
  },
  { title: 'What changed', word: 'change', valueOf: (layers) => different(layers.map(({ row }) => changeWords(row))) },
];

export function modelExplorerFiles(subject: NeighbourSubject): readonly NeighbourFile[] {
  const figures = [...sideFigures, ...(isCompared(subject) ? changeFigures : [])];
  const files = sidesOf(subject).flatMap(({ name, side, words }) => {
    const placed = placedLayers(subject.rows, name, explorerPlaces(side.model)).filter(
      ({ layers }) => layers.length > 0,
    );
    return placed.length === 0 ? [] : figures.map((figure) => figureFile(subject, words, { figure, placed }));
  });
  const mapping = explorerMapping(subject);
  if (mapping === undefined) return files;
  const name = neighbourFileName(subject, ['mapping'], 'json');
  return [...files, { name, words: 'mapping of base to head', text: `${jsonLine(mapping)}\n` }];
}

interface Shown {
  readonly figure: Figure;
  readonly placed: readonly Placed<ExplorerPlace>[];
}

function figureFile(subject: NeighbourSubject, side: string, shown: Shown): NeighbourFile {
  const { title, word } = shown.figure;
  return {
    name: neighbourFileName(subject, [side, word], 'json'),
    words: side === '' ? title : `${side}: ${title}`,
    text: `${jsonLine(nodeData(shown))}\n`,
  };
}

function nodeData({ figure, placed }: Shown): ModelNodeData {
  const byGraph = new Map<string, Map<string, number | string>>();
  for (const { place, layers } of placed) {
    const values = byGraph.get(place.graph) ?? new Map<string, number | string>();
    byGraph.set(place.graph, values);
    const value = figure.valueOf(layers);
    if (value !== '') values.set(place.node, value);
  }
  return Object.fromEntries([...byGraph].map(([graph, values]) => [graph, graphNodeData(figure, values)]));
}

function graphNodeData({ title, isChange }: Figure, values: ReadonlyMap<string, number | string>): GraphNodeData {
  const all = [...values.values()];
  const numbers = all.filter((value) => typeof value === 'number');
  const colors = colorsOfWords(all.filter((value) => typeof value === 'string'));
  const most = numbers.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  const results = [...values].map(([node, value]): readonly [string, NodeResult] => {
    if (typeof value === 'string') return [node, { value, bgColor: colors.get(value)! }];
    return [node, isChange === true ? { value, bgColor: changeColor(value, most) } : { value }];
  });
  return {
    name: title,
    results: Object.fromEntries(results),
    ...(numbers.length > 0 && isChange !== true ? { gradient: heat } : {}),
  };
}

function scaledSum(metric: AdditiveMetric, scale: number): Figure['valueOf'] {
  return (layers) => shortened(sumOf(layers, (layer) => layer[metric]) * scale);
}

/** Model Explorer prints all digits that there are. */
const significantDigits = 6;

function shortened(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(significantDigits));
}

function different(words: readonly string[]): string {
  return [...new Set(words)].filter((word) => word !== '').join('; ');
}
