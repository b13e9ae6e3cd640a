/** What an edit does to the elements of one weight: a plain description, carried out when somebody asks for the bytes. */
import type { DataType } from '../../ir/data-type.ts';
import type { Initializer } from '../../ir/graph.ts';

export type WeightChange =
  /**
   * To integers of so many bits. `axis`: a scale for each slice along it, absent: one for all; `group`: a scale for each
   * run of so many elements along the flattened input axes of each slice.
   */
  | {
      readonly kind: 'quantize';
      readonly bits: 4 | 8;
      readonly symmetric: boolean;
      readonly axis?: number;
      readonly group?: number;
    }
  /** A bias, to integers of 32 bits in steps of its input's times its weights' scale. */
  | { readonly kind: 'quantize-bias' }
  /** To a float of fewer bits. */
  | { readonly kind: 'cast'; readonly dtype: DataType }
  /** To indices of so many bits into one table of floats. */
  | { readonly kind: 'palettize'; readonly bits: 1 | 2 | 3 | 4 | 6 | 8 }
  /** The smallest magnitudes become 0: this share of them. */
  | { readonly kind: 'sparsify'; readonly share: number }
  /** Of each four neighbours along the axis the two smallest become 0. */
  | { readonly kind: 'sparsify-two-of-four'; readonly axis: number }
  /**
   * Slices along the axis go until `kept` are left: those of the smallest sum of squares in `ranked` (the weight itself, or
   * the one before it whose channels these are, as it is when the edit is made).
   */
  | {
      readonly kind: 'prune';
      readonly axis: number;
      readonly kept: number;
      readonly ranked: { readonly weight: Initializer; readonly axis: number };
    };
