/** StableHLO operators and tables of keys: LiteRT's interpreter ran each of these, and its outputs had these shapes. */
import { numbers } from '../../../fixtures/tflite-builder.mjs';
import { floats, int64s, integers, typed, type Case, type Operand } from './one-operator.ts';

const list = (...values: number[]) => numbers('int64', values);
const scalar = floats();

/** Options are of the second union there; the reader takes either. */
function one(
  [name, code]: readonly [name: string, code: number],
  inputs: readonly Operand[],
  outputs: readonly Operand[],
  fields: NonNullable<Case['options']>[1] = {},
): Case {
  return { name, code, inputs, outputs, options: [1, fields] };
}

const pairs: readonly Case[] = (
  [
    ['STABLEHLO_ADD', 163],
    ['STABLEHLO_MULTIPLY', 165],
    ['STABLEHLO_MAXIMUM', 166],
    ['STABLEHLO_MINIMUM', 181],
  ] as const
).map((operator) => one(operator, [floats(2, 3, 4), floats(2, 3, 4)], [floats(2, 3, 4)]));

export const stablehloCases: readonly Case[] = [
  ...pairs,
  one(['STABLEHLO_AND', 176], [typed('bool', 2, 3), typed('bool', 2, 3)], [typed('bool', 2, 3)]),
  one(['STABLEHLO_SHIFT_LEFT', 207], [typed('int32', 2, 3), typed('int32', 2, 3)], [typed('int32', 2, 3)]),
  one(['STABLEHLO_PAD', 195], [floats(2, 3), scalar], [floats(5, 6)], {
    ...{ 0: list(1, 0), 1: list(2, 3), 2: list(0, 0) },
  }),
  one(['STABLEHLO_PAD that cuts', 195], [floats(4, 6), scalar], [floats(5, 3)], {
    ...{ 0: list(-1, 0), 1: list(2, -3), 2: list(0, 0) },
  }),
  one(['STABLEHLO_PAD with gaps', 195], [floats(2, 3), scalar], [floats(6, 10)], {
    ...{ 0: list(1, 0), 1: list(2, 3), 2: list(1, 2) },
  }),
  one(['DILATE', 203], [floats(2, 3), integers([2, 3]), scalar], [floats(3, 7)]),
  one(['STABLEHLO_REDUCE_WINDOW', 198], [floats(1, 9, 7, 4), scalar], [floats(1, 4, 3, 4)], {
    ...{ 0: list(1, 3, 2, 1), 1: list(1, 2, 2, 1) },
  }),
  one(['STABLEHLO_REDUCE_WINDOW padded and dilated', 198], [floats(1, 9, 7, 4), scalar], [floats(1, 9, 3, 4)], {
    ...{ 0: list(1, 3, 2, 1), 1: list(1, 2, 2, 1), 2: list(1, 2, 1, 1), 3: list(1, 1, 3, 1) },
    4: list(0, 0, 1, 1, 0, 2, 0, 0),
  }),
  one(
    ['REDUCE_WINDOW', 205],
    [floats(1, 9, 7, 4), scalar, int64s(1, 3, 2, 1), int64s(1, 2, 2, 1), int64s(1, 2, 1, 1)],
    [floats(1, 3, 3, 4)],
  ),
  one(['STABLEHLO_SCATTER', 190], [floats(3, 4, 2), typed('int64', 2, 3, 2), floats(2, 3, 2, 2)], [floats(3, 4, 2)]),
  one(
    ['HASHTABLE_LOOKUP', 10],
    [typed('int32', 4), typed('int32', 3), floats(3, 5, 2)],
    [floats(4, 5, 2), typed('uint8', 4)],
  ),
];
