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
  /** Slices along these axes go. */
  | { readonly kind: 'prune'; readonly axes: readonly PrunedAxis[] };

export interface PrunedAxis {
  readonly axis: number;
  /** Neighbouring stretches of the axis, all of it. */
  readonly runs: readonly PrunedRun[];
}

/** Channels of which some go, and the same ones wherever they are read. */
export interface PrunedRun {
  readonly channels: number;
  /** Slices along the axis that belong to one channel: 49 where a Flatten of 7 x 7 lies in between. */
  readonly width: number;
  readonly kept: number;
  /**
   * The channels that go are those with the smallest sum of squares over all slices of these weights that make them, as they
   * are when the edit is made. Empty where all are kept.
   */
  readonly ranked: readonly RankedSlices[];
}

/** Slices of a weight, `width` for each channel, from `start` on. */
export interface RankedSlices {
  readonly weight: Initializer;
  readonly axis: number;
  readonly start: number;
  readonly width: number;
}
