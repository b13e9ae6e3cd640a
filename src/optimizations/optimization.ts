/**
 * The shape of a what-if: what the model would be after an optimization that nobody has made yet. A what-if changes the
 * graph as the optimizing tool would and leaves the elements of the weights for later: it says what becomes of them.
 */
import type { DataType } from '../ir/data-type.ts';
import type { Graph, Initializer, Model, Node } from '../ir/graph.ts';
import type { Bindings, PreparedModel } from '../passes/prepared.ts';
import type { WeightChange } from './weights/weight-change.ts';

/** What stands between an edit's name and its `on`. */
export interface EditWords {
  /** The bare word: the `4` of `palettize 4`. */
  readonly value?: string;
  /** The words with an equals sign: `group=32`. */
  readonly options: ReadonlyMap<string, string>;
}

/** A weight of which the edited file stores something else. */
export interface EditedWeight {
  /** Id of the node that uses it (the first of them where several do). */
  readonly node: string;
  readonly from: Initializer;
  /**
   * What takes its place, under a name of its own where `from` is still used by others. Its bytes are those of
   * `editedSources`, in a file that is not there: see `weights/edited-sources.ts`.
   */
  readonly to: Initializer;
  readonly change: WeightChange;
  /** Constants without which the new elements cannot be read: tables, scales of blocks. They count into the weights' bytes. */
  readonly storage: readonly Initializer[];
}

export interface NotApplied {
  /** Id of the node. */
  readonly node: string;
  /** One sentence without a full stop: "`Softmax` has no integer form". */
  readonly reason: string;
}

/** What an edit made of a graph. */
export interface EditedGraph {
  readonly graph: Graph;
  readonly weights: readonly EditedWeight[];
  /** Ids of the nodes that the edit was made for. */
  readonly touched: readonly string[];
  /** Nodes that were selected and stay as they are. */
  readonly notApplied: readonly NotApplied[];
  /** What the edited file holds that the given one does not, beside `weights`: for its size. */
  readonly added: FileParts;
  /** What it no longer holds. Constants in it that one of its nodes read as parameters are parameters no more. */
  readonly removed: FileParts;
  /** What a reader should know of the result, one sentence without a full stop each: "latency does not move". */
  readonly remarks?: readonly string[];
  /** What the tool does to the parts of the file that it does not edit. Absent: nothing. */
  readonly rewrites?: Rewriting;
}

/**
 * `types`: each tensor's type is written (ONNX's `value_info`). `folded`: that, and what the passes folded away is gone:
 * constant subgraphs, Identity, the constants that nothing reads any more. `optimized`: that, and nodes were made others before
 * the edit began, after which ONNX Runtime writes none of the metadata that exporters leave beside nodes.
 */
export type Rewriting = 'types' | 'folded' | 'optimized';

export interface FileParts {
  readonly nodes: readonly Node[];
  /** Scales, zero points, tables. */
  readonly constants: readonly Initializer[];
  /** Nodes and constants that hold no parameters, of which nothing else is asked. Absent: none. */
  readonly further?: FurtherParts;
}

export interface FurtherParts {
  readonly bytes: number;
  /** How many nodes, by operator. */
  readonly nodes: ReadonlyMap<string, number>;
}

export const nothingOf: FileParts = { nodes: [], constants: [] };

export interface EditScope {
  /** Of the layers that the edit names. */
  readonly selects: (node: Node) => boolean;
  readonly model: Model;
  /**
   * What the target takes the model's floats for without being told (`assumeDtype`). An edit into this very type changes
   * the file and nothing else.
   */
  readonly assumed: DataType | undefined;
}

/** What the words of one edit mean. */
export type ModelEdit =
  /** Of the flat, typed, folded graph; types of all new tensors are given. */
  | { readonly kind: 'graph'; readonly apply: (graph: Graph, scope: EditScope) => EditedGraph }
  /**
   * Of the file's inputs: everything is inferred anew.
   * Throws `UserError` where the model has no such input, or cannot be run at that size.
   */
  | { readonly kind: 'inputs'; readonly apply: (given: BoundModel) => ResizedModel };

/** A model as it was read, with the values that its dynamic dimensions take. */
export interface BoundModel {
  readonly model: Model;
  readonly bindings: Bindings;
}

/** A model with inputs of other sizes. */
export interface ResizedModel extends BoundModel {
  /** What was taken for granted: "the first dimension of input x is the batch". */
  readonly assumptions: readonly string[];
}

/** One file in this folder each. */
export interface Optimization {
  readonly name: string;
  /** With its words, for help: `palettize 1|2|3|4|6|8`. */
  readonly usage: string;
  /** One line for the help. */
  readonly summary: string;
  /** Throws `UserError` for words that it does not know. */
  parse(words: EditWords): ModelEdit;
  /**
   * What it changes of a run beside the weights: it rounds what flows between layers, or computes something else. Absent:
   * nothing.
   */
  readonly besides?: 'activations' | 'computation';
  /** The edits (without `on`) that a search tries on this model, mildest first; absent: it is never proposed. */
  trials?(model: PreparedModel): readonly string[];
}
