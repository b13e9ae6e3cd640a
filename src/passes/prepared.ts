/** A model ready to be compiled: flat, typed, folded. Made once for the base and once for the head. */
import type { Graph, Model } from '../ir/graph.ts';
import type { ParameterCounts } from './count-parameters.ts';

/** Values for dynamic dimensions, from flags or config. */
export interface Bindings {
  /** By symbol: `batch` → 1. */
  readonly dims: ReadonlyMap<string, number>;
  /** By graph input: full shapes. */
  readonly inputs: ReadonlyMap<string, readonly number[]>;
}

/** A dimension that needs a value before the model can be simulated. */
export interface UnboundDimension {
  readonly input: string;
  readonly axis: number;
  /** The file's name for it; empty when it has none. */
  readonly symbol: string;
  /** The input's declared shape, printed: `batch x 3 x height x width`. */
  readonly declared: string;
}

export interface PreparedModel {
  readonly model: Model;
  /**
   * Functions, branches and loop bodies inlined, constants folded, Identity and Dropout gone, BatchNormalization
   * folded into the convolution or product before it, quantize/dequantize pairs absorbed into the operators between
   * them. Every shape is numbers unless a tensor is in `unresolved`.
   */
  readonly graph: Graph;
  /** Dimensions set to 1, branches and trip counts chosen. Sorted. */
  readonly assumptions: readonly string[];
  /** Not empty: the model must not be compiled; the caller says which flag or key sets them. */
  readonly unbound: readonly UnboundDimension[];
  readonly unknownOperators: readonly { readonly operator: string; readonly count: number }[];
  /** Known nodes / all nodes of the file. */
  readonly coverage: number;
  /** Ids of nodes that are computed at compile time: constant subgraphs. */
  readonly constantNodes: readonly string[];
  /** By id of the file's nodes: the parameters that they hold, in branches that are not taken too. */
  readonly parameters: ParameterCounts;
  /** Tensors whose size the data decides (NonZero, NMS) with the bound that was used in place of it. */
  readonly unresolved: readonly {
    readonly tensor: string;
    readonly reason: string;
    readonly assumed: readonly number[];
  }[];
}
