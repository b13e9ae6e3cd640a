/** TFLite's operators that ONNX has no word for, and that need no more than a row of a table each. */
import { isKnown } from '../ir/dimension.ts';
import { elementwise } from './elementwise.ts';
import type { Elementwise } from './elementwise.ts';
import { onNumbers, onPairs } from './element-arithmetic.ts';
import { elementsOf, printCost, vectorWork } from './counting.ts';
import type { Cost } from './counting.ts';
import type { Operator } from './operator.ts';
import { unknown } from '../ir/dimension.ts';
import { sameAs, unknownType } from './type.ts';
import type { OperatorClass } from './work.ts';

const tfliteDomain = 'tflite';
const isBool = () => 'bool' as const;

const floorDivideElements = onPairs(
  (a, b) => Math.floor(a / b),
  (a, b) => (isKnown(b) && b === 1 ? a : unknown('a quotient of symbols')),
);

const elementwiseRows: readonly Omit<Elementwise, 'domain'>[] = [
  { name: 'NotEqual', summary: 'a≠b', cost: { add: 1 }, dtype: isBool },
  { name: 'FloorDiv', summary: 'a/b rounded down', cost: { divide: 1, add: 1 }, evaluate: floorDivideElements },
  { name: 'SquaredDifference', summary: '(a-b)²', cost: { add: 1, multiply: 1 }, parameterInputs: [0, 1] },
  { name: 'Rsqrt', summary: '1/√x', cost: { divide: 2 }, evaluate: onNumbers((x) => 1 / Math.sqrt(x)) },
  { name: 'Cbrt', summary: 'Cube root of x', cost: { exponential: 2, divide: 1 } },
  { name: 'Atan2', summary: 'Angle of the point (b, a)', cost: { exponential: 1, divide: 1 } },
  { name: 'ZerosLike', summary: '0 for each element', cost: { move: 1 }, evaluate: onNumbers(() => 0) },
  { name: 'FakeQuant', summary: 'x rounded to the nearest quantized number', cost: { convert: 2 } },
  { name: 'Bucketize', summary: 'Number of the interval that x lies in', cost: { sort: 1 }, dtype: () => 'int32' },
  { name: 'Real', summary: 'Real part', cost: { move: 1 }, dtype: () => 'float32' },
  { name: 'Imag', summary: 'Imaginary part', cost: { move: 1 }, dtype: () => 'float32' },
  { name: 'ComplexAbs', summary: '|x|', cost: { multiply: 2, add: 1, divide: 1 }, dtype: () => 'float32' },
];

/** Operators whose output is as the file declares it. */
interface Declared {
  readonly name: string;
  readonly summary: string;
  readonly operatorClass: OperatorClass;
  /** Of each output element, or of each element of input `perInput`. */
  readonly cost: Cost;
  readonly perInput?: number;
  readonly volatile?: true;
  readonly parameterInputs?: readonly number[];
}

const moved = { operatorClass: 'data-movement', cost: { move: 1 } } as const;
const controlled = { operatorClass: 'control', cost: {}, volatile: true } as const;
const random = { operatorClass: 'elementwise', cost: { exponential: 1, multiply: 4 }, volatile: true } as const;

const declaredRows: readonly Declared[] = [
  { name: 'Reshape', summary: 'Another shape', operatorClass: 'view', cost: {} },
  { name: 'Bitcast', summary: 'The same bits as another type', operatorClass: 'view', cost: {} },
  { name: 'Transpose', summary: 'Permutes the axes in an order that only a run knows', ...moved },
  { name: 'Split', summary: 'Cuts along an axis that only a run knows', ...moved },
  { name: 'Reverse', summary: 'Reverses axes', ...moved },
  { name: 'BroadcastInDim', summary: 'Broadcasts to a shape', ...moved },
  { name: 'GeneralGather', summary: 'Picks slices', ...moved, parameterInputs: [0] },
  { name: 'Iota', summary: 'Counts along an axis', ...moved },
  { name: 'SegmentSum', summary: 'Sums of sorted segments', operatorClass: 'reduction', cost: { add: 1 }, perInput: 0 },
  {
    name: 'ArgMax',
    summary: 'Place of the largest element',
    operatorClass: 'reduction',
    cost: { add: 1 },
    perInput: 0,
  },
  {
    name: 'ArgMin',
    summary: 'Place of the smallest element',
    operatorClass: 'reduction',
    cost: { add: 1 },
    perInput: 0,
  },
  {
    name: 'NonMaxSuppression',
    summary: 'Boxes that no better box overlaps',
    operatorClass: 'sort',
    cost: { sort: 1 },
    perInput: 1,
  },
  {
    name: 'DetectionPostProcess',
    summary: 'Boxes from anchors, and those that no better box overlaps',
    operatorClass: 'sort',
    cost: { sort: 1 },
    perInput: 1,
    parameterInputs: [2],
  },
  {
    name: 'Multinomial',
    summary: 'Draws classes',
    operatorClass: 'sort',
    cost: { exponential: 1 },
    perInput: 0,
    volatile: true,
  },
  {
    name: 'LshProjection',
    summary: 'Bits of a random projection',
    operatorClass: 'reduction',
    cost: { multiply: 1, add: 1 },
    perInput: 0,
  },
  { name: 'ConcatEmbeddings', summary: 'Joins embeddings', ...moved },
  { name: 'EmbeddingLookupSparse', summary: 'Combined rows of a table', ...moved, parameterInputs: [4] },
  { name: 'SkipGram', summary: 'Words that stand near one another', ...moved },
  { name: 'HashTable', summary: 'A table', ...controlled },
  {
    name: 'HashTableFind',
    summary: 'Values of keys',
    operatorClass: 'data-movement',
    cost: { sort: 1 },
    volatile: true,
  },
  { name: 'HashTableImport', summary: 'Fills a table', ...controlled },
  { name: 'VariableHandle', summary: 'A variable', ...controlled },
  { name: 'ReadVariable', summary: 'The value of a variable', ...controlled },
  {
    name: 'AssignVariable',
    summary: 'Sets a variable',
    operatorClass: 'data-movement',
    cost: { move: 1 },
    perInput: 1,
    volatile: true,
  },
  { name: 'CallOnce', summary: 'A subgraph that runs before the first inference', ...controlled },
  { name: 'RandomNormal', summary: 'Normally distributed numbers', ...random },
  { name: 'RandomUniform', summary: 'Equally distributed numbers', ...random },
  { name: 'RandomBits', summary: 'Random bits', ...random },
];

function declared({ name, summary, operatorClass, cost, perInput, volatile, parameterInputs }: Declared): Operator {
  const printed = printCost(cost);
  const each = perInput === undefined ? 'output element' : `element of input ${perInput}`;
  return {
    domain: tfliteDomain,
    name,
    documentation: `${summary}. ${printed === '' ? 'Takes no work' : `Counted as ${printed} per ${each}`}; the output is as declared.`,
    infer: ({ node }) => node.outputs.map(() => unknownType(`only a run can tell (${name})`)),
    work: ({ inputs }, outputs) => ({
      operatorClass,
      nests: [],
      vector:
        perInput === undefined
          ? outputs.flatMap((output) => vectorWork(elementsOf(output), cost))
          : vectorWork(elementsOf(inputs[perInput]), cost),
    }),
    ...(volatile && { volatile }),
    ...(parameterInputs && { parameterInputs }),
  };
}

/** Operators that write into a copy of their first input, which runtimes do in place: what is written moves. */
const writers: readonly (readonly [name: string, summary: string, written: number])[] = [
  ['DynamicUpdateSlice', 'Writes a slice', 1],
  ['MatrixSetDiag', 'Writes diagonals', 1],
  ['Scatter', 'Writes elements to indexed places', 2],
];

export const tfliteOperators: readonly Operator[] = [
  ...elementwiseRows.map((row) => elementwise({ ...row, domain: tfliteDomain })),
  ...declaredRows.map(declared),
  ...writers.map(([name, summary, written]): Operator => ({
    domain: tfliteDomain,
    name,
    documentation: `${summary}; each written element moves once.`,
    infer: ({ inputs }) => [sameAs(inputs[0])],
    work: ({ inputs }) => ({
      operatorClass: 'data-movement',
      nests: [],
      vector: vectorWork(elementsOf(inputs[written]), { move: 1 }),
    }),
  })),
];
