/** Multiply-accumulates of nodes in a graph whose shapes were inferred, bodies included. */
import { isKnown } from '../ir/dimension.ts';
import type { Graph, Node, TensorType } from '../ir/graph.ts';
import { bodiesOf } from '../ir/bodies.ts';
import { findOperator, workOf } from '../operators/index.ts';
import { workMacs } from '../operators/work.ts';
import { definingScope, typedNodeIn } from './scope.ts';
import type { Scope } from './scope.ts';

/** The scope that shape inference left in the graph. */
export function scopeOf(graph: Graph, outer?: Scope): Scope {
  return {
    types: graph.tensors,
    values: graph.values,
    constants: graph.constants ?? new Set(graph.initializers.keys()),
    outer,
  };
}

/** Sizes to try in place of those that are not known: a count that comes out the same does not depend on them. */
export const probes = [8, 16] as const;

/**
 * MACs of one run of the node, its bodies left out; undefined where a size that is not a number decides them. An
 * operator that is not known counts 0.
 */
export function macsOfNode(node: Node, scope: Scope): number | undefined {
  const operator = findOperator(node.domain, node.operator);
  if (operator?.work === undefined) return 0;
  const typed = typedNodeIn(scope, node);
  const outputs = node.outputs.map((name) => definingScope(scope, name)?.types.get(name) ?? unnamed);
  if ([...typed.inputs, ...outputs].every((type) => type === undefined || isSized(type))) {
    return workMacs(workOf(typed, outputs));
  }
  const [first, second] = probes.map((probe) => {
    const inputs = typed.inputs.map((input) => input && filled(input, probe));
    const filledOutputs = outputs.map((output) => filled(output, probe));
    return workMacs(workOf({ ...typed, inputs }, filledOutputs));
  });
  return first === second ? first : undefined;
}

function isSized({ shape }: TensorType): boolean {
  return shape?.every(isKnown) === true;
}

const unnamed: TensorType = { dtype: null, shape: null };

/** The type with `probe` in place of every size that is not known. */
export function filled(type: TensorType, probe: number): TensorType {
  const shape = type.shape ?? [probe, probe, probe, probe];
  return { ...type, shape: shape.map((size) => (isKnown(size) ? size : probe)) };
}

/** MACs of all nodes of a body, the costlier of two branches counted; sizes that are not known count 0. */
export function macsOfBody(body: Graph, outer: Scope): number {
  const scope = scopeOf(body, outer);
  return body.nodes.reduce((sum, node) => {
    const inner = bodiesOf(node).map(([, graph]) => macsOfBody(graph, scope));
    return sum + (macsOfNode(node, scope) ?? 0) + Math.max(0, ...inner);
  }, 0);
}
