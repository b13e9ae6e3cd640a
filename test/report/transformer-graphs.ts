/**
 * Small transformers in the form in which exporters write them: heads are split by shapes that the graph computes from
 * its own inputs (Shape, Gather, Concat, Reshape), as PyTorch's exporter does.
 */
import { AttributeType, DataType, type GraphMessage, type ModelMessage } from '../formats/models.ts';

type Message<Key extends keyof GraphMessage> = NonNullable<GraphMessage[Key]>[number];
type Plain = number | readonly number[] | string;

export interface Sizes {
  readonly hidden: number;
  readonly heads: number;
  readonly inner: number;
  readonly layers: number;
}

export interface Builder {
  readonly graph: {
    readonly node: Message<'node'>[];
    readonly initializer: Message<'initializer'>[];
    readonly input: Message<'input'>[];
    readonly output: Message<'output'>[];
  };
  readonly domain: { current: string };
}

export function newBuilder(): Builder {
  return { graph: { node: [], initializer: [], input: [], output: [] }, domain: { current: '' } };
}

/** Both domains are imported: ONNX's at 17 and that of ONNX Runtime. */
export const bothDomains: ModelMessage = {
  opsetImport: [
    { domain: '', version: 17 },
    { domain: 'com.microsoft', version: 1 },
  ],
};

/** Symbols are strings. */
export function input({ graph }: Builder, name: string, shape: readonly (number | string)[], elemType: number): string {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  graph.input.push({ name, type: { tensorType: { elemType, shape: { dim } } } });
  return name;
}

export function output({ graph }: Builder, ...names: readonly string[]): void {
  for (const name of names) graph.output.push({ name });
}

function attributeOf(name: string, value: Plain): NonNullable<Message<'node'>['attribute']>[number] {
  if (typeof value === 'string') return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) };
  if (typeof value !== 'number') return { name, type: AttributeType.INTS, ints: [...value] };
  return { name, type: AttributeType.INT, i: value };
}

/** Adds a node and gives the names of its outputs. */
export function nodes(
  { graph, domain }: Builder,
  opType: string,
  inputs: readonly string[],
  { outputs = 1, ...attributes }: Readonly<Record<string, Plain>> & { readonly outputs?: number } = {},
): readonly string[] {
  const made = Array.from(
    { length: outputs },
    (_, position) => `${opType}_${String(graph.node.length)}.${String(position)}`,
  );
  const attribute = Object.entries(attributes).map(([name, value]) => attributeOf(name, value));
  graph.node.push({ opType, domain: domain.current, input: [...inputs], output: [...made], attribute });
  return made;
}

export function node(
  builder: Builder,
  opType: string,
  inputs: readonly string[],
  attributes: Readonly<Record<string, Plain>> = {},
): string {
  return nodes(builder, opType, inputs, attributes)[0]!;
}

export function weight({ graph }: Builder, dims: readonly number[], dataType = DataType.FLOAT): string {
  const name = `w${String(graph.initializer.length)}`;
  const bytes = dims.reduce((product, size) => product * size, dataType === DataType.UINT8 ? 1 : 4);
  graph.initializer.push({ name, dims: [...dims], dataType, rawData: new Uint8Array(bytes) });
  return name;
}

export function integers({ graph }: Builder, values: readonly number[], dims = [values.length]): string {
  const name = `k${String(graph.initializer.length)}`;
  graph.initializer.push({ name, dims, dataType: DataType.INT64, int64Data: [...values] });
  return name;
}

export function linear(builder: Builder, from: string, columns: readonly [number, number]): string {
  const product = node(builder, 'MatMul', [from, weight(builder, columns)]);
  return node(builder, 'Add', [product, weight(builder, [columns[1]])]);
}

function sizeOf(builder: Builder, of: string, axis: number): string {
  const size = node(builder, 'Gather', [node(builder, 'Shape', [of]), integers(builder, [axis], [])], { axis: 0 });
  return node(builder, 'Unsqueeze', [size, integers(builder, [0])]);
}

/** batch × length × hidden into batch × heads × length × size. */
export function splitHeads(builder: Builder, from: string, heads: number, size: number): string {
  const sizes = [
    sizeOf(builder, from, 0),
    sizeOf(builder, from, 1),
    integers(builder, [heads]),
    integers(builder, [size]),
  ];
  const shape = node(builder, 'Concat', sizes, { axis: 0 });
  return node(builder, 'Transpose', [node(builder, 'Reshape', [from, shape])], { perm: [0, 2, 1, 3] });
}

function joinHeads(builder: Builder, from: string, hidden: number): string {
  const flat = node(builder, 'Transpose', [from], { perm: [0, 2, 1, 3] });
  const sizes = [sizeOf(builder, flat, 0), sizeOf(builder, flat, 1), integers(builder, [hidden])];
  return node(builder, 'Reshape', [flat, node(builder, 'Concat', sizes, { axis: 0 })]);
}

/** softmax(q·kᵀ)·v of split heads, joined again. */
export function attend(
  builder: Builder,
  [query, key, value]: readonly [string, string, string],
  hidden: number,
): string {
  const scores = node(builder, 'MatMul', [query, node(builder, 'Transpose', [key], { perm: [0, 1, 3, 2] })]);
  const weights = node(builder, 'Softmax', [scores], { axis: -1 });
  return joinHeads(builder, node(builder, 'MatMul', [weights, value]), hidden);
}

/** Attention of `from` to `to`, with its four projections and the residual. */
export function attentionBlock(builder: Builder, from: string, to: string, { hidden, heads }: Sizes): string {
  const split = (source: string) =>
    splitHeads(builder, linear(builder, source, [hidden, hidden]), heads, hidden / heads);
  const attended = attend(builder, [split(from), split(to), split(to)], hidden);
  return normalize(builder, node(builder, 'Add', [from, linear(builder, attended, [hidden, hidden])]), hidden);
}

export function feedForward(builder: Builder, from: string, { hidden, inner }: Sizes): string {
  const wide = node(builder, 'Relu', [linear(builder, from, [hidden, inner])]);
  return normalize(builder, node(builder, 'Add', [from, linear(builder, wide, [inner, hidden])]), hidden);
}

export function normalize(builder: Builder, from: string, hidden: number): string {
  return node(builder, 'LayerNormalization', [from, weight(builder, [hidden]), weight(builder, [hidden])], {
    axis: -1,
  });
}

export function embed(builder: Builder, ids: string, words: number, hidden: number): string {
  return node(builder, 'Gather', [weight(builder, [words, hidden]), ids]);
}
