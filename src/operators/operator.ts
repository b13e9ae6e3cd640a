/** The shape of an operator's entry: everything the rest of the program knows of an operator stands in one record. */
import type { Graph, Node, TensorType, TensorValue } from '../ir/graph.ts';
import type { Work } from './work.ts';

/** A node together with what is known of its operands. */
export interface TypedNode {
  readonly node: Node;
  /** By position; `undefined` for an absent optional input. */
  readonly inputs: readonly (TensorType | undefined)[];
  /** Known values of the inputs (shapes, axes, scales), by position; undefined where not known. */
  readonly values: readonly (TensorValue | undefined)[];
  /** True for inputs that are constant (initializers or folded), by position, whether or not the value was read. */
  readonly constant: readonly boolean[];
}

export interface InferenceContext extends TypedNode {
  /** Infers a subgraph body with the given types (and known values) for its formal inputs, in the outer scope. */
  inferBody(
    body: Graph,
    inputs: readonly TensorType[],
    values?: readonly (TensorValue | undefined)[],
  ): { readonly outputs: readonly TensorType[]; readonly values: readonly (TensorValue | undefined)[] };
}

export interface Operator {
  /** `''` is ai.onnx. */
  readonly domain: string;
  readonly name: string;
  /** One line for the reference page: what it computes and how it is counted. */
  readonly documentation: string;
  /**
   * Types of the outputs. Never throws for odd graphs: what cannot be known is `null` (or an unknown dimension) with
   * a reason.
   */
  infer(context: InferenceContext): readonly TensorType[];
  /** Values of the outputs where the inputs' values decide them; elements may be symbolic or unknown. */
  evaluate?(context: TypedNode): readonly (TensorValue | undefined)[];
  /** Types of the outputs at their largest, where `infer` must leave sizes to the data (non-zero positions, top k). */
  upperBound?(context: TypedNode): readonly TensorType[];
  /** Its bodies run as often as the data decides; they are counted once, which has to be said. */
  readonly repeatsBodies?: true;
  /** Never constant, whatever its inputs are: random numbers, loop counters. */
  readonly volatile?: true;
  /**
   * Loop nests and per-element work of one run. All shapes are numbers here. Absent: one `add` per output element.
   */
  work?(node: TypedNode, outputs: readonly TensorType[]): Work;
  /** Positions of inputs that are parameters when constant (weights, biases, tables), not scales, axes or shapes. */
  readonly parameterInputs?: readonly number[] | 'all';
  /** Positions of inputs that compressed parameters are stored with: masks, tables, scales of blocks. Bytes, no parameters. */
  readonly storageInputs?: readonly number[] | ((node: Node) => readonly number[]);
}
