/** What a target file says of an Ethos-U85: `U85Geometry` of `target.ts` as a schema. */
import { z } from 'zod';
import { record, word } from './shape.ts';

const count = z.int().positive();
const amount = z.number().nonnegative();
const unit = z.tuple([count, count, count]);
const uses = z.array(
  word([
    'convolution',
    'pointwise',
    'matmul',
    'depthwise',
    'pool',
    'reduce-sum',
    'reduce-extreme',
    'elementwise',
    'resize',
  ]),
);

const byWidth = record({ int8: amount, int16: amount });

export const u85Geometry = record({
  macs: count,
  microBlocks: z
    .array(
      record({
        height: count,
        width: count,
        depth: count,
        inputUnits: z.tuple([unit, unit, unit]),
        int8: uses,
        int16: uses,
        int32: uses,
      }),
    )
    .min(1)
    .max(8),
  weightDecoders: count,
  inputBytes: count,
  accumulatorBytes: count,
  outputBytes: count,
  chainBytes: count,
  wordsUnderWay: record({
    copy: count,
    stream: count,
    weights: count,
    fastWeights: count,
    input: count,
    scales: count,
  }),
  outputCyclesPerElement: record({
    int8: amount,
    int16: amount,
    int32: amount,
    int64: amount,
    chained: amount,
    pair: amount,
  }),
  activationCyclesPerElement: record({ fast: amount, slow: amount }),
  resizeCyclesPerElement: byWidth,
  enlargeCyclesPerElement: byWidth,
});
