/** What `rules.ts` notes down of the tensors around a node, and how. */
import type { Initializer, Node } from '../../ir/graph.ts';

export interface TensorMark {
  /** A scale for each slice of this constant; absent: one for all. */
  readonly axis?: number;
  /** The values are stored unsigned from their smallest on: the zero point is not 0. */
  readonly offset: boolean;
  /** The tensor whose scale and zero point it takes. */
  readonly sharesWith?: string;
}

export interface Marks {
  /** By name after `renamed`, in the order in which they were marked. */
  readonly tensors: Map<string, TensorMark>;
  /** By node: one bias may belong to several. */
  readonly biases: Map<Node, { readonly bias: string; readonly weight: string }>;
  /** Activations that the range of what is behind them makes needless. */
  readonly dropped: Set<Node>;
  /** An output that a dropped activation read, and the activation's own output in its place. */
  readonly renamed: Map<string, string>;
}

export interface Marking extends Marks {
  readonly perChannel: boolean;
  readonly opset: number;
  readonly outputs: ReadonlySet<string>;
  readonly inputs: ReadonlySet<string>;
  /** Of floats that can be quantized. */
  readonly constantOf: (name: string | undefined) => Initializer | undefined;
  readonly isQuantized: (name: string | undefined) => boolean;
  /** Nothing happens for what is no float, or is marked. */
  readonly mark: (name: string | undefined, mark?: Partial<TensorMark>) => void;
  readonly readersOf: (name: string) => number;
}
