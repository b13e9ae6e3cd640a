/**
 * How Netron's attachments name nodes: by the name that the file gives, or, in TFLite files, by the operator's number.
 * What has neither is told at the tensor that it makes.
 */
import { allNodes } from '../../ir/bodies.ts';
import type { Model, Node, OperatorPlace } from '../../ir/graph.ts';

export type NetronTarget =
  | { readonly kind: 'node'; readonly target: string }
  | { readonly kind: 'node'; readonly identifier: string }
  | { readonly kind: 'value'; readonly target: string };

/**
 * By id of the file's nodes; null: Netron cannot tell it apart from another node. What is inside of a node and cannot be
 * told apart is left out, and counts at the node around it.
 */
export function netronTargets(model: Model): ReadonlyMap<string, NetronTarget | null> {
  const { numbering } = model;
  // Operators of all subgraphs are counted from 0, and an attachment cannot say which subgraph it means.
  if (numbering?.subgraphs === 1) {
    return new Map(
      [...numbering.places].map(([id, { index }]) => [id, { kind: 'node', identifier: String(index) }] as const),
    );
  }
  const nodes = allNodes(model.graph);
  const outermost = new Set(model.graph.nodes);
  const shown = [...nodes, ...model.functions.flatMap((one) => one.nodes)];
  const uses: Uses = {
    names: countsOf(numbering === undefined ? shown.map(nodeName(model)) : []),
    values: countsOf(shown.flatMap(({ outputs }) => outputs.map(valueName(model)))),
  };
  const outputs = numbering === undefined ? undefined : operatorOutputs(nodes, numbering.places);
  return new Map(
    nodes.flatMap((node) => {
      const made = (outputs?.get(node.id) ?? node.outputs).map(valueName(model));
      const target = targetOf(nodeName(model)(node), made, uses);
      return target === null && !outermost.has(node) ? [] : [[node.id, target] as const];
    }),
  );
}

interface Uses {
  readonly names: ReadonlyMap<string, number>;
  readonly values: ReadonlyMap<string, number>;
}

/** Operations of Core ML's programs have no names; here they are called as what they make. */
function nodeName({ format }: Model): (node: Node) => string {
  return ({ name, outputs }) => (format === 'coreml' && name === outputs[0] ? '' : firstLine(name));
}

function targetOf(name: string, outputs: readonly string[], { names, values }: Uses): NetronTarget | null {
  if (name !== '' && names.get(name) === 1) return { kind: 'node', target: name };
  const output = outputs.find((one) => one !== '');
  return output === undefined || values.get(output) !== 1 ? null : { kind: 'value', target: output };
}

/**
 * By id of a node, what its operator makes: several nodes may stand for one operator, and names of tensors between them
 * begin with that of the tensor that is in the file.
 */
function operatorOutputs(
  nodes: readonly Node[],
  places: ReadonlyMap<string, OperatorPlace>,
): ReadonlyMap<string, readonly string[]> {
  const keyOf = ({ id }: Node): string => JSON.stringify(places.get(id) ?? id);
  const shortest = new Map<string, string>();
  for (const node of nodes) {
    const known = shortest.get(keyOf(node));
    for (const output of node.outputs) {
      if (output !== '' && output.length < (known?.length ?? Infinity)) shortest.set(keyOf(node), output);
    }
  }
  return new Map(nodes.map((node) => [node.id, [shortest.get(keyOf(node)) ?? '']]));
}

function countsOf(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** Of tensors of one name, the reader of TFLite files numbers all but the first. */
function valueName({ numbering }: Model): (output: string) => string {
  return numbering === undefined ? firstLine : (output) => firstLine(output).replace(/#\d+$/, '');
}

/** Netron compares no more of a name. */
export function firstLine(name: string): string {
  return name.split('\n', 1)[0]!;
}
