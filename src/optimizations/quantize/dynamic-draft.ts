/** What `quantize_dynamic` keeps track of: see `dynamic.ts`. */
import type { Node } from '../../ir/graph.ts';
import { newNode } from './draft.ts';
import type { Draft, NewNode } from './draft.ts';

/** A tensor's integers and what they stand for. */
export interface QuantizedValue {
  readonly integers: string;
  readonly scale: string;
  readonly zeroPoint: string;
}

export interface DynamicDraft extends Draft {
  readonly perChannel: boolean;
  readonly selects: (node: Node) => boolean;
  readonly nodes: Node[];
  /** By name of the float tensor. */
  readonly quantized: Map<string, QuantizedValue>;
  /** Float tensors that a node makes; those of which there are integers only are dequantized for who asks. */
  readonly made: Set<string>;
}

export function emit(draft: DynamicDraft, like: Node, wanted: NewNode): void {
  const node = newNode(draft, like, wanted);
  draft.nodes.push(node);
  draft.addedNodes.push(node);
}

/** `node` stands for the given one from here on. One of another operator loses what the exporter wrote beside it. */
export function replace(draft: DynamicDraft, given: Node, node: Node): void {
  draft.nodes.push(node);
  draft.addedNodes.push(node.operator === given.operator ? node : { ...node, metadata: new Map() });
  draft.removedNodes.push(given);
}
