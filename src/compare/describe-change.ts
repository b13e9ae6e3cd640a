/** What became of a pair of nodes: a status and the difference in the words of people who build networks. */
import type { CanonicalNode } from './canonical.ts';
import type { MatchStatus } from './comparison.ts';
import { conversionChanges } from './describe-conversions.ts';
import type { KeyedNode } from './keyed-graph.ts';
import { weightAxes as storedAxes } from '../operators/image-layout.ts';
import type { Attribute } from '../ir/graph.ts';
import { print } from '../ir/dimension.ts';
import { defaultText } from './attribute-defaults.ts';

export interface Change {
  readonly status: MatchStatus;
  readonly changes: readonly string[];
}

/** What a pair says whose weights could not be compared. */
export const weightsNotAvailable = 'weights not available';

/** Longer texts of a hostile file are cut. */
const maximumText = 40;

export function describePair(base: KeyedNode, head: KeyedNode, moved: boolean): Change {
  const replaced = [...operatorChange(base, head), ...typeChange(base, head)];
  const shapes = weightShapeChange(base, head);
  const resized = [...shapes, ...attributeChanges(base, head)];
  const outputs = outputChange(base, head, shapes.length > 0);
  const words = [...replaced, ...resized, ...outputs, ...conversionChanges(base, head)];
  if (words.length === 0 && base.settings !== head.settings) words.push('constants changed');
  if (base.foldedNorms !== head.foldedNorms) words.push(normalizationChange(base, head));
  if (moved) words.push('moved');
  if (replaced.length > 0) return { status: 'replaced', changes: words };
  if (words.length > (moved ? 1 : 0)) return { status: foldedStatus(base, head) ?? 'resized', changes: words };
  const values = valueChange(base, head);
  if (moved) return { status: 'moved', changes: [...words, ...values] };
  return { status: values[0] === onlyWeights ? 'retrained' : 'identical', changes: values };
}

/** What a pair says of which nothing but the values of weights differ. */
export const onlyWeights = 'only weights changed';

function valueChange(base: KeyedNode, head: KeyedNode): string[] {
  if (valuesDiffer(base, head)) return [onlyWeights];
  return base.weightsKnown && head.weightsKnown ? [] : [weightsNotAvailable];
}

/** What is known on both sides differs; what is missing on one says nothing. */
function valuesDiffer(base: KeyedNode, head: KeyedNode): boolean {
  const weights = base.weights.some((weight, index) => {
    const [digest, other] = [weight.fingerprint?.digest, head.weights[index]?.fingerprint?.digest];
    return digest !== undefined && other !== undefined && digest !== other;
  });
  if (weights || base.weights.length !== head.weights.length) return true;
  const folded = [...base.foldedWeights, ...head.foldedWeights];
  return !folded.includes('?') && base.foldedWeights.join() !== head.foldedWeights.join();
}

function foldedStatus(base: KeyedNode, head: KeyedNode): MatchStatus | undefined {
  if (base.foldedNorms === head.foldedNorms) return undefined;
  return base.foldedNorms > head.foldedNorms ? 'fused' : 'split';
}

function normalizationChange(base: KeyedNode, head: KeyedNode): string {
  const more = base.foldedNorms > head.foldedNorms ? base : head;
  return more === base ? 'BatchNormalization folded into the weights' : 'BatchNormalization no longer in the weights';
}

function operatorChange(base: KeyedNode, head: KeyedNode): string[] {
  if (base.operator === head.operator) return [];
  const kind = base.family === 'activation' ? 'activation ' : '';
  return [`${kind}${shorten(base.operator)} → ${shorten(head.operator)}`];
}

function typeChange(base: KeyedNode, head: KeyedNode): string[] {
  const [before, after] = [base.output?.dtype, head.output?.dtype];
  // A product of integers gives sums of 32 bits, whatever it multiplies.
  const integer = isIntegerProduct(base) !== isIntegerProduct(head);
  if (before && after && before !== after && !integer) return [`dtype ${before}→${after}`];
  const changed = base.weights.findIndex(
    (weight, index) => weight.dtype !== (head.weights[index]?.dtype ?? weight.dtype),
  );
  return changed < 0 ? [] : [`weights ${base.weights[changed]!.dtype}→${head.weights[changed]!.dtype}`];
}

function isIntegerProduct({ node }: KeyedNode): boolean {
  return node.operator.endsWith('Integer');
}

/** Axes of a weight by what they mean; `kernel` are those of a convolution's. */
function weightAxes(
  node: CanonicalNode,
  rank: number,
): { readonly out: number; readonly in: number; readonly kernel?: readonly number[] } {
  const { operator, attributes } = node.node;
  if (operator.includes('Conv')) {
    const [first = 0, second = 1, ...kernel] = storedAxes(node.node, rank) ?? [0, 1];
    return operator === 'ConvTranspose' ? { out: second, in: first, kernel } : { out: first, in: second, kernel };
  }
  const transposed = attributes.get('transB');
  return transposed?.kind === 'int' && transposed.value === 1 ? { out: 0, in: 1 } : { out: 1, in: 0 };
}

function weightShapeChange(base: KeyedNode, head: KeyedNode): string[] {
  const [before, after] = [base.weights[0]?.shape, head.weights[0]?.shape];
  if (before === undefined || after === undefined) return [];
  const [axes, axesAfter] = [weightAxes(base, before.length), weightAxes(head, after.length)];
  if (before.join() === after.join() && axes.out === axesAfter.out) return [];
  if (before.length !== after.length || before.length < 2 || (axes.kernel === undefined && before.length > 2)) {
    // Of another operator the same elements may lie in another order.
    const same = base.operator !== head.operator && before.toSorted().join() === after.toSorted().join();
    return same ? [] : [`weights ${dimensions(before)}→${dimensions(after)}`];
  }
  const [wide, wider] = [before[axes.out]!, after[axesAfter.out]!];
  const [inside, insideAfter] = [before[axes.in]!, after[axesAfter.in]!];
  const [kernel, kernelAfter] = [
    (axes.kernel ?? []).map((axis) => before[axis]!),
    (axesAfter.kernel ?? []).map((axis) => after[axis]!),
  ] as const;
  return [
    ...(wide === wider ? [] : [`${wider > wide ? 'widened' : 'narrowed'} ${wide}→${wider}`]),
    ...(inside === insideAfter ? [] : [`input channels ${inside}→${insideAfter}`]),
    ...(kernel.join() === kernelAfter.join() ? [] : [`kernel ${kernelText(kernel)}→${kernelText(kernelAfter)}`]),
  ];
}

/** Attributes that people call by another name. */
const attributeWords: ReadonlyMap<string, string> = new Map([
  ['kernel_shape', 'kernel'],
  ['strides', 'stride'],
  ['dilations', 'dilation'],
  ['pads', 'padding'],
  ['group', 'groups'],
]);

function attributeChanges(base: KeyedNode, head: KeyedNode): string[] {
  if (base.attributes === head.attributes || base.operator !== head.operator) return [];
  // A kernel's shape is in the weights, and said there.
  const names = [...new Set([...base.telling.keys(), ...head.telling.keys()])].filter(
    (name) => name !== 'kernel_shape' || base.weights.length === 0,
  );
  const changes = names.sort(byWeight).flatMap((name) => {
    const [from, to] = [attributeText(base, name), attributeText(head, name)];
    return from === to ? [] : [`${attributeWords.get(name) ?? shorten(name)} ${from}→${to}`];
  });
  return changes.length > 0 ? changes.slice(0, 4) : ['attributes changed'];
}

/** `mode` says more than the rest of a Resize. */
function byWeight(a: string, b: string): number {
  return Number(b === 'mode') - Number(a === 'mode') || (a < b ? -1 : 1);
}

function attributeText({ telling, node }: KeyedNode, name: string): string {
  const attribute: Attribute | undefined = telling.get(name) ?? node.attributes.get(name);
  if (attribute === undefined) return defaultText(node, name) ?? 'default';
  if (attribute.kind === 'ints' || attribute.kind === 'floats') return shorten(kernelText(attribute.values));
  if (attribute.kind === 'strings') return shorten(attribute.values.join());
  return 'value' in attribute && typeof attribute.value !== 'object' ? shorten(String(attribute.value)) : 'other';
}

function outputChange(base: KeyedNode, head: KeyedNode, weightsChanged: boolean): string[] {
  const [before, after] = [base.output?.shape, head.output?.shape];
  if (!before || !after) return [];
  const [from, to] = [before.map(print), after.map(print)];
  const changed = from.map((length, axis) => length !== to[axis]);
  if (from.length === to.length && !changed.includes(true)) return [];
  const layout = from.length === 4 && to.length === 4 ? imageLayout(changed) : undefined;
  if (layout === undefined) return [`shape ${from.join('×')}→${to.join('×')}`];
  const size = (shape: readonly string[]): string => layout.spatial.map((axis) => shape[axis]).join('×');
  const channels = changed[layout.channels] === true && !weightsChanged;
  return [
    ...(changed[0] === true ? [`batch ${from[0]}→${to[0]}`] : []),
    ...(channels ? [`channels ${from[layout.channels]}→${to[layout.channels]}`] : []),
    ...(size(from) === size(to) ? [] : [`resolution ${size(from)}→${size(to)}`]),
  ];
}

/** Images are NCHW here, but some exporters leave stretches in NHWC: height and width change together. */
function imageLayout([, first, second, third]: readonly boolean[]):
  { readonly channels: number; readonly spatial: readonly number[] } | undefined {
  if (second === third) return { channels: 1, spatial: [2, 3] };
  return first === true && second === true ? { channels: 3, spatial: [1, 2] } : undefined;
}

/** `3` for a square kernel, `1×5` else. */
function kernelText(sizes: readonly number[]): string {
  return sizes.length > 0 && sizes.every((size) => size === sizes[0]) ? String(sizes[0]) : dimensions(sizes);
}

function dimensions(sizes: readonly number[]): string {
  return sizes.join('×');
}

function shorten(text: string): string {
  return text.length > maximumText ? `${text.slice(0, maximumText - 1)}…` : text;
}
