/** Edits of small models, and what must hold of the result. */
import { expect } from 'vitest';
import type { Graph, Model, Node } from '../../src/ir/graph.ts';
import { applyEdits } from '../../src/optimizations/apply.ts';
import type { EditedModel } from '../../src/optimizations/apply.ts';
import { parseEdits } from '../../src/optimizations/index.ts';
import { macsOfNode, scopeOf } from '../../src/passes/count-macs.ts';
import { prepare } from '../../src/passes/index.ts';
import { inferShapes } from '../../src/passes/infer-shapes.ts';
import type { PreparedModel } from '../../src/passes/prepared.ts';

export const noBindings = { dims: new Map<string, number>(), inputs: new Map<string, readonly number[]>() };

/** Globs are ids here, matched whole. */
export function edit(model: Model | PreparedModel, text: string): EditedModel {
  const prepared = 'unbound' in model ? model : prepare(model, noBindings);
  const chosen = parseEdits(text).map(({ edit: one, phrase }) => {
    const selects = (node: Node) => phrase.on.kind !== 'glob' || phrase.on.pattern.split(',').includes(node.id);
    return { edit: one, selects };
  });
  return applyEdits(prepared, chosen, { bindings: noBindings });
}

export function shapeOf({ prepared }: EditedModel, name: string) {
  return prepared.graph.tensors.get(name)?.shape;
}

export function macsOf(graph: Graph): number {
  const scope = scopeOf(graph);
  return graph.nodes.reduce((sum, node) => sum + (macsOfNode(node, scope) ?? 0), 0);
}

export function parametersOf({ parameters }: PreparedModel): number {
  return [...parameters.values()].reduce((sum, count) => sum + count.parameters, 0);
}

/** Each tensor's shape is what inference makes of the edited graph with nothing but its inputs given. */
export function expectInferred(graph: Graph): void {
  const given = graph.inputs.map((name) => [name, graph.tensors.get(name)!] as const);
  const inferred = inferShapes({ ...graph, tensors: new Map(given), values: new Map() }, 'counted');
  for (const name of graph.nodes.flatMap(({ outputs }) => outputs)) {
    const shape = inferred.tensors.get(name)?.shape;
    // What a loop stacks up is not inferred without the loop.
    if (shape) expect([name, graph.tensors.get(name)?.shape]).toEqual([name, shape]);
  }
}
