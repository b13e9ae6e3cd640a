/** Recurrent layers: a weight for each gate, sequences as steps × batch × vector × 1 × 1. */
import { steps as manySteps } from '../emission.ts';
import { fieldsAt, fieldsOf, flagAt, integerAt, messageAt, messagesAt, type Fields } from '../fields.ts';
import { emitLayer, part, type Layer, type LayerType } from './layer.ts';
import { weight } from './weights.ts';

interface Cell {
  readonly operator: 'LSTM' | 'GRU' | 'RNN';
  readonly states: number;
  readonly bidirectional?: boolean;
}

/** Numbers of the fields that hold one weight of each gate, in ONNX's order of gates. */
interface GateFields {
  readonly input: readonly number[];
  readonly recursion: readonly number[];
  readonly bias: readonly number[];
  readonly peephole: readonly number[];
}

const lstmGates: GateFields = {
  input: [1, 4, 2, 3],
  recursion: [20, 23, 21, 22],
  bias: [40, 43, 41, 42],
  peephole: [60, 62, 61],
};

const gruGates: GateFields = { input: [30, 31, 32], recursion: [50, 51, 52], bias: [70, 71, 72], peephole: [] };

const simpleGates: GateFields = { input: [30], recursion: [31], bias: [32], peephole: [] };

/** The weights of all gates one under the other; `''` where the layer has none. */
function gates(
  layer: Layer,
  params: readonly Fields[],
  numbers: (fields: GateFields) => readonly number[],
  form: { readonly fields: GateFields; readonly name: string; readonly shape: readonly number[] },
): string {
  const names = params.flatMap((each, way) =>
    numbers(form.fields).map((field) =>
      weight(layer, messageAt(each, field), { part: `${form.name}${way}.${field}`, shape: form.shape }),
    ),
  );
  const found = names.filter((name) => name !== '');
  if (found.length <= 1) return found[0] ?? '';
  return part(layer, form.name, 'Concat', { inputs: found, attributes: { axis: 0 } });
}

function recurrent(cell: Cell, fields: GateFields): (layer: Layer) => void {
  return (layer) => {
    const { parameters, inputs, ranks } = layer;
    const [depth, hidden] = [integerAt(parameters, 1), integerAt(parameters, 2)];
    const isLong = cell.operator === 'LSTM';
    const params = isLong ? messagesAt(parameters, 20).map((each) => fieldsOf(each)) : [parameters];
    const form = (name: string, shape: readonly number[]) => ({ fields, name, shape });
    const rank = ranks[0] ?? 4;
    const x = part(layer, 'sequence', 'Reshape', {
      inputs: [inputs[0] ?? ''],
      attributes: { shape: rank >= 5 ? [0, 0, depth] : [-1, 1, depth] },
    });
    const weights = [
      gates(layer, params, ({ input }) => input, form('weights', [hidden, depth])),
      gates(layer, params, ({ recursion }) => recursion, form('recursion', [hidden, hidden])),
      gates(layer, params, ({ bias }) => bias, form('bias', [hidden])),
    ];
    const peephole = isLong ? gates(layer, params, (each) => each.peephole, form('peephole', [hidden])) : '';
    const direction = cell.bidirectional === true ? 'bidirectional' : flagAt(parameters, 100) ? 'reverse' : 'forward';
    const attributes = { hidden_size: hidden, direction };
    const absent = Array.from({ length: cell.states }, () => '');
    const node = { operator: cell.operator, inputs: [x, ...weights, '', ...absent, peephole], attributes };
    const suffixes = ['', ...absent.map((_, index) => `.state${index}`)];
    const made = manySteps(layer, '', node, suffixes);
    const whole = isLong ? flagAt(fieldsAt(parameters, 15), 10) : flagAt(parameters, 15);
    emitOutputs(layer, made, { whole, bidirectional: cell.bidirectional === true, rank, hidden });
  };
}

interface OutputForm {
  /** The sequence, not its end alone. */
  readonly whole: boolean;
  readonly bidirectional: boolean;
  readonly rank: number;
  readonly hidden: number;
}

/** From steps × directions × batch × hidden, and directions × batch × hidden. States of the two ways come apart. */
function emitOutputs(layer: Layer, made: readonly string[], form: OutputForm): void {
  const { whole, bidirectional, rank, hidden } = form;
  const [sequence, ...states] = made as readonly [string, ...string[]];
  layer.outputs.forEach((output, position) => {
    const each = { ...layer, name: `${layer.name}/output${position}`, outputs: [output] };
    const isSequence = position === 0 && whole;
    const source = isSequence ? sequence : (states[position === 0 ? 0 : (position - 1) % states.length] ?? sequence);
    const perm = isSequence ? [0, 2, 1, 3] : [1, 0, 2];
    const sideBySide = bidirectional && position === 0;
    const isState = bidirectional && position > 0;
    // The states of the way forward come first, then those of the way back.
    const way = position > states.length ? 1 : 0;
    const cut = { starts: [way], ends: [way + 1], axes: [0] };
    const oneWay = isState ? part(each, 'way', 'Slice', { inputs: [source], attributes: cut }) : source;
    const moved = sideBySide ? part(each, 'moved', 'Transpose', { inputs: [source], attributes: { perm } }) : oneWay;
    const size = sideBySide ? 2 * hidden : hidden;
    const inOneRow = isSequence && rank >= 5 ? [0, -1, size, 1, 1] : [1, -1, size, 1, 1];
    emitLayer(each, 'Reshape', [moved], { shape: rank >= 5 ? inOneRow : [-1, size, 1, 1] });
  });
}

export const recurrentLayers: readonly LayerType[] = [
  { field: 400, name: 'simpleRecurrent', translate: recurrent({ operator: 'RNN', states: 1 }, simpleGates) },
  { field: 410, name: 'gru', translate: recurrent({ operator: 'GRU', states: 1 }, gruGates) },
  { field: 420, name: 'uniDirectionalLSTM', translate: recurrent({ operator: 'LSTM', states: 2 }, lstmGates) },
  {
    field: 430,
    name: 'biDirectionalLSTM',
    translate: recurrent({ operator: 'LSTM', states: 2, bidirectional: true }, lstmGates),
  },
];
