/** What the output unit does per element for an operation and what is chained behind it. */
import type { ChainedOperation, NpuOperation } from '../operation.ts';
import { bitsOf } from '../operation.ts';
import type { OutputStep } from './work.ts';

type Step = Pick<ChainedOperation, 'operator' | 'activation' | 'inputBits' | 'outputBits' | 'operands'>;

export function stepsOf(operation: NpuOperation): readonly OutputStep[] {
  const { operator, activation, inputs, output, heldBits, chained = [] } = operation;
  const own: Step = {
    ...{ operator, activation },
    inputBits: bitsOf(inputs[0]),
    outputBits: heldBits ?? bitsOf(output),
    operands: inputs.length,
  };
  return [own, ...chained].flatMap(ownSteps);
}

function ownSteps({ operator, activation, inputBits, outputBits, operands }: Step): OutputStep[] {
  if (operator === 'Transpose' || operator === 'Activation') return [{ kind: 'activation', slow: false }];
  const arithmetic: OutputStep = {
    kind: 'arithmetic',
    inputs: operands,
    inputBits,
    // What a table makes wider comes out of the arithmetic as narrow as it went in.
    outputBits: activation === 'lookup' ? Math.min(inputBits, outputBits) : outputBits,
  };
  return activation === 'none' ? [arithmetic] : [arithmetic, { kind: 'activation', slow: false }];
}
