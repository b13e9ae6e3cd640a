/** Typed reading of a node's attributes. An attribute of another kind than asked for counts as absent. */
import type { Attribute, Graph, Initializer, Node } from '../ir/graph.ts';

type Kind = Attribute['kind'];

function find<K extends Kind>(node: Node, name: string, kind: K): Extract<Attribute, { kind: K }> | undefined {
  const attribute = node.attributes.get(name);
  return attribute?.kind === kind ? (attribute as Extract<Attribute, { kind: K }>) : undefined;
}

export function hasAttribute(node: Node, name: string): boolean {
  return node.attributes.has(name);
}

export function intAttribute<F extends number | undefined>(node: Node, name: string, fallback: F): number | F {
  return find(node, name, 'int')?.value ?? fallback;
}

export function floatAttribute<F extends number | undefined>(node: Node, name: string, fallback: F): number | F {
  return find(node, name, 'float')?.value ?? fallback;
}

export function stringAttribute<F extends string | undefined>(node: Node, name: string, fallback: F): string | F {
  return find(node, name, 'string')?.value ?? fallback;
}

export function intsAttribute<F extends readonly number[] | undefined>(
  node: Node,
  name: string,
  fallback: F,
): readonly number[] | F {
  return find(node, name, 'ints')?.values ?? fallback;
}

export function floatsAttribute<F extends readonly number[] | undefined>(
  node: Node,
  name: string,
  fallback: F,
): readonly number[] | F {
  return find(node, name, 'floats')?.values ?? fallback;
}

export function stringsAttribute<F extends readonly string[] | undefined>(
  node: Node,
  name: string,
  fallback: F,
): readonly string[] | F {
  return find(node, name, 'strings')?.values ?? fallback;
}

export function tensorAttribute(node: Node, name: string): Initializer | undefined {
  return find(node, name, 'tensor')?.value;
}

export function graphAttribute(node: Node, name: string): Graph | undefined {
  return find(node, name, 'graph')?.value;
}
