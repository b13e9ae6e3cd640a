/** What shape inference knows so far of the tensors of one graph, on top of the graphs around it. */
import type { Graph, Initializer, Node, TensorType, TensorValue } from '../ir/graph.ts';
import type { TypedNode } from '../operators/operator.ts';
import { tensorValue } from '../operators/value.ts';

export interface Scope {
  readonly types: Map<string, TensorType>;
  readonly values: Map<string, TensorValue>;
  /** Names of tensors that no run changes: initializers and what is computed from them alone. */
  readonly constants: Set<string>;
  readonly outer: Scope | undefined;
}

export function openScope(outer: Scope | undefined): Scope {
  return { types: new Map(), values: new Map(), constants: new Set(), outer };
}

/** The scope that defines `name`, from the inside out; undefined when none does. */
export function definingScope(scope: Scope | undefined, name: string): Scope | undefined {
  let current = scope;
  while (current !== undefined && !current.types.has(name)) current = current.outer;
  return current;
}

export function typedNodeIn(scope: Scope, node: Node): TypedNode {
  const scopes = node.inputs.map((name) => (name === '' ? undefined : definingScope(scope, name)));
  const undefinedInput: TensorType = { dtype: null, shape: null, reason: 'nothing defines this tensor' };
  return {
    node,
    inputs: node.inputs.map((name, position) =>
      name === '' ? undefined : (scopes[position]?.types.get(name) ?? undefinedInput),
    ),
    values: node.inputs.map((name, position) => scopes[position]?.values.get(name)),
    constant: node.inputs.map((name, position) => scopes[position]?.constants.has(name) ?? false),
  };
}

export function defineInitializers(scope: Scope, initializers: Graph['initializers']): void {
  for (const [name, initializer] of initializers) {
    scope.types.set(name, typeOf(initializer));
    scope.constants.add(name);
    if (initializer.value !== undefined) setValue(scope, name, initializer.value);
  }
}

export function typeOf(initializer: Initializer): TensorType {
  return { dtype: initializer.dtype, shape: initializer.shape };
}

/** Keeps a value that is small enough to follow. */
export function setValue(scope: Scope, name: string, value: TensorValue): void {
  const bounded = tensorValue(value.dtype, value.shape, value.elements);
  if (bounded !== undefined) scope.values.set(name, bounded);
}
