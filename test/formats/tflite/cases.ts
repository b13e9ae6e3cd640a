/** One case and more for each operator: the shapes and types were checked against LiteRT's interpreter. */
import { bool, float32, int32, int8, numbers } from '../../../fixtures/tflite-builder.mjs';
import { floats, integers, typed, weights, type Case, type Operand } from './one-operator.ts';

type Options = Case['options'];

function one(
  [name, code]: readonly [name: string, code: number],
  inputs: readonly (Operand | undefined)[],
  outputs: Operand | readonly Operand[],
  options?: Options,
): Case {
  const all = Array.isArray(outputs) ? (outputs as readonly Operand[]) : [outputs as Operand];
  return { name, code, inputs, outputs: all, ...(options && { options }) };
}

const image = floats(1, 9, 7, 4);
const scalarFloat = weights();
const same = { 0: int8(0) };
const valid = { 0: int8(1) };
const square = (strideX: number, strideY: number) => ({ 1: int32(strideX), 2: int32(strideY) });

const images: readonly Case[] = [
  one(['CONV_2D SAME', 3], [image, weights(8, 3, 3, 4), weights(8)], floats(1, 5, 3, 8), [
    1,
    { ...same, ...square(3, 2), 3: int8(3) },
  ]),
  one(['CONV_2D VALID dilated', 3], [image, weights(8, 3, 2, 4), weights(8)], floats(1, 3, 6, 8), [
    1,
    { ...valid, ...square(1, 1), 4: int32(1), 5: int32(3) },
  ]),
  one(['CONV_2D grouped', 3], [image, weights(8, 3, 3, 2), weights(8)], floats(1, 9, 7, 8), [
    1,
    { ...same, ...square(1, 1) },
  ]),
  one(['DEPTHWISE_CONV_2D', 4], [image, weights(1, 3, 3, 8), weights(8)], floats(1, 4, 3, 8), [
    2,
    { ...valid, ...square(2, 2), 3: int32(2), 4: int8(1) },
  ]),
  one(['TRANSPOSE_CONV SAME', 67], [integers([1, 18, 14, 5]), weights(5, 3, 3, 4), image], floats(1, 18, 14, 5), [
    49,
    { ...same, ...square(2, 2) },
  ]),
  one(['CONV_3D', 132], [floats(1, 5, 9, 7, 4), weights(3, 3, 3, 4, 6), weights(6)], floats(1, 2, 4, 5, 6), [
    106,
    { ...valid, 1: int32(2), 2: int32(1), 3: int32(2) },
  ]),
  one(
    ['CONV_3D_TRANSPOSE', 141],
    [integers([1, 10, 18, 14, 6]), weights(3, 3, 3, 6, 4), floats(1, 5, 9, 7, 4)],
    floats(1, 10, 18, 14, 6),
    [106, { ...same, 1: int32(2), 2: int32(2), 3: int32(2) }],
  ),
  one(['AVERAGE_POOL_2D', 1], [image], floats(1, 5, 4, 4), [5, { ...same, ...square(2, 2), 3: int32(3), 4: int32(2) }]),
  one(['MAX_POOL_2D', 17], [image], floats(1, 8, 5, 4), [5, { ...valid, ...square(1, 1), 3: int32(3), 4: int32(2) }]),
  one(['L2_POOL_2D', 12], [image], floats(1, 4, 3, 4), [5, { ...valid, ...square(2, 2), 3: int32(2), 4: int32(2) }]),
  one(['LOCAL_RESPONSE_NORMALIZATION', 13], [image], image, [13, { 0: int32(2), 1: float32(1), 2: float32(1) }]),
  one(['DEPTH_TO_SPACE', 5], [image], floats(1, 18, 14, 1), [94, { 0: int32(2) }]),
  one(['SPACE_TO_DEPTH', 26], [floats(1, 8, 6, 4)], floats(1, 4, 3, 16), [19, { 0: int32(2) }]),
  one(['RESIZE_BILINEAR', 23], [image, integers([18, 21])], floats(1, 18, 21, 4), [15, { 3: bool(true) }]),
  one(['RESIZE_NEAREST_NEIGHBOR', 97], [image, integers([3, 5])], floats(1, 3, 5, 4), [74, {}]),
  one(['SPACE_TO_BATCH_ND', 38], [image, integers([2, 2]), integers([0, 1, 1, 0], [2, 2])], floats(4, 5, 4, 4), [
    25,
    {},
  ]),
  one(['BATCH_TO_SPACE_ND', 37], [floats(4, 5, 4, 4), integers([2, 2]), integers([0, 1, 1, 0], [2, 2])], image, [
    24,
    {},
  ]),
];

const unary: readonly (readonly [name: string, code: number, union?: number])[] = [
  ['FLOOR', 8],
  ['LOGISTIC', 14],
  ['RELU', 19],
  ['RELU_N1_TO_1', 20],
  ['RELU6', 21],
  ['TANH', 28],
  ['EXP', 47, 33],
  ['LOG_SOFTMAX', 50, 36],
  ['NEG', 59, 42],
  ['SIN', 66],
  ['LOG', 73],
  ['SQRT', 75],
  ['RSQRT', 76],
  ['SQUARE', 92, 66],
  ['ZEROS_LIKE', 93, 67],
  ['ABS', 101],
  ['CEIL', 104],
  ['COS', 108, 84],
  ['ELU', 111],
  ['ROUND', 116],
  ['HARD_SWISH', 117, 91],
  ['GELU', 150, 116],
  ['RELU_0_TO_1', 152],
  ['SIGN', 158, 123],
];

const binary: readonly (readonly [name: string, code: number, union: number, result?: string])[] = [
  ['ADD', 0, 11],
  ['MUL', 18, 21],
  ['SUB', 41, 28],
  ['DIV', 42, 29],
  ['MAXIMUM', 55, 39],
  ['MINIMUM', 57, 39],
  ['LESS', 58, 41, 'bool'],
  ['GREATER', 61, 44, 'bool'],
  ['GREATER_EQUAL', 62, 45, 'bool'],
  ['LESS_EQUAL', 63, 46, 'bool'],
  ['EQUAL', 71, 53, 'bool'],
  ['NOT_EQUAL', 72, 54, 'bool'],
  ['POW', 78, 56],
  ['FLOOR_DIV', 90, 65],
  ['FLOOR_MOD', 95, 72],
  ['SQUARED_DIFFERENCE', 99, 76],
];

const elementwise: readonly Case[] = [
  ...unary.map(([name, code, union]) =>
    one([name, code], [floats(2, 3)], floats(2, 3), union ? [union, {}] : undefined),
  ),
  ...binary.map(([name, code, union, result = 'float32']) =>
    one([name, code], [floats(2, 1, 3), floats(4, 1)], typed(result, 2, 4, 3), [union, {}]),
  ),
  one(['ATAN2', 156], [floats(2, 3), floats(2, 3)], floats(2, 3), [122, {}]),
  one(['SOFTMAX', 25], [floats(2, 3)], floats(2, 3), [9, { 0: float32(1) }]),
  one(['LEAKY_RELU', 98], [floats(2, 3)], floats(2, 3), [75, { 0: float32(0.1) }]),
  one(['PRELU', 54], [image, weights(1, 1, 4)], image),
  one(['L2_NORMALIZATION', 11], [floats(2, 3)], floats(2, 3), [12, {}]),
  one(['ADD_N', 106], [floats(2, 3), floats(2, 3), floats(2, 3)], floats(2, 3), [82, {}]),
  one(['LOGICAL_OR', 84], [typed('bool', 2, 3), typed('bool', 3)], typed('bool', 2, 3), [60, {}]),
  one(['LOGICAL_AND', 86], [typed('bool', 2, 3), typed('bool', 2, 3)], typed('bool', 2, 3), [62, {}]),
  one(['LOGICAL_NOT', 87], [typed('bool', 2, 3)], typed('bool', 2, 3), [63, {}]),
  one(['BITWISE_XOR', 160], [typed('int32', 2, 3), typed('int32', 3)], typed('int32', 2, 3), [125, {}]),
  one(['RIGHT_SHIFT', 161], [typed('int32', 2, 3), typed('int32', 3)], typed('int32', 2, 3), [126, {}]),
  one(['SELECT', 64], [typed('bool', 2, 3), floats(2, 3), floats(2, 3)], floats(2, 3), [47, {}]),
  one(['SELECT_V2', 123], [typed('bool', 3), floats(2, 1), floats(2, 3)], floats(2, 3), [98, {}]),
  one(['CAST', 53], [floats(2, 3)], typed('int32', 2, 3), [37, {}]),
  one(['FAKE_QUANT', 80], [floats(2, 3)], floats(2, 3), [58, { 1: float32(6), 2: int32(8) }]),
  one(['BUCKETIZE', 147], [floats(2, 3)], typed('int32', 2, 3), [115, { 0: numbers('float32', [0, 1, 2]) }]),
  one(['COMPLEX_ABS', 135], [typed('complex64', 2, 3)], floats(2, 3)),
  one(['REAL', 134], [typed('complex64', 2, 3)], floats(2, 3)),
  one(['IMAG', 133], [typed('complex64', 2, 3)], floats(2, 3)),
];

const products: readonly Case[] = [
  one(['FULLY_CONNECTED', 9], [floats(2, 12), weights(5, 12), weights(5)], floats(2, 5), [8, { 0: int8(1) }]),
  one(['FULLY_CONNECTED flattens', 9], [floats(2, 3, 4), weights(5, 12), undefined], floats(2, 5), [8, {}]),
  one(['FULLY_CONNECTED by rows', 9], [floats(2, 3, 4), weights(5, 4), undefined], floats(6, 5), [8, {}]),
  one(['FULLY_CONNECTED keeps axes', 9], [floats(2, 3, 4), weights(5, 4), undefined], floats(2, 3, 5), [
    8,
    { 2: bool(true) },
  ]),
  one(['BATCH_MATMUL', 126], [floats(2, 3, 4), floats(2, 4, 5)], floats(2, 3, 5), [101, {}]),
  one(['BATCH_MATMUL transposed', 126], [floats(2, 4, 3), floats(2, 5, 4)], floats(2, 3, 5), [
    101,
    { 0: bool(true), 1: bool(true) },
  ]),
  one(['SVDF', 27], [floats(2, 3), weights(8, 3), weights(8, 6), undefined, undefined], floats(2, 4), [
    6,
    { 0: int32(2) },
  ]),
];

const movement: readonly Case[] = [
  one(['CONCATENATION', 2], [floats(2, 3), floats(2, 4)], floats(2, 7), [10, { 0: int32(-1) }]),
  one(['EMBEDDING_LOOKUP', 7], [typed('int32', 5), weights(10, 4)], floats(5, 4)),
  one(['RESHAPE', 22], [floats(2, 6), integers([3, -1])], floats(3, 4), [17, {}]),
  one(['RESHAPE by option', 22], [floats(2, 6)], floats(4, 3), [17, { 0: numbers('int32', [4, 3]) }]),
  one(['PAD', 34], [floats(2, 3), integers([1, 0, 2, 3], [2, 2])], floats(3, 8), [22, {}]),
  one(['PADV2', 60], [floats(2, 3), integers([1, 0, 2, 3], [2, 2]), scalarFloat], floats(3, 8), [43, {}]),
  one(['MIRROR_PAD', 100], [floats(2, 3), integers([1, 0, 2, 1], [2, 2])], floats(3, 6), [77, {}]),
  one(['GATHER', 36], [floats(2, 5, 3), typed('int32', 4)], floats(2, 4, 3), [23, { 0: int32(1) }]),
  one(['GATHER in batches', 36], [floats(2, 5, 3), typed('int32', 2, 4)], floats(2, 4, 3), [
    23,
    { 0: int32(1), 1: int32(1) },
  ]),
  one(['GATHER_ND', 107], [floats(4, 5, 3), typed('int32', 6, 2)], floats(6, 3), [83, {}]),
  one(['TRANSPOSE', 39], [floats(2, 3, 4), integers([2, 0, 1])], floats(4, 2, 3), [26, {}]),
  one(['SQUEEZE', 43], [floats(1, 3, 1)], floats(3, 1), [30, { 0: numbers('int32', [0]) }]),
  one(['SQUEEZE of all', 43], [floats(1, 3, 1)], floats(3), [30, {}]),
  one(['EXPAND_DIMS', 70], [floats(2, 3), integers(-1)], floats(2, 3, 1), [52, {}]),
  one(
    ['STRIDED_SLICE', 45],
    [floats(4, 5, 6), integers([1, 0, 0]), integers([3, 5, 6]), integers([1, 2, 1])],
    floats(2, 3, 6),
    [32, {}],
  ),
  one(
    ['STRIDED_SLICE with masks', 45],
    [floats(4, 5, 6), integers([1, 0, 2]), integers([2, 0, 9]), integers([1, -1, 3])],
    floats(5, 2),
    [32, { 0: int32(2), 1: int32(2), 4: int32(1) }],
  ),
  one(
    ['STRIDED_SLICE with an ellipsis and a new axis', 45],
    [floats(4, 5, 6), integers([0, 0, 1]), integers([0, 0, 3]), integers([1, 1, 1])],
    floats(1, 4, 5, 2),
    [32, { 2: int32(2), 3: int32(1) }],
  ),
  one(['SLICE', 65], [floats(4, 5), integers([1, 2]), integers([2, -1])], floats(2, 3), [48, {}]),
  one(['SPLIT', 49], [integers(1), floats(2, 6)], [floats(2, 3), floats(2, 3)], [35, { 0: int32(2) }]),
  one(
    ['SPLIT_V', 102],
    [floats(2, 6), integers([1, -1]), integers(1)],
    [floats(2, 1), floats(2, 5)],
    [79, { 0: int32(2) }],
  ),
  one(['PACK', 83], [floats(2, 3), floats(2, 3)], floats(2, 2, 3), [59, { 0: int32(2), 1: int32(1) }]),
  one(['UNPACK', 88], [floats(2, 3)], [floats(2), floats(2), floats(2)], [64, { 0: int32(3), 1: int32(1) }]),
  one(['TILE', 69], [floats(2, 3), integers([2, 3])], floats(4, 9), [51, {}]),
  one(['FILL', 94], [integers([2, 3]), floats()], floats(2, 3), [68, {}]),
  one(['BROADCAST_TO', 130], [floats(3), integers([2, 3])], floats(2, 3), [104, {}]),
  one(['RANGE', 96], [integers(0), integers(7), integers(2)], typed('int32', 4), [73, {}]),
  one(['REVERSE_V2', 105], [floats(2, 3), integers([1])], floats(2, 3), [81, {}]),
  one(['REVERSE_SEQUENCE', 112], [floats(2, 3), typed('int32', 2)], floats(2, 3), [87, { 0: int32(1) }]),
  one(['ONE_HOT', 85], [typed('int32', 3), integers(4), scalarFloat, scalarFloat], floats(3, 4), [
    61,
    { 0: int32(-1) },
  ]),
  one(['TOPK_V2', 48], [floats(2, 6), integers(3)], [floats(2, 3), typed('int32', 2, 3)], [34, {}]),
  one(['SHAPE', 77], [floats(2, 3)], typed('int32', 2), [55, { 0: int8(2) }]),
  one(['RANK', 110], [floats(2, 3)], typed('int32'), [86, {}]),
  one(['SCATTER_ND', 122], [typed('int32', 4, 1), floats(4, 3), integers([8, 3])], floats(8, 3), [97, {}]),
  one(['SPARSE_TO_DENSE', 68], [typed('int32', 4), integers([8]), floats(4), floats()], floats(8), [50, {}]),
  one(['MATRIX_DIAG', 113], [floats(2, 3)], floats(2, 3, 3), [88, {}]),
  one(['MATRIX_SET_DIAG', 115], [floats(2, 3, 3), floats(2, 3)], floats(2, 3, 3), [90, {}]),
  one(['DYNAMIC_UPDATE_SLICE', 151], [floats(4, 5), floats(2, 2), typed('int32', 2)], floats(4, 5), [117, {}]),
  one(['CUMSUM', 128], [floats(2, 3), integers(1)], floats(2, 3), [102, {}]),
  one(['BROADCAST_ARGS', 145], [integers([2, 1]), integers([3])], typed('int32', 2)),
  one(['UNSORTED_SEGMENT_SUM', 155], [floats(5, 3), typed('int32', 5), integers(4)], floats(4, 3), [121, {}]),
  one(['RFFT2D', 131], [floats(2, 8, 16), integers([8, 16])], typed('complex64', 2, 8, 9), [105, {}]),
];

const reductions: readonly Case[] = [
  ['MEAN', 40],
  ['SUM', 74],
  ['REDUCE_PROD', 81],
  ['REDUCE_MAX', 82],
  ['REDUCE_MIN', 89],
].flatMap(([name, code]) => [
  one([`${name}`, code as number], [floats(2, 3, 4), integers([1, -1])], floats(2), [27, {}]),
  one([`${name} keeps axes`, code as number], [floats(2, 3, 4), integers([1])], floats(2, 1, 4), [
    27,
    { 0: bool(true) },
  ]),
]);

const extremes: readonly Case[] = [
  one(['ARG_MAX', 56], [floats(2, 3, 4), integers(1)], typed('int64', 2, 4), [40, { 0: int8(4) }]),
  one(['ARG_MIN', 79], [floats(2, 3, 4), integers(-1)], typed('int32', 2, 3), [57, { 0: int8(2) }]),
  one(['REDUCE_ANY', 91], [typed('bool', 2, 3), integers([0])], typed('bool', 3), [27, {}]),
  one(['REDUCE_ALL', 140], [typed('bool', 2, 3), integers([0])], typed('bool', 3), [27, {}]),
];

export const cases: readonly Case[] = [...images, ...elementwise, ...products, ...movement, ...reductions, ...extremes];
