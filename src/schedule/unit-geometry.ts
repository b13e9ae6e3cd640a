/** The shape of a unit's arithmetic: what loop nests are rounded up to, and what decides its cycles. */

export type OutputWork =
  'plain' | 'multiply' | 'add' | 'maximum' | 'wideUnary' | 'wideBinary' | 'wideProduct' | 'clamp' | 'lookup';

export type UnitGeometry =
  /** The micro-kernel of a CPU library: output rows × output channels; the reduction in steps of `depth`. */
  | { readonly kind: 'micro-kernel'; readonly rows: number; readonly columns: number; readonly depth: number }
  /** Weight-stationary array. */
  | { readonly kind: 'array'; readonly rows: number; readonly columns: number }
  /** One processor for each input channel, all of them on one output channel at a time (MAX78000). */
  | {
      readonly kind: 'processors';
      readonly channels: number;
      /** Filter taps that a processor multiplies in a cycle. */
      readonly taps: number;
      /** To load one position's inputs, before its output channels follow cycle by cycle. */
      readonly cyclesPerPosition: number;
    }
  /** Arm's Ethos-U: micro-block of the output feature map and limits of a block. */
  | {
      readonly kind: 'block';
      readonly microBlock: {
        readonly height: number;
        readonly width: number;
        readonly depth: number;
        /** Input channels that are read together. */
        readonly inputDepth: number;
      };
      readonly bufferBanks: number;
      readonly bankBytes: number;
      /** Banks of the buffer are given out in multiples of these, by what they hold and its bits. */
      readonly granules: Readonly<Record<'input8' | 'input16' | 'input32' | 'sum32' | 'sum40', number>>;
      /**
       * Output unit: cycles per element by what it does; `wide`: on 32-bit operands (of one or two inputs), products
       * with 32-bit results; `clamp` and `lookup` are activations behind another operation.
       */
      readonly outputCyclesPerElement: Readonly<Record<OutputWork, number>>;
    }
  | U85Geometry
  /** Thread-block tiles spread over multiprocessors. */
  | {
      readonly kind: 'waves';
      readonly tiles: readonly (readonly [number, number])[];
      readonly blocksPerMultiprocessor: number;
    };

/** Operations that a micro-block of an Ethos-U85 can run; `pointwise`: a convolution of one tap only. */
export type U85MicroBlockUse =
  | 'convolution'
  | 'pointwise'
  | 'matmul'
  | 'depthwise'
  | 'pool'
  | 'reduce-sum'
  | 'reduce-extreme'
  | 'elementwise'
  | 'resize';

/** Outputs that are computed side by side. */
export interface U85MicroBlock {
  readonly height: number;
  readonly width: number;
  readonly depth: number;
  /** Pieces that the input buffer is filled in, as rows, columns and words of 128 bits: for up to one, two, more words. */
  readonly inputUnits: readonly [U85InputUnit, U85InputUnit, U85InputUnit];
  /** By the type of the input. */
  readonly int8: readonly U85MicroBlockUse[];
  readonly int16: readonly U85MicroBlockUse[];
  readonly int32: readonly U85MicroBlockUse[];
}

export type U85InputUnit = readonly [height: number, width: number, words: number];

/** Arm's Ethos-U85: micro-blocks to choose from, and per-element operations chained behind others. */
export interface U85Geometry {
  readonly kind: 'u85';
  readonly macs: number;
  readonly microBlocks: readonly U85MicroBlock[];
  /** Streams that weights are cut into. */
  readonly weightDecoders: number;
  readonly inputBytes: number;
  readonly accumulatorBytes: number;
  readonly outputBytes: number;
  /** Of the buffers for chained operands together. */
  readonly chainBytes: number;
  /** Words of 128 bits that each reader may have under way. */
  readonly wordsUnderWay: Readonly<Record<U85Reader, number>>;
  /** By the type of the output; of what stays in a chaining buffer with 32 bits; of two 32-bit operands. */
  readonly outputCyclesPerElement: Readonly<Record<'int8' | 'int16' | 'int32' | 'int64' | 'chained' | 'pair', number>>;
  /** `slow`: where rows and columns change places. */
  readonly activationCyclesPerElement: Readonly<Record<'fast' | 'slow', number>>;
  readonly resizeCyclesPerElement: Readonly<Record<'int8' | 'int16', number>>;
  /** Of a resize that enlarges by `macs` / 512 or more. */
  readonly enlargeCyclesPerElement: Readonly<Record<'int8' | 'int16', number>>;
}

export type U85Reader = 'copy' | 'stream' | 'weights' | 'fastWeights' | 'input' | 'scales';
