/** The document of `inspect` for people: what is in the file, then its layers. */
import { percent, printQuantity, type Quantity } from '../units.ts';
import { bar } from './bars.ts';
import { counted } from './headline.ts';
import type { InspectDocument } from './inspect.ts';
import { details, heading, list, paragraph, table, type Block } from './page.ts';
import { joined, named, said, type Phrase } from './phrase.ts';
import { printMarkdown } from './print-markdown.ts';
import { printText } from './print-text.ts';

type Layer = InspectDocument['layers'][number];
type Shape = InspectDocument['tensors'][number]['shape'];

const largestLayers = 5;
const barWidth = 16;

/** Ends with a line break. */
export function inspectText(document: InspectDocument, format: 'text' | 'markdown'): string {
  const layers = layersTable(document);
  const blocks = [
    heading(3, [named(document.model.path)]),
    list(facts(document)),
    tensorsTable('input', document.inputs),
    tensorsTable('output', document.outputs),
    ...largestBlocks(document),
    paragraph('Layers in file order'),
    format === 'markdown' ? details([counted(document.layers.length, 'layer')], [layers]) : layers,
  ];
  return `${format === 'markdown' ? printMarkdown(blocks) : printText(blocks)}\n`;
}

function facts(document: InspectDocument): readonly Phrase[] {
  const { model, assumptions, unknownOperators, coverage } = document;
  const opsets = Object.entries(model.opsets).map(([domain, version]): Phrase => [named(domain), ` ${version}`]);
  const unknown = unknownOperators.map(({ op, count }): Phrase => [named(op), ` ×${count}`]);
  const undecided = document.tensors.filter(({ dataDependent }) => dataDependent !== undefined).length;
  return [
    [model.format, ' from ', ...(model.producer === '' ? ['an unnamed producer'] : [named(model.producer)])],
    ['opsets: ', ...joined(opsets, ', ')],
    [
      `${counted(model.nodes, 'node')}, ${amount(model.parameters, 'count')} parameters, ${amount(model.macs, 'count')} MACs, `,
      `${amount(model.weightsBytes, 'size')} of weights in ${amount(model.fileBytes, 'size')}`,
    ],
    [`coverage: ${percent(coverage.nodes)} of the nodes`],
    ...(unknown.length === 0 ? [] : [['unknown operators: ', ...joined(unknown, ', ')]]),
    ...(undecided === 0 ? [] : [[`${counted(undecided, 'tensor')} whose shape the data decides`]]),
    ...assumptions.map((assumption): Phrase => [said(assumption)]),
  ];
}

function amount(value: number | null, quantity: Quantity): string {
  return value === null ? '?' : printQuantity(value, quantity);
}

function tensorsTable(title: string, tensors: InspectDocument['inputs']): Block {
  const rows = tensors.map(({ name, shape, dtype }): readonly Phrase[] => [
    [named(name, 56)],
    shapePhrase(shape),
    [dtype ?? '?'],
  ]);
  return table([title, 'shape', 'type'], rows);
}

/** `1 × 3 × height × width`; `?` where nobody can know. */
function shapePhrase(shape: Shape): Phrase {
  if (shape === null) return ['?'];
  if (shape.length === 0) return ['scalar'];
  const sizes = shape.map((size): Phrase => {
    if (size === null) return ['?'];
    return [typeof size === 'number' ? String(size) : named(size, 40)];
  });
  return joined(sizes, ' × ');
}

/** Where the arithmetic and the bytes are. */
function largestBlocks({ layers, model }: InspectDocument): readonly Block[] {
  const byMacs = largest(layers, ({ macs }) => macs ?? 0);
  const byWeights = largest(layers, ({ weightsBytes }) => weightsBytes);
  const blocks = [
    shareTable('most MACs', byMacs, ({ macs }) => ({ value: macs ?? 0, total: model.macs, quantity: 'count' })),
    shareTable('largest weights', byWeights, ({ weightsBytes }) => ({
      value: weightsBytes,
      total: model.weightsBytes,
      quantity: 'size',
    })),
  ];
  return blocks.filter((block) => block !== undefined);
}

function largest(layers: readonly Layer[], size: (layer: Layer) => number): readonly Layer[] {
  return layers
    .filter((layer) => size(layer) > 0)
    .toSorted((a, b) => size(b) - size(a))
    .slice(0, largestLayers);
}

interface Share {
  readonly value: number;
  readonly total: number | null;
  readonly quantity: Quantity;
}

function shareTable(title: string, layers: readonly Layer[], shareOf: (layer: Layer) => Share): Block | undefined {
  if (layers.length === 0) return undefined;
  const rows = layers.map((layer): readonly Phrase[] => {
    const { value, total, quantity } = shareOf(layer);
    const share = total === null || total === 0 ? 0 : value / total;
    return [
      [named(layer.name, 56)],
      [named(layer.op, 24)],
      [printQuantity(value, quantity)],
      [share === 0 ? '' : `${bar(share, barWidth)} ${percent(share)}`],
    ];
  });
  return table([title, 'op', '>', ''], rows);
}

function layersTable({ layers }: InspectDocument): Block {
  const rows = layers.map((layer): readonly Phrase[] => [
    [named(layer.name, 56)],
    [named(layer.op, 24)],
    joined(
      layer.outputs.map(({ shape }) => shapePhrase(shape)),
      ', ',
    ),
    [layer.outputs[0]?.dtype ?? '?'],
    [layer.macs === 0 ? '–' : amount(layer.macs, 'count')],
    [layer.parameters === 0 ? '–' : amount(layer.parameters, 'count')],
    [layer.weightsBytes === 0 ? '–' : amount(layer.weightsBytes, 'size')],
  ]);
  return table(['layer', 'op', 'output', 'type', '>MACs', '>parameters', '>weights'], rows);
}
