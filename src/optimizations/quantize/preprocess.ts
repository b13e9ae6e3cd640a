/**
 * What `quant_pre_process` of onnxruntime.quantization does to a graph before anything is quantized, where the passes do less
 * or more: it runs ONNX Runtime's basic optimizations. Its authors ask for it before both of their quantizers.
 */
import type { Graph, Node } from '../../ir/graph.ts';
import type { Rewriting } from '../optimization.ts';
import type { Draft } from './draft.ts';
import { spellOutHardSwish } from './hard-swish.ts';
import { joinSummands } from './join-summands.ts';
import { partNormalizations } from './part-normalizations.ts';
import type { Step } from './step.ts';

export interface Preprocessed {
  readonly graph: Graph;
  /** Of the given graph's nodes, and of those that stand for selected ones now. */
  readonly selects: (node: Node) => boolean;
  /** By id of a node of the given graph. */
  readonly standsFor: (id: string) => Node | undefined;
  readonly rewrites: Rewriting;
}

const steps: readonly ((draft: Draft, selects: (node: Node) => boolean) => Step)[] = [
  partNormalizations,
  spellOutHardSwish,
  joinSummands,
];

export function preprocess(draft: Draft): Preprocessed {
  const { given, scope } = draft;
  if (scope.model.format !== 'onnx') {
    return { graph: given, selects: scope.selects, standsFor: standIn(given), rewrites: 'folded' };
  }
  const made = new Set<Node>();
  const selects = (node: Node) => made.has(node) || scope.selects(node);
  let graph = given;
  for (const step of steps) {
    const done = step({ ...draft, given: graph }, selects);
    for (const node of done.made) made.add(node);
    graph = done.graph;
  }
  return { graph, selects, standsFor: standIn(graph), rewrites: made.size === 0 ? 'folded' : 'optimized' };
}

function standIn({ nodes }: Graph): (id: string) => Node | undefined {
  const found = new Map<string, Node>();
  for (const node of nodes) for (const id of node.sources) if (!found.has(id)) found.set(id, node);
  for (const node of nodes) found.set(node.id, node);
  return (id) => found.get(id);
}
