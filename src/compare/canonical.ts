/**
 * A graph as the matcher sees it: no names, no metadata, no exporter's habits. Quantize and dequantize nodes are
 * decorations of the layer beside them, and weights are known by their content.
 */
import type { WeightFingerprint } from '../formats/weights.ts';
import { isFloat, isQuantizedInteger } from '../ir/data-type.ts';
import { print } from '../ir/dimension.ts';
import type { Attribute, Graph, Initializer, Node, TensorType } from '../ir/graph.ts';
import { findOperator } from '../operators/index.ts';
import type { PreparedModel } from '../passes/prepared.ts';
import { attributesText, tellingAttributes } from './canonical-attributes.ts';
import { settledInputs } from './settled-inputs.ts';
import { computedNodes } from './computed-nodes.ts';
import { decorationOwners, undecorated } from './decorations.ts';
import { isConversion } from './operator-families.ts';

/** One side of a comparison: the prepared model and what is known of its weights, by initializer name. */
export interface MatchSide {
  readonly prepared: PreparedModel;
  readonly weights: ReadonlyMap<string, WeightFingerprint>;
}

/** A constant operand whose values training decides. */
export interface WeightUse {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Undefined: the bytes are not there. */
  readonly fingerprint: WeightFingerprint | undefined;
}

/** Where an operand comes from; `producer` is a place in `CanonicalGraph.nodes`. */
export type Operand =
  | { readonly kind: 'node'; readonly producer: number; readonly output: number }
  | { readonly kind: 'input'; readonly index: number }
  | { readonly kind: 'weight'; readonly weight: WeightUse }
  /** Steers the computation: axes, target shapes, limits. `text` is its value, undefined where that is not there. */
  | { readonly kind: 'setting'; readonly text: string | undefined }
  | { readonly kind: 'absent' };

/** A node with its decorations, stripped of names. */
export interface CanonicalNode {
  readonly node: Node;
  /** Ids of the file's nodes that it stands for, the node itself first. */
  readonly sources: readonly string[];
  /** How many normalizations were folded into it. */
  readonly foldedNorms: number;
  readonly attributes: string;
  /** Those behind that text, by name; what newer opsets hand in as a constant is among them. */
  readonly telling: ReadonlyMap<string, Attribute>;
  readonly operands: readonly Operand[];
  readonly weights: readonly WeightUse[];
  /** The values of its settings. */
  readonly settings: string;
  /** Digests of the weights of nodes that were folded into this one, of its decorations and its quantization. Sorted. */
  readonly foldedWeights: readonly string[];
  /** False when any of its weights could not be read. */
  readonly weightsKnown: boolean;
  /** What quantize, dequantize and cast nodes at its borders (or itself) convert: `int8→float32`. Sorted. */
  readonly conversions: readonly string[];
  /** `float32[1,64,56,56]` by output. */
  readonly outputTypes: readonly string[];
  readonly output: TensorType | undefined;
}

export interface CanonicalGraph {
  /** In the prepared graph's topological order. */
  readonly nodes: readonly CanonicalNode[];
  /** In the file's order. */
  readonly outputs: readonly Operand[];
  readonly inputTypes: readonly string[];
}

export function canonicalGraph(side: MatchSide): CanonicalGraph {
  const { graph, model } = side.prepared;
  const owners = decorationOwners(graph);
  const kept = graph.nodes.filter((node) => !owners.has(node));
  const decorations = new Map(kept.map((node) => [node, [] as Node[]]));
  for (const [decoration, owner] of owners) decorations.get(owner)?.push(decoration);
  const operandOf = operandResolver(side, kept);
  const aliases = undecorated(graph, owners);
  const computed = computedNodes(model.graph);
  const originals = new Map(model.graph.nodes.filter(({ id }) => !computed.has(id)).map((node) => [node.id, node]));
  return {
    nodes: kept.map((node) => {
      const settled = settledInputs(node, graph);
      const operands = withoutTrailing(
        node.inputs.map((name, position): Operand => {
          if (settled.positions.has(position)) return { kind: 'absent' };
          return operandOf(aliases.get(name) ?? name, { node, position });
        }),
      );
      const around = decorations.get(node) ?? [];
      const sources = [...node.sources, ...around.flatMap((decoration) => decoration.sources)];
      const conversions = [node, ...around].flatMap((one) => conversionOf(graph, one)).sort();
      const telling = new Map([...tellingAttributes(node), ...settled.attributes]);
      return { ...describeNode({ node, telling, operands }, folded(side, sources, originals)), conversions };
    }),
    outputs: graph.outputs.map((name) => operandOf(aliases.get(name) ?? name)),
    inputTypes: graph.inputs.map((name) => typeText(graph.tensors.get(name))),
  };

  function describeNode(
    { node, telling, operands: all }: Pick<CanonicalNode, 'node' | 'telling' | 'operands'>,
    inside: Folded,
  ): Omit<CanonicalNode, 'conversions'> {
    const { operands, calibration } = withoutCalibration(node, all);
    const weights = operands.flatMap((operand) => (operand.kind === 'weight' ? [operand.weight] : []));
    const settings = operands.map((operand) => (operand.kind === 'setting' ? (operand.text ?? '?') : ''));
    const unknown =
      [...weights, ...calibration].some((weight) => weight.fingerprint === undefined) ||
      operands.some((operand) => operand.kind === 'setting' && operand.text === undefined);
    return {
      ...inside,
      foldedWeights: [
        ...inside.foldedWeights,
        ...calibration.map(({ fingerprint }) => fingerprint?.digest ?? '?'),
      ].sort(),
      node,
      telling,
      attributes: attributesText(node, (tensor) => contentOf(side, tensor), telling),
      operands,
      weights,
      settings: settings.join(';'),
      weightsKnown: inside.weightsKnown && !unknown,
      outputTypes: node.outputs.map((name) => (name === '' ? '' : typeText(graph.tensors.get(name)))),
      output: graph.tensors.get(node.outputs[0] ?? ''),
    };
  }
}

/** What is left out at the end may as well not be written. */
function withoutTrailing(operands: readonly Operand[]): readonly Operand[] {
  const last = operands.findLastIndex(({ kind }) => kind !== 'absent');
  return operands.slice(0, last + 1);
}

/**
 * The operands of a quantized operator as its float twin has them. Scales and zero points are found by calibration, and
 * stand beside the weights.
 */
function withoutCalibration(
  node: Node,
  operands: readonly Operand[],
): { readonly operands: readonly Operand[]; readonly calibration: readonly WeightUse[] } {
  if (!quantizedOperator.test(node.operator)) return { operands, calibration: [] };
  const parameters = findOperator(node.domain, node.operator)?.parameterInputs;
  if (parameters === undefined || parameters === 'all') return { operands, calibration: [] };
  const calibration: WeightUse[] = [];
  const kept = operands.map((operand, position): Operand => {
    if (operand.kind !== 'weight' || parameters.includes(position)) return operand;
    calibration.push(operand.weight);
    return { kind: 'absent' };
  });
  return { operands: withoutTrailing(kept), calibration };
}

function conversionOf({ tensors }: Graph, node: Node): readonly string[] {
  if (!isConversion(node)) return [];
  const [from, to] = [node.inputs[0], node.outputs[0]].map((name) => tensors.get(name ?? '')?.dtype ?? '?');
  // A cast to the same type does nothing; quantizing changes values, whatever is known of the types.
  if (node.operator === 'Cast' && (from === to || from === '?' || to === '?')) return [];
  return [`${from}→${to}`];
}

/** Nodes that its operands come from, one for each such operand. */
export function producersOf(node: CanonicalNode): readonly number[] {
  return node.operands.flatMap((operand) => (operand.kind === 'node' ? [operand.producer] : []));
}

/** What a tensor holds, as text; undefined where its bytes are not there. */
function contentOf(side: MatchSide, tensor: Initializer): string | undefined {
  // Names may be empty or given twice in attributes; then nobody can say whose digest it is.
  if (tensor.value !== undefined) return JSON.stringify(tensor.value.elements);
  return tensor.name === '' ? undefined : fingerprintOf(side, tensor)?.digest;
}

function isCopy(tensor: Initializer, { dtype, shape }: Initializer): boolean {
  return tensor.dtype === dtype && tensor.shape.join() === shape.join();
}

/** Of a tensor that was computed at compile time: from the tensors behind it. */
function fingerprintOf(side: MatchSide, tensor: Initializer): WeightFingerprint | undefined {
  if (tensor.foldedFrom === undefined) return side.weights.get(tensor.name);
  // Some exporters store equal tensors once and hand them on.
  const { movedFrom: moved } = tensor;
  if (moved !== undefined && moved.permutation === undefined && isCopy(tensor, moved.constant)) {
    return fingerprintOf(side, moved.constant);
  }
  const behind = tensor.foldedFrom.map((name) => side.weights.get(name));
  if (behind.length === 0) return undefined;
  const parts = behind.flatMap((fingerprint) => fingerprint ?? []);
  if (parts.length < behind.length) return undefined;
  return {
    digest: `${tensor.dtype}[${tensor.shape.join()}] of ${parts.map(({ digest }) => digest).join(' ')}`,
    orderFree: parts.map(({ orderFree }) => orderFree).join(' '),
  };
}

type Folded = Pick<CanonicalNode, 'sources' | 'foldedNorms' | 'foldedWeights' | 'weightsKnown'>;

/** What the file's nodes behind one prepared node say: their operators, and weights that were folded away. */
function folded(side: MatchSide, sources: readonly string[], originals: ReadonlyMap<string, Node>): Folded {
  const { initializers } = side.prepared.model.graph;
  const nodes = sources.flatMap((id) => originals.get(id) ?? []);
  const weights = nodes
    .slice(1)
    .flatMap((node) => node.inputs)
    .flatMap((name) => initializers.get(name) ?? [])
    .filter(({ dtype }) => isFloat(dtype) || isQuantizedInteger(dtype));
  const digests = [...weights.map((weight) => valueText(side, weight) ?? '?'), ...quantizationOf(side, nodes)];
  return {
    sources,
    foldedNorms: nodes.slice(1).filter(({ operator }) => operator === 'BatchNormalization').length,
    foldedWeights: digests.sort(),
    weightsKnown: !digests.includes('?'),
  };
}

/**
 * Scales and zero points that the file keeps beside its graph, of what the nodes read and make: calibration decides them,
 * as it decides those of quantize and dequantize nodes.
 */
function quantizationOf({ prepared }: MatchSide, nodes: readonly Node[]): readonly string[] {
  const { quantization } = prepared.model.graph;
  if (quantization === undefined) return [];
  const names = new Set(nodes.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]));
  return [...names].flatMap((name) => {
    const found = quantization.get(name);
    return found === undefined ? [] : [`${found.scales.join()}/${found.zeroPoints.join()}/${found.axis}`];
  });
}

type Resolve = (name: string, use?: { readonly node: Node; readonly position: number }) => Operand;

function operandResolver(side: MatchSide, nodes: readonly Node[]): Resolve {
  const { graph } = side.prepared;
  const producers = new Map<string, Operand>();
  graph.inputs.forEach((name, index) => producers.set(name, { kind: 'input', index }));
  nodes.forEach((node, producer) => {
    node.outputs.forEach((name, output) => producers.set(name, { kind: 'node', producer, output }));
  });
  return (name, use) => {
    if (name === '') return { kind: 'absent' };
    const producer = producers.get(name);
    if (producer !== undefined) return producer;
    const initializer = graph.initializers.get(name);
    if (initializer !== undefined) return constantOperand(side, initializer, use);
    const value = graph.values.get(name);
    return value === undefined ? { kind: 'absent' } : { kind: 'setting', text: JSON.stringify(value.elements) };
  };
}

function constantOperand(side: MatchSide, initializer: Initializer, use: Parameters<Resolve>[1]): Operand {
  if (use === undefined || !isWeight(use.node, use.position, initializer)) {
    return { kind: 'setting', text: valueText(side, initializer) };
  }
  const { name, dtype, shape } = initializer;
  return { kind: 'weight', weight: { name, dtype, shape, fingerprint: weightFingerprint(side, initializer) } };
}

/**
 * Small constants that were computed at compile time have no file bytes behind them, but their values are known; a number is
 * the same one whether it was computed or written out.
 */
function weightFingerprint(side: MatchSide, initializer: Initializer): WeightFingerprint | undefined {
  const known = fingerprintOf(side, initializer);
  if (initializer.value === undefined || (known !== undefined && initializer.value.elements.length > 1)) return known;
  const digest = `${initializer.dtype}[${initializer.shape.join()}]${initializer.value.elements.map(String).join()}`;
  return { digest, orderFree: digest };
}

function valueText(side: MatchSide, initializer: Initializer): string | undefined {
  const { dtype, shape } = initializer;
  const content = contentOf(side, initializer);
  return content === undefined ? undefined : `${dtype}[${shape.join()}]${content}`;
}

/** Operators whose scales and zero points are operands: calibration decides those, as training does the weights. */
const quantizedOperator = /^(QLinear|QGemm|QAttention|Quantize|Dequantize|DynamicQuantize|MatMulNBits)|Integer/;

function isWeight(node: Node, position: number, initializer: Initializer): boolean {
  if (quantizedOperator.test(node.operator)) return true;
  const operator = findOperator(node.domain, node.operator);
  if (operator === undefined) return isFloat(initializer.dtype) || isQuantizedInteger(initializer.dtype);
  const { parameterInputs } = operator;
  return parameterInputs === 'all' || (parameterInputs?.includes(position) ?? false);
}

function typeText(type: TensorType | undefined): string {
  if (type === undefined) return '?';
  const shape = type.shape === null ? '?' : type.shape.map(print).join();
  return `${type.container ?? ''}${type.dtype ?? '?'}[${shape}]`;
}
