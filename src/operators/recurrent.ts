/** Recurrent layers: the input's product over all steps at once, the state's product one step after the other. */
import { unknown } from '../ir/dimension.ts';
import type { Dimension } from '../ir/dimension.ts';
import type { TensorType } from '../ir/graph.ts';
import { intAttribute, stringAttribute } from './attribute.ts';
import { axisSize, loopNest, vectorWork } from './counting.ts';
import type { Cost } from './counting.ts';
import type { Operator, TypedNode } from './operator.ts';
import { dtypeOf, tensor } from './type.ts';
import type { LoopNest } from './work.ts';

interface Cell {
  readonly domain: string;
  readonly name: string;
  readonly summary: string;
  readonly gates: number;
  /** States carried from step to step, each an output after the first. */
  readonly states: number;
  /** Work of each hidden unit and step, beside the products. */
  readonly perUnit: Cost;
  /** Where the weights have the gates last, not second. */
  readonly gatesLast?: boolean;
}

/** LSTM: 3 sigmoid and 2 tanh; the cell's and the output's 3 products and 1 sum; 4 sums of the two products. */
const longShortTerm: Cost = { exponential: 5, multiply: 3, add: 5 };

const cells: readonly Cell[] = [
  {
    domain: '',
    name: 'LSTM',
    summary: 'Long short-term memory',
    gates: 4,
    states: 2,
    perUnit: longShortTerm,
  },
  {
    domain: '',
    name: 'GRU',
    summary: 'Gated recurrent unit',
    gates: 3,
    states: 1,
    perUnit: { exponential: 3, multiply: 3, add: 5 },
  },
  { domain: '', name: 'RNN', summary: 'Elman network', gates: 1, states: 1, perUnit: { exponential: 1, add: 1 } },
  {
    domain: 'com.microsoft',
    name: 'DynamicQuantizeLSTM',
    summary: 'Long short-term memory with 8-bit weights',
    gates: 4,
    states: 2,
    perUnit: { ...longShortTerm, convert: 2 },
    gatesLast: true,
  },
];

const batchFirst = ({ node }: TypedNode): boolean => intAttribute(node, 'layout', 0) === 1;

const directionsOf = ({ node }: TypedNode): number =>
  stringAttribute(node, 'direction', 'forward') === 'bidirectional' ? 2 : 1;

/** From the attribute, else from the recurrence weights: directions × gates·hidden × hidden. */
function hiddenSize({ node, inputs }: TypedNode, cell: Cell): Dimension {
  const axis = cell.gatesLast === true ? 1 : 2;
  return (
    intAttribute(node, 'hidden_size', undefined) ??
    inputs[2]?.shape?.[axis] ??
    unknown('neither hidden_size nor the weights tell it')
  );
}

function infer(context: TypedNode, cell: Cell): TensorType[] {
  const [input] = context.inputs;
  const dtype = dtypeOf(input);
  const open = unknown(input?.reason ?? 'the shape of the input is not known');
  const [first = open, second = open] = input?.shape?.length === 3 ? input.shape : [];
  const directions = directionsOf(context);
  const hidden = hiddenSize(context, cell);
  const sequence = batchFirst(context) ? [first, second, directions, hidden] : [first, directions, second, hidden];
  const state = batchFirst(context) ? [first, directions, hidden] : [directions, second, hidden];
  return [tensor(dtype, sequence), ...Array.from({ length: cell.states }, () => tensor(dtype, state))];
}

interface Sizes {
  readonly steps: number;
  readonly batch: number;
  readonly directions: number;
  readonly hidden: number;
}

function sizesOf(typed: TypedNode, cell: Cell): Sizes {
  const [input] = typed.inputs;
  const [steps, batch] = batchFirst(typed) ? [1, 0] : [0, 1];
  const hidden = hiddenSize(typed, cell);
  return {
    steps: axisSize(input, steps),
    batch: axisSize(input, batch),
    directions: directionsOf(typed),
    hidden: typeof hidden === 'number' ? hidden : 0,
  };
}

function nestsOf(typed: TypedNode, cell: Cell): readonly LoopNest[] {
  const { steps, batch, directions, hidden } = sizesOf(typed, cell);
  const outputs = { G: directions, K: cell.gates * hidden };
  return [
    loopNest({ ...outputs, OY: steps * batch, C: axisSize(typed.inputs[0], 2), stationaryInput: 1 }),
    loopNest({ ...outputs, OY: batch, C: hidden, stationaryInput: 2, sequentialSteps: steps }),
  ];
}

/** Biases are one addition for each gate; peepholes let each of three gates look at the cell. */
function costOf({ inputs }: TypedNode, cell: Cell): Cost {
  const bias = inputs[3] === undefined ? 0 : cell.gates;
  const peepholes = cell.states === 2 && inputs[7] !== undefined ? 3 : 0;
  const { add = 0, multiply = 0 } = cell.perUnit;
  return { ...cell.perUnit, add: add + bias + peepholes, multiply: multiply + peepholes };
}

function recurrent(cell: Cell): Operator {
  return {
    domain: cell.domain,
    name: cell.name,
    documentation:
      `${cell.summary}. MACs: directions × ${cell.gates}·hidden × (steps × batch × input + steps × batch × hidden); ` +
      'the second product runs step after step. Gates are vector work for each hidden unit and step.',
    infer: (context) => infer(context, cell),
    work: (typed) => {
      const { steps, batch, directions, hidden } = sizesOf(typed, cell);
      return {
        operatorClass: 'recurrent',
        nests: nestsOf(typed, cell),
        vector: vectorWork(steps * batch * directions * hidden, costOf(typed, cell)),
      };
    },
    parameterInputs: cell.states === 2 ? [1, 2, 3, 7] : [1, 2, 3],
  };
}

export const recurrentOperators: readonly Operator[] = cells.map(recurrent);
