/** Recurrent layers, whose gates have weights of their own. States are variables of the runtime and no operands here. */
import {
  activated,
  int,
  ints,
  option,
  tfliteDomain,
  type FileOperator,
  type NodeDraft,
  type Translate,
} from './operator.ts';

/** Positions of the operands of one direction; -1: none. */
interface Direction {
  /** Weights of the input, by gate. */
  readonly input: readonly number[];
  /** Weights of the state, by gate. */
  readonly state: readonly number[];
  /** What is added for each gate or looks at the cell: biases, peepholes, layer norms. */
  readonly added: readonly number[];
  readonly projection: number;
}

function range(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

/** Gates: input, forget, cell, output. */
const longShortTerm: Direction = {
  input: range(1, 4),
  state: range(5, 4),
  added: [...range(9, 3), ...range(12, 4), 17, ...range(20, 4)],
  projection: 16,
};

const backwardLongShortTerm: Direction = {
  input: range(18, 4),
  state: range(22, 4),
  added: [...range(26, 3), ...range(29, 4), 34],
  projection: 33,
};

const forwardLongShortTerm: Direction = { ...longShortTerm, added: [...range(9, 3), ...range(12, 4), 17] };

const plainCell: Direction = { input: [1], state: [2], added: [3], projection: -1 };
const backwardPlainCell: Direction = { input: [5], state: [6], added: [7], projection: -1 };

/**
 * A node whose inputs are the sequence and, for each direction, its weights. An operand that is absent (a gate that is
 * coupled to another) is left out of the lists.
 */
function recurrent(
  operator: FileOperator,
  kind: string,
  directions: readonly Direction[],
  timeMajor: number,
): NodeDraft {
  const has = (position: number) => (operator.inputs[position] ?? '') !== '';
  const [weights, recurrences, projections, others]: [number[], number[], number[], number[]] = [[], [], [], []];
  for (const direction of directions) {
    weights.push(...direction.input.filter(has));
    recurrences.push(...direction.state.filter(has));
    projections.push(...[direction.projection].filter(has));
    others.push(...direction.added.filter(has));
  }
  const order = [0, ...weights, ...recurrences, ...projections, ...others];
  const counts = { weights, recurrences, projections };
  let next = 1;
  const places = Object.entries(counts).map(([name, list]) => {
    const first = next;
    next += list.length;
    return [name, ints(range(first, list.length))] as const;
  });
  return {
    operator: kind,
    domain: tfliteDomain,
    inputs: order.map((position) => operator.inputs[position] ?? ''),
    outputs: operator.outputs,
    attributes: { ...Object.fromEntries(places), directions: int(directions.length), time_major: int(timeMajor) },
  };
}

/** The kernel for one step comes in two forms; the basic one has a single weight for all. */
const lstm: Translate = (operator) => {
  if (option(operator, 3, 'int8') === 0) return [recurrent(operator, 'Lstm', [longShortTerm], -1)];
  const { inputs, outputs } = operator;
  return [
    {
      operator: 'BasicLstm',
      domain: tfliteDomain,
      inputs: [inputs[0] ?? '', inputs[1] ?? '', inputs[2] ?? '', inputs[3] ?? '', inputs[4] ?? ''],
      outputs,
    },
  ];
};

const sequenceLstm: Translate = (operator) => [
  recurrent(operator, 'Lstm', [longShortTerm], option(operator, 3, 'bool')),
];

const bidirectionalLstm: Translate = (operator) => [
  {
    ...recurrent(operator, 'Lstm', [forwardLongShortTerm, backwardLongShortTerm], option(operator, 4, 'bool', 1)),
  },
];

const rnn: Translate = (operator) => [recurrent(operator, 'Rnn', [plainCell], -1)];

const sequenceRnn: Translate = (operator) => [recurrent(operator, 'Rnn', [plainCell], option(operator, 0, 'bool'))];

const bidirectionalRnn: Translate = (operator) => [
  recurrent(operator, 'Rnn', [plainCell, backwardPlainCell], option(operator, 0, 'bool')),
];

/** Inputs: features, weights of the features, weights of the times, bias, state. */
const svdf: Translate = (operator) =>
  activated(operator, 1, {
    operator: 'Svdf',
    domain: tfliteDomain,
    inputs: operator.inputs.slice(0, 4),
    outputs: operator.outputs,
    attributes: { rank: int(option(operator, 0, 'int32')) },
  });

/** By builtin code. */
export const recurrentTranslations: ReadonlyMap<number, Translate> = new Map<number, Translate>([
  [16, lstm],
  [24, rnn],
  [27, svdf],
  [35, sequenceRnn],
  [44, sequenceLstm],
  [46, bidirectionalRnn],
  [52, bidirectionalLstm],
]);
