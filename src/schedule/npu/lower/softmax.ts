/**
 * Softmax in integers, as Vela 5.2 (Apache-2.0) spells it out: the maximum of a row, a table of exponentials of the
 * distances to it, their sum, and its reciprocal by Newton's method (8 bits) or by a table (16 bits).
 */
import type { Connection, Extent, NpuOperation, NpuOperator } from '../operation.ts';
import { bitsOf, unitFilter } from '../operation.ts';
import { combine, pass } from './elementwise.ts';
import type { Lowering } from './lowering.ts';
import { connect, operation, resultOf, scalar } from './lowering.ts';
import { maximumU85 } from './u85.ts';

/** 256 exponentials of four bytes; the table for 16 bits interpolates between 512. */
const exponentialBytes = 1024;
const interpolatedBytes = 2048;
const newtonRounds = 3;
const word = 32;

/** Chains operations on rows; each result is a new tensor. */
interface Chain {
  readonly context: Lowering;
  /** Name for a first result. */
  readonly first: () => string;
  readonly operations: NpuOperation[];
  readonly constant: (bits?: number) => Connection;
  readonly wide: Extent;
  readonly narrow: Extent;
  readonly apply: (
    operator: NpuOperator,
    operands: readonly [Connection, Connection],
    to?: Partial<Result>,
  ) => Connection;
  readonly single: (
    operator: NpuOperator,
    input: Connection,
    shape: Extent,
    more?: Partial<NpuOperation>,
  ) => Connection;
}

interface Result {
  readonly shape: Extent;
  readonly bits: number;
  readonly tableBytes: number;
  readonly into: Connection;
}

export function lowerSoftmax(context: Lowering): readonly NpuOperation[] {
  const { node } = context.group.host;
  const input = connect(context, node.inputs[0] ?? '');
  const output = connect(context, resultOf(context.group));
  const chain = chainOf(context, input.shape, input.tensor.name);
  if (bitsOf(input) > 8) sixteenBits(chain, input, output);
  else eightBits(chain, input, output);
  return chain.operations;
}

function chainOf(context: Lowering, wide: Extent, name: string): Chain {
  const operations: NpuOperation[] = [];
  const narrow = { ...wide, depth: 1 };
  let count = 0;
  const result = (shape: Extent, bits: number): Connection => ({
    tensor: context.temporary(`${name}_softmax_${count++}`, bits),
    shape,
  });
  return {
    ...{ context, operations, wide, narrow },
    first: () => `${name}_softmax_${count++}`,
    constant: (bits = word) => scalar(context, bits),
    apply: (operator, operands, { shape = narrow, bits = word, tableBytes = 0, into } = {}) => {
      const to = into ?? result(shape, bits);
      const activation = tableBytes > 0 ? ({ activation: 'lookup', tableBytes } as const) : {};
      operations.push(...combine(context, { operator, operands, output: to, activation }));
      // The table's result takes a number too.
      if (tableBytes > 0) count++;
      return to;
    },
    single: (operator, input, shape, more) => {
      const to = result(shape, more === undefined ? word : input.tensor.bits);
      operations.push(
        operator === 'CLZ'
          ? pass(context, { operator, input, output: to })
          : operation(context, { operator, inputs: [input], output: to, ...more }),
      );
      return to;
    },
  };
}

/** The largest of each row: its elements as columns. */
function maximumOf({ single, wide, narrow, context, operations, first }: Chain, input: Connection): Connection {
  const { tensor } = input;
  if (context.chains) {
    const steps = maximumU85(context, input, wide, first());
    operations.push(...steps);
    return { tensor: steps.at(-1)!.output.tensor, shape: narrow };
  }
  const rows: Extent = { height: wide.height * wide.width, width: wide.depth, depth: 1 };
  const most = single(
    'MaxPool',
    { tensor, shape: rows },
    { ...rows, width: 1 },
    {
      filter: { ...unitFilter, width: wide.depth },
    },
  );
  return { tensor: most.tensor, shape: narrow };
}

function eightBits(chain: Chain, input: Connection, output: Connection): void {
  const { apply, single, constant, wide, narrow } = chain;
  const most = maximumOf(chain, input);
  const exponentials = apply('Sub', [input, most], { shape: wide, tableBytes: exponentialBytes });
  const shifted = apply('Asr', [exponentials, constant()], { shape: wide });
  const sum = single('ReduceSum', shifted, narrow);
  const headroom = single('CLZ', sum, narrow);
  const rightShift = apply('Sub', [constant(), headroom]);
  const leftShift = apply('Sub', [headroom, constant()]);
  const denominator = apply('SHL', [sum, leftShift]);
  const product = apply('Mul', [denominator, constant()]);
  let estimate = apply('Add', [product, constant()]);
  for (let round = 0; round < newtonRounds; round++) {
    const times = apply('Mul', [estimate, denominator]);
    const error = apply('Sub', [constant(), times]);
    const correction = apply('Mul', [estimate, error]);
    const scaled = apply('Mul', [correction, constant()]);
    estimate = apply('Add', [estimate, scaled]);
  }
  const quotient = apply('Mul', [exponentials, estimate], { shape: wide });
  if (chain.context.chains) {
    apply('Asr', [quotient, rightShift], { into: output });
    return;
  }
  // The compiler sees shapes of two ranks and broadcasts what has its size already.
  const zeros: Connection = { tensor: constant().tensor, shape: wide };
  const again = apply('Add', [zeros, quotient], { shape: wide });
  apply('Asr', [again, rightShift], { into: output });
}

function sixteenBits(chain: Chain, input: Connection, output: Connection): void {
  const { apply, single, constant, wide, narrow } = chain;
  const most = maximumOf(chain, input);
  const distance = apply('Sub', [input, most], { shape: wide });
  const scaled = apply('Mul', [distance, constant()], { shape: wide });
  const exponentials = apply('Add', [scaled, constant()], { shape: wide, bits: 16, tableBytes: interpolatedBytes });
  const sum = single('ReduceSum', exponentials, narrow);
  const headroom = single('CLZ', sum, narrow);
  const rightShift = apply('Sub', [constant(), headroom]);
  const one = apply('SHL', [constant(), rightShift]);
  const rest = apply('Sub', [sum, one]);
  const shifted = apply('SHL', [rest, headroom]);
  const narrowed = apply('Asr', [shifted, constant()]);
  const reciprocal = apply('Sub', [narrowed, constant()], { bits: 16, tableBytes: interpolatedBytes });
  const quotient = apply('Mul', [exponentials, reciprocal], { shape: wide });
  apply('Asr', [quotient, rightShift], { into: output });
}
