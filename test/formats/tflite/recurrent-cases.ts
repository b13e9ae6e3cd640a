/** Recurrent layers: the shapes were checked against LiteRT's interpreter, which allocates each of these models. */
import { bool, int8 } from '../../../fixtures/tflite-builder.mjs';
import { floats, variable, weights, type Case, type Operand } from './one-operator.ts';

const absent = (count: number): readonly undefined[] => Array.from({ length: count }, () => undefined);
const times = (count: number, operand: Operand): readonly Operand[] => Array.from({ length: count }, () => operand);

/** Sizes of a layer: of its input, of its cells, of what its projection makes of them (the same without one). */
interface Sizes {
  readonly depth: number;
  readonly cells: number;
  readonly projected?: number;
  /** The input gate is one less the forget gate. */
  readonly coupled?: true;
}

function gates({ depth, cells, projected = cells, coupled }: Sizes): readonly (Operand | undefined)[] {
  const own = <Item>(each: Item) => (coupled ? undefined : each);
  return [
    own(weights(cells, depth)),
    ...times(3, weights(cells, depth)),
    own(weights(cells, projected)),
    ...times(3, weights(cells, projected)),
    ...absent(3),
    own(weights(cells)),
    ...times(3, weights(cells)),
    projected === cells ? undefined : weights(projected, cells),
    undefined,
  ];
}

const states = (batch: number, { cells, projected = cells }: Sizes) => [
  variable(batch, projected),
  variable(batch, cells),
];

const plain: Sizes = { depth: 3, cells: 5 };
const narrow: Sizes = { depth: 3, cells: 5, projected: 2 };
const coupled: Sizes = { depth: 3, cells: 5, coupled: true };
const tanh = int8(4);

function sequence(name: string, sizes: Sizes, timeMajor: boolean): Case {
  const batch = timeMajor ? 7 : 2;
  return {
    name: `UNIDIRECTIONAL_SEQUENCE_LSTM ${name}`,
    code: 44,
    inputs: [floats(2, 7, 3), ...gates(sizes), ...states(batch, sizes), ...absent(4)],
    outputs: [floats(2, 7, sizes.projected ?? sizes.cells)],
    options: [71, { 0: tanh, 3: bool(timeMajor) }],
  };
}

function bothWays(name: string, merged: boolean, sizes: Sizes): Case {
  const width = sizes.projected ?? sizes.cells;
  return {
    name: `BIDIRECTIONAL_SEQUENCE_LSTM ${name}`,
    code: 52,
    inputs: [floats(7, 2, 3), ...gates(sizes), ...gates(sizes), ...states(2, sizes), ...states(2, sizes), ...absent(9)],
    outputs: merged ? [floats(7, 2, 2 * width)] : times(2, floats(7, 2, width)),
    options: [69, { 0: tanh, 3: bool(merged), 4: bool(true) }],
  };
}

const cell = [weights(5, 3), weights(5, 5), weights(5), variable(2, 5)];

export const recurrentCases: readonly Case[] = [
  {
    name: 'LSTM',
    code: 16,
    inputs: [floats(2, 3), ...gates(plain), ...states(2, plain)],
    outputs: [floats(2, 5)],
    options: [14, { 0: tanh }],
  },
  sequence('by batch', plain, false),
  sequence('by steps', plain, true),
  sequence('with a projection', narrow, false),
  sequence('with coupled gates', coupled, false),
  bothWays('side by side', true, plain),
  bothWays('apart', false, plain),
  bothWays('with projections', true, narrow),
  { name: 'RNN', code: 24, inputs: [floats(2, 3), ...cell], outputs: [floats(2, 5)], options: [7, { 0: tanh }] },
  {
    name: 'UNIDIRECTIONAL_SEQUENCE_RNN',
    code: 35,
    inputs: [floats(2, 7, 3), ...cell],
    outputs: [floats(2, 7, 5)],
    options: [31, { 0: bool(false), 1: tanh }],
  },
  ...[true, false].map((merged): Case => ({
    name: `BIDIRECTIONAL_SEQUENCE_RNN ${merged ? 'side by side' : 'apart'}`,
    code: 46,
    inputs: [floats(2, 7, 3), ...cell, ...cell, ...absent(3)],
    outputs: merged ? [floats(2, 7, 10)] : times(2, floats(2, 7, 5)),
    options: [70, { 0: bool(false), 1: tanh, 2: bool(merged) }],
  })),
];
