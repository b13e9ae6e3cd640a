/** What each box of the open module says and how it is marked. */
import type { DiffRow } from '../../../compare/comparison.ts';
import { leadingLayer, presentLayers } from '../../../compare/rows.ts';
import type { Box, ModuleLayout, PageEdge, PageModule } from '../../html/document.ts';
import type { LayerCost } from '../../../simulate/simulation.ts';
import { hasBothSides, type ColumnMetric } from '../figures/column-metrics.ts';
import { counted } from '../../headline.ts';
import { visibleName } from '../../inert.ts';
import type { TargetReport } from '../../report.ts';
import {
  metricNamed,
  printMetric,
  printSides,
  shownName,
  valueOfRows,
  valuesOf,
  whatIfSides,
  type SidedValue,
} from '../rows/row-figures.ts';
import { countStatuses, statusOfCounts, type RowStatus, type StatusCounts } from '../rows/row-status.ts';
import type { WhatIfAnswer } from '../worker/protocol.ts';
import type { ModuleIndex } from '../rows/module-index.ts';
import type { GraphSettings, Paint } from './settings.ts';
import { shadeOf, turnOf } from './shades.ts';

export interface GraphBox {
  /** Among the children of the module. */
  readonly index: number;
  readonly place: Box;
  readonly child: number | PageModule;
  readonly rows: readonly number[];
  readonly name: string;
  /** The name without the path of the module that is open, where it begins with that. */
  readonly nameInside: string;
  /** `Conv`; `24 layers` of a module. */
  readonly kind: string;
  /** False: there is one version, and nothing is added, removed or changed. */
  readonly isCompared: boolean;
  readonly status: RowStatus;
  readonly counts: StatusCounts;
  /** Ids of the units that it runs on. */
  readonly units: readonly string[];
  readonly isFallback: boolean;
  /** False for what no node of the file stands for: the invocation, what of the file is no layer's. */
  readonly isLayer: boolean;
  readonly value: SidedValue;
  /** The metric, base and head. */
  readonly figures: string;
  /** Of the largest value in the picture; 0 where there is none. */
  readonly baseShare: number;
  readonly headShare: number;
  /** Class that colours it. */
  readonly shade: string;
}

export interface Picture {
  readonly module: PageModule;
  readonly layout: ModuleLayout;
  readonly boxes: readonly GraphBox[];
  /** Box by row. */
  readonly boxOfRow: ReadonlyMap<number, number>;
  /** Largest value and largest change: the ends of the colour scales. */
  readonly largest: number;
  readonly largestChange: number;
  readonly metric: ColumnMetric;
}

const noLayout: ModuleLayout = { width: 0, height: 0, boxes: [], wires: [] };

interface Drawn {
  readonly index: ModuleIndex;
  readonly layouts: ReadonlyMap<string, ModuleLayout>;
  readonly target: TargetReport;
  /** Whose figures are told; null: those of the report. */
  readonly answer: WhatIfAnswer | null;
}

type Chosen = Pick<GraphSettings, 'module' | 'metric' | 'paint'>;

export function pictureOf({ index, layouts, target, answer }: Drawn, settings: Chosen): Picture {
  const module = index.byId.get(settings.module) ?? index.root;
  const layout = layouts.get(module.id) ?? noLayout;
  const metric = toldMetric(target, settings.metric, answer);
  const values = answer === null ? valuesOf(target, metric) : whatIfSides(target, metric, answer);
  const path = pathOf(index.pathTo(module.id));
  const plain = layout.boxes.map((place, position) => {
    const child = module.children[position]!;
    const numbers = index.rowsOf(child);
    const own = numbers.map((row) => target.layers[row]!);
    return {
      index: position,
      place,
      child,
      rows: numbers,
      own,
      value: valueOfRows(target, { metric, values }, numbers),
    };
  });
  const largest = plain.reduce((most, { value }) => Math.max(most, value.base || 0, value.head || 0), 0);
  const largestChange = plain.reduce((most, { value }) => Math.max(most, Math.abs(value.change || 0)), 0);
  const compared = hasBothSides(target);
  const boxes = plain.map(({ own, ...box }): GraphBox => {
    const counts = countStatuses(compared ? own : []);
    const { base, head, change } = box.value;
    const words = wordsOf(box.child, own);
    return {
      ...box,
      ...words,
      nameInside: nameInside(words.name, path),
      ...{ counts, status: statusOfCounts(counts), ...unitsOf(own) },
      figures: compared || answer !== null ? printSides(metric, box.value) : printMetric(metric, oneSide(box.value)),
      isCompared: compared,
      baseShare: largest === 0 ? 0 : (base || 0) / largest,
      headShare: largest === 0 ? 0 : (head || 0) / largest,
      shade: shadeIn(settings, oneSide(box.value), change, { largest, largestChange }),
    };
  });
  const boxOfRow = new Map(boxes.flatMap((box) => box.rows.map((row) => [row, box.index] as const)));
  return { module, layout, boxes, boxOfRow, largest, largestChange, metric };
}

/** Of the innermost scope of names: its id, but for what tells apart modules of one path. */
function pathOf(modules: readonly PageModule[]): string {
  return modules.findLast(({ kind }) => kind === 'module')?.id.replace(/~\d+$/, '') ?? '';
}

function nameInside(name: string, path: string): string {
  return path !== '' && name.startsWith(path) && name.length > path.length ? name.slice(path.length) : name;
}

/** Figures of a what-if say that they are. */
function toldMetric(target: TargetReport, id: string, answer: WhatIfAnswer | null): ColumnMetric {
  const metric = metricNamed(target, id);
  if (answer === null) return metric;
  return { ...metric, label: `${metric.label} under the what-if` };
}

function oneSide({ base, head }: SidedValue): number {
  return Number.isNaN(head) ? base : head;
}

function shadeIn(
  { paint }: Chosen,
  value: number,
  change: number,
  { largest, largestChange }: Pick<Picture, 'largest' | 'largestChange'>,
): string {
  if (paint === 'status') return '';
  return paint === 'value' ? shadeOf(value, largest) : turnOf(change, largestChange);
}

function wordsOf(child: number | PageModule, own: readonly DiffRow[]): Pick<GraphBox, 'name' | 'kind'> {
  if (typeof child === 'number') {
    const row = own[0]!;
    const layers = presentLayers(row);
    const more = layers.length > 1 ? ` ×${layers.length}` : '';
    return { name: shownName(row), kind: operatorOf(layers) + more };
  }
  return { name: visibleName(child.title, 200), kind: counted(own.length, 'layer') };
}

function operatorOf(layers: readonly LayerCost[]): string {
  const operator = leadingLayer(layers)?.op ?? '';
  return operator === '' ? '' : visibleName(operator, 40);
}

function unitsOf(own: readonly DiffRow[]): Pick<GraphBox, 'units' | 'isFallback' | 'isLayer'> {
  const layers = own.flatMap(presentLayers);
  return {
    units: [...new Set(layers.map(({ unit }) => unit))],
    isLayer: layers.some(({ nodes }) => nodes.length > 0),
    isFallback: layers.some(({ fallback }) => fallback !== null),
  };
}

const statusWords: Readonly<Record<RowStatus, string>> = {
  added: 'added',
  removed: 'removed',
  changed: 'changed',
  same: 'unchanged',
};

/** What a screen reader says of a box. */
export function boxLabel(box: GraphBox, { label }: ColumnMetric): string {
  const units = box.units.length > 0 ? [`on ${box.units.map((unit) => visibleName(unit, 24)).join(' and ')}`] : [];
  const words = [
    visibleName(box.name, 120),
    box.kind,
    `${label} ${box.figures}`,
    box.isCompared ? (typeof box.child === 'number' ? statusWords[box.status] : countWords(box.counts)) : '',
    ...units,
    ...(typeof box.child === 'number' ? [] : ['a module, Enter opens it']),
  ];
  return words.filter((word) => word !== '').join(', ');
}

/** `+2 −1 ~5`, in words: `2 added, 1 removed, 5 changed`. */
export function countWords({ added, removed, changed }: StatusCounts): string {
  const words = [
    added > 0 ? `${added} added` : '',
    removed > 0 ? `${removed} removed` : '',
    changed > 0 ? `${changed} changed` : '',
  ].filter((word) => word !== '');
  return words.length === 0 ? 'unchanged' : words.join(', ');
}

/** `1×64×112×112 int8, 784 KiB`; of several tensors the first and how many more. */
export function wireLabel(edges: readonly PageEdge[]): string {
  const [first] = edges;
  if (first === undefined) return '';
  const shape = first.shape === null ? '?' : first.shape.length === 0 ? 'scalar' : first.shape.join('×');
  const dtype = first.dtype === null ? '' : ` ${visibleName(first.dtype, 16)}`;
  const more = edges.length > 1 ? ` +${edges.length - 1}` : '';
  return `${visibleName(shape, 40)}${dtype}${more}`;
}

export function largestWords(picture: Picture, paint: Paint): string {
  return printMetric(picture.metric, paint === 'value' ? picture.largest : picture.largestChange);
}
