/** Recurrent layers of MIL: outputs have the directions side by side, where ONNX gives them an axis. */
import { emit, step, steps } from '../../emission.ts';
import { flag, shapeOf, tensor, text, type Operation } from '../operation.ts';
import type { Table, Translate } from './translate.ts';

interface Cell {
  readonly operator: string;
  /** States at the start, each an output at the end. */
  readonly states: readonly string[];
}

function recurrence({ operator, states }: Cell): Translate {
  return (operation) => {
    const bidirectional = text(operation, 'direction', 'forward') === 'bidirectional';
    const hidden = shapeOf(operation, 'weight_hh')?.[1];
    const weights = ['weight_ih', 'weight_hh', 'bias'].map((name) => bothWays(operation, name, bidirectional));
    const peephole = states.length === 2 ? [bothWays(operation, 'peephole', bidirectional)] : [];
    const initial = states.map((name) => tensor(operation, name));
    const inputs = [tensor(operation, 'x'), ...weights, '', ...initial, ...peephole];
    const direction = text(operation, 'direction', 'forward');
    const attributes = {
      hidden_size: hidden,
      direction,
      linear_before_reset: flag(operation, 'reset_after') ? 1 : undefined,
    };
    const suffixes = ['', ...states.map((_, index) => `.state${index}`)];
    const made = steps(operation, '', { operator, inputs, attributes }, suffixes);
    emitOutputs(operation, made, bidirectional);
  };
}

/** A weight and that of the way back, one after the other. */
function bothWays(operation: Operation, parameter: string, bidirectional: boolean): string {
  const forward = tensor(operation, parameter);
  const back = bidirectional ? tensor(operation, `${parameter}_back`) : '';
  if (back === '' || forward === '') return forward;
  return step(operation, parameter, { operator: 'Concat', inputs: [forward, back], attributes: { axis: 0 } });
}

/** The sequence (steps × directions × batch × hidden) or its end, then the states (directions × batch × hidden). */
function emitOutputs(operation: Operation, made: readonly string[], bidirectional: boolean): void {
  const [sequence, ...finals] = made as readonly [string, ...string[]];
  const whole = flag(operation, 'output_sequence');
  operation.outputs.forEach((output, position) => {
    const part = { ...operation, name: `${operation.name}/output${position}`, outputs: [output] };
    if (position > 0) sideBySide(part, finals[position - 1] ?? sequence, { bidirectional, axis: 0 });
    else if (whole) sideBySide(part, sequence, { bidirectional, axis: 1 });
    else lastStep(part, finals[0] ?? sequence, bidirectional);
  });
}

/** Puts the axis of directions into the last one. */
function sideBySide(
  operation: Operation,
  input: string,
  { bidirectional, axis }: { readonly bidirectional: boolean; readonly axis: number },
): void {
  if (!bidirectional) {
    emit(operation, 'Squeeze', [input], { axes: [axis] });
    return;
  }
  const perm = axis === 0 ? [1, 0, 2] : [0, 2, 1, 3];
  const moved = step(operation, 'moved', { operator: 'Transpose', inputs: [input], attributes: { perm } });
  emit(operation, 'Reshape', [moved], { shape: axis === 0 ? [0, -1] : [0, 0, -1] });
}

function lastStep(operation: Operation, state: string, bidirectional: boolean): void {
  if (!bidirectional) {
    // One direction × batch × hidden is one step × batch × hidden.
    emit(operation, 'Identity', [state]);
    return;
  }
  const moved = step(operation, 'moved', { operator: 'Transpose', inputs: [state], attributes: { perm: [1, 0, 2] } });
  const flat = step(operation, 'flat', { operator: 'Reshape', inputs: [moved], attributes: { shape: [0, -1] } });
  emit(operation, 'Unsqueeze', [flat], { axes: [0] });
}

export const recurrences: Table = [
  ['lstm', recurrence({ operator: 'LSTM', states: ['initial_h', 'initial_c'] })],
  ['gru', recurrence({ operator: 'GRU', states: ['initial_h'] })],
  ['rnn', recurrence({ operator: 'RNN', states: ['initial_h'] })],
];
