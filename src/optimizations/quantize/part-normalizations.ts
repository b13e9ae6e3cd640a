/**
 * A BatchNormalization behind a Gemm is part of it here, as other runtimes have it (`passes/fold-affine.ts`). ONNX Runtime's
 * optimizer joins one with a Conv only, and so its quantizers find both nodes.
 */
import type { Graph, Node } from '../../ir/graph.ts';
import type { Draft } from './draft.ts';
import type { Step } from './step.ts';

/** Scale, offset, mean and variance. */
const statistics = 4;

export function partNormalizations(draft: Draft, selects: (node: Node) => boolean): Step {
  const { given, scope, tensors, addedNodes } = draft;
  const joined = new Set(given.nodes.filter((node) => node.operator === 'Gemm' && node.domain === '' && selects(node)));
  if (![...joined].some(({ inputs }) => originsOfBias(inputs[2], given).length >= statistics)) {
    return { graph: given, made: [] };
  }
  const inFile = new Map(scope.model.graph.nodes.map((node) => [node.id, node]));
  const made: Node[] = [];
  const nodes = given.nodes.flatMap((node) => {
    const parts = joined.has(node) ? partsOf(node, given, inFile) : undefined;
    if (parts === undefined) return [node];
    const [product, normalization] = parts;
    const type = tensors.get(node.outputs[0]!);
    if (type !== undefined) tensors.set(product.outputs[0]!, type);
    // The file had it all the time, and what was folded is counted as gone: see `foldedAwayBytes`.
    addedNodes.push(normalization);
    made.push(product, normalization);
    return [product, normalization];
  });
  return { graph: { ...given, nodes, tensors }, made };
}

function originsOfBias(bias: string | undefined, { initializers }: Graph): readonly string[] {
  return initializers.get(bias ?? '')?.foldedFrom ?? [];
}

/** Undefined where nothing was joined, or where a constant was computed itself: then it is not known which is which. */
function partsOf(node: Node, graph: Graph, inFile: ReadonlyMap<string, Node>): readonly [Node, Node] | undefined {
  const at = node.sources.findIndex((id) => inFile.get(id)?.operator === 'BatchNormalization');
  const normalization = inFile.get(node.sources[at] ?? '');
  const product = inFile.get(node.id);
  const origins = originsOfBias(node.inputs[2], graph);
  const bias = product?.inputs[2] ? 1 : 0;
  if (product === undefined || normalization === undefined || origins.length !== bias + statistics) return undefined;
  const inside = normalization.inputs[0]!;
  const own = { ...node, inputs: [...node.inputs.slice(0, 2), ...origins.slice(0, bias)], outputs: [inside] };
  return [
    { ...own, sources: node.sources.slice(0, at) },
    {
      ...normalization,
      inputs: [inside, ...origins.slice(bias)],
      outputs: node.outputs,
      sources: node.sources.slice(at),
      repetitions: node.repetitions,
    },
  ];
}
