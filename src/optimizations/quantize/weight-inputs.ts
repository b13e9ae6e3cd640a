/** Which operands of a node are weights, and along which axis of them its outputs lie. */
import type { Graph, Initializer, Node } from '../../ir/graph.ts';
import { intAttribute, intsAttribute } from '../../operators/attribute.ts';
import { noIntegerForm } from './no-integer-form.ts';
import { whyNotFloat } from './weights.ts';

interface WeightInput {
  readonly position: number;
  /** Of ONNX's order of the axes. */
  readonly outputAxis: (node: Node, rank: number) => number;
}

const first = () => 0;
const second = () => 1;
const last = (_: Node, rank: number) => rank - 1;
/** One row for each output if the matrix is transposed, else one column. */
const ofGemm = (node: Node) => (intAttribute(node, 'transB', 0) === 0 ? 1 : 0);
const recurrent = [1, 2].map((position) => ({ position, outputAxis: second }));

const byOperator: ReadonlyMap<string, readonly WeightInput[]> = new Map<string, readonly WeightInput[]>([
  ['Conv', [{ position: 1, outputAxis: first }]],
  ['ConvTranspose', [{ position: 1, outputAxis: second }]],
  ['Gemm', [{ position: 1, outputAxis: ofGemm }]],
  ['MatMul', [{ position: 1, outputAxis: last }]],
  ['Gather', [{ position: 0, outputAxis: first }]],
  ['LSTM', recurrent],
  ['GRU', recurrent],
  ['RNN', recurrent],
  ['com.microsoft.FusedConv', [{ position: 1, outputAxis: first }]],
  ['com.microsoft.FusedGemm', [{ position: 1, outputAxis: ofGemm }]],
  ['com.microsoft.FusedMatMul', [{ position: 1, outputAxis: last }]],
  ['com.microsoft.Attention', [{ position: 1, outputAxis: last }]],
]);

export interface FoundWeight {
  readonly position: number;
  readonly from: Initializer;
  /** Of the stored constant. */
  readonly axis: number;
}

/** The node's float weights, or why it has none that can be quantized: the first reason counts. */
export function weightsOf(node: Node, graph: Graph): readonly FoundWeight[] | string {
  const { operator, domain, inputs } = node;
  const known = byOperator.get(domain === '' ? operator : `${domain}.${operator}`);
  if (known === undefined) return noWeights(node, graph);
  const weights: FoundWeight[] = [];
  let refused: string | undefined;
  for (const { position, outputAxis } of known) {
    const from = graph.initializers.get(inputs[position] ?? '');
    const reason = whyNotWeight(from, graph, operator === 'Gather' ? 'its entries' : 'its weights');
    if (reason !== undefined) refused ??= reason;
    else weights.push({ position, from: from!, axis: storedAxis(node, outputAxis(node, from!.shape.length)) });
  }
  return weights.length > 0 ? weights : refused!;
}

function whyNotWeight(from: Initializer | undefined, graph: Graph, what: string): string | undefined {
  const reason = whyNotFloat(from, graph, what);
  if (reason !== undefined) return reason;
  return from!.shape.length < 2 ? 'its weights are one row' : undefined;
}

function noWeights(node: Node, { initializers }: Graph): string {
  return node.inputs.some((name) => (initializers.get(name)?.shape.length ?? 0) > 1)
    ? noIntegerForm(node)
    : 'it has no weights';
}

/** Formats with another order of the axes say so in the node: see `operators/image-layout.ts`. */
function storedAxis(node: Node, axis: number): number {
  return intsAttribute(node, 'weight_axes', undefined)?.[axis] ?? axis;
}
