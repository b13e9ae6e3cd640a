/** What the output unit does per element for an operation and what is chained behind it. */
import type { NpuOperation } from '../operation.ts';
import { bitsOf } from '../operation.ts';
import type { OutputStep } from './work.ts';

export function stepsOf(operation: NpuOperation): readonly OutputStep[] {
  return [operation, ...(operation.chained ?? [])].flatMap(ownSteps);
}

function ownSteps({ operator, inputs, output, activation }: NpuOperation): OutputStep[] {
  const [inputBits, outputBits] = [bitsOf(inputs[0]), bitsOf(output)];
  if (operator === 'Transpose') return [{ kind: 'activation', slow: false }];
  if (operator === 'Activation') return [{ kind: 'activation', slow: false }];
  const arithmetic: OutputStep = {
    kind: 'arithmetic',
    inputs: inputs.length,
    inputBits,
    // What a table makes wider comes out of the arithmetic as narrow as it went in.
    outputBits: activation === 'lookup' ? Math.min(inputBits, outputBits) : outputBits,
  };
  return activation === 'none' ? [arithmetic] : [arithmetic, { kind: 'activation', slow: false }];
}
