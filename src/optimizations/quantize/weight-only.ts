/**
 * Integers for weights alone: each is stored as integers with a DequantizeLinear in front of what reads it, which gets
 * floats. Activations and biases stay as they are.
 */
import type { Graph, Node } from '../../ir/graph.ts';
import type { EditedGraph, EditScope } from '../optimization.ts';
import { axisAttributes } from './axis-attributes.ts';
import { draftOf, finished, nameFor, newNode, refuse, withEnding } from './draft.ts';
import type { Draft } from './draft.ts';
import { weightsOf } from './weight-inputs.ts';
import type { FoundWeight } from './weight-inputs.ts';
import { addDequantized, addWeightScale, inTheFileOnly, storeWeight } from './weights.ts';

/** The node that takes the place of one; a reason where it stays. */
export type StoreWeights = (draft: Draft, node: Node, weights: readonly FoundWeight[]) => Node | string;

export function quantizeWeights(given: Graph, scope: EditScope, store: StoreWeights): EditedGraph {
  const draft = draftOf(given, scope);
  const nodes = given.nodes.map((node) => {
    if (!scope.selects(node)) return node;
    const weights = weightsOf(node, given);
    const stored = typeof weights === 'string' ? weights : store(draft, node, weights);
    if (typeof stored === 'string') {
      refuse(draft, node, stored);
      return node;
    }
    draft.touched.add(node.id);
    draft.removedNodes.push(node);
    draft.addedNodes.push(stored);
    return stored;
  });
  const { initializers, tensors } = draft;
  const edited = finished(draft, { ...given, nodes, initializers, tensors });
  // Who takes the floats for 8 bits anyway unpacks weights of fewer bits when the model is built.
  return scope.assumed === 'int8' ? inTheFileOnly(given, edited) : edited;
}

/** By name of a weight: what its readers read once it is stored. Nodes that share a weight share what it becomes. */
export type StoredWeights = Map<string, string>;

/** @param perChannel a scale for each output, else one for all */
export function storeBytes(perChannel: boolean): StoreWeights {
  const stored: StoredWeights = new Map();
  return (draft, node, weights) => {
    const inputs = [...node.inputs];
    for (const { position, from, axis } of weights) {
      const known = stored.get(from.name);
      inputs[position] = known ?? storeOne(draft, node, { position, from, axis: perChannel ? axis : undefined });
      stored.set(from.name, inputs[position]);
    }
    return { ...node, inputs };
  };
}

function storeOne(
  draft: Draft,
  node: Node,
  { from, axis }: Omit<FoundWeight, 'axis'> & { readonly axis: number | undefined },
): string {
  const slices = axis === undefined ? {} : { axis };
  const change = { kind: 'quantize', bits: 8, symmetric: true, ...slices } as const;
  const to = storeWeight(draft, { node, from, dtype: 'int8', change });
  const scale = addWeightScale(draft, from, axis);
  const output = nameFor(draft, withEnding(draft, from.name, 'DequantizeLinear_Output'));
  addDequantized(draft, output, from, [to]);
  const dequantizer = newNode(draft, node, {
    name: `${from.name}_DequantizeLinear`,
    operator: 'DequantizeLinear',
    inputs: [to.name, ...scale],
    outputs: [output],
  });
  draft.addedNodes.push({ ...dequantizer, attributes: axisAttributes(axis) });
  return output;
}
