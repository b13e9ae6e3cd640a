/**
 * How Netron's attachments name nodes: by the name that the file gives, or, in TFLite files, by the operator's number.
 * What has neither is told at the tensor that it makes.
 */
import { allNodes } from '../../ir/bodies.ts';
import type { Model, Node } from '../../ir/graph.ts';

export type NetronTarget =
  | { readonly kind: 'node'; readonly target: string }
  | { readonly kind: 'node'; readonly identifier: string }
  | { readonly kind: 'value'; readonly target: string };

/** By id of the file's nodes. */
export function netronTargets(model: Model): ReadonlyMap<string, NetronTarget> {
  const { numbering, functions } = model;
  const nodes = allNodes(model.graph);
  // Operators of all subgraphs are counted from 0, and an attachment cannot say which subgraph it means.
  if (numbering?.subgraphs === 1) {
    return new Map(
      [...numbering.places].map(([id, { index }]) => [id, { kind: 'node', identifier: String(index) }] as const),
    );
  }
  const uses = new Map<string, number>();
  const named = numbering === undefined ? [...nodes, ...functions.flatMap((one) => one.nodes)] : [];
  for (const { name } of named) uses.set(firstLine(name), (uses.get(firstLine(name)) ?? 0) + 1);
  return new Map(nodes.flatMap((node) => targetOf(node, uses)));
}

function targetOf(node: Node, uses: ReadonlyMap<string, number>): readonly (readonly [string, NetronTarget])[] {
  const name = firstLine(node.name);
  if (name !== '' && uses.get(name) === 1) return [[node.id, { kind: 'node', target: name }]];
  const output = node.outputs.map(firstLine).find((one) => one !== '');
  return output === undefined ? [] : [[node.id, { kind: 'value', target: output }]];
}

/** Netron compares no more of a name. */
export function firstLine(name: string): string {
  return name.split('\n', 1)[0]!;
}
