/** What shape inference knows so far of the tensors of one graph, on top of the graphs around it. */
import type { Graph, Initializer, Node, TensorType, TensorValue } from '../ir/graph.ts';
import type { TypedNode } from '../operators/operator.ts';
import { tensorValue } from '../operators/value.ts';

export interface Scope {
  readonly types: ReadonlyMap<string, TensorType>;
  readonly values: ReadonlyMap<string, TensorValue>;
  /** Names of tensors that no run changes: initializers and what is computed from them alone. */
  readonly constants: ReadonlySet<string>;
  readonly outer: Scope | undefined;
}

/** A scope that is being filled. */
export interface OpenScope extends Scope {
  readonly types: Map<string, TensorType>;
  readonly values: Map<string, TensorValue>;
  readonly constants: Set<string>;
}

export function openScope(outer: Scope | undefined): OpenScope {
  return { types: new Map(), values: new Map(), constants: new Set(), outer };
}

/** The scope that defines `name`, from the inside out; undefined when none does. */
export function definingScope(scope: Scope | undefined, name: string): Scope | undefined {
  let current = scope;
  while (current !== undefined && !current.types.has(name)) current = current.outer;
  return current;
}

const undefinedInput: TensorType = { dtype: null, shape: null, reason: 'nothing defines this tensor' };

export function typedNodeIn(scope: Scope, node: Node): TypedNode {
  const inputs: (TensorType | undefined)[] = [];
  const values: (TensorValue | undefined)[] = [];
  const constant: boolean[] = [];
  for (const name of node.inputs) {
    const defining = name === '' ? undefined : definingScope(scope, name);
    inputs.push(name === '' ? undefined : (defining?.types.get(name) ?? undefinedInput));
    values.push(defining?.values.get(name));
    constant.push(defining?.constants.has(name) ?? false);
  }
  return { node, inputs, values, constant };
}

export function defineInitializers(scope: OpenScope, initializers: Graph['initializers']): void {
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
export function setValue(scope: OpenScope, name: string, value: TensorValue): void {
  const bounded = tensorValue(value.dtype, value.shape, value.elements);
  if (bounded !== undefined) scope.values.set(name, bounded);
}
