/**
 * What an operation looks like to the machine. Networks repeat their layers, and what was found out about one counts for
 * all that look alike.
 */
import type { Fields } from '../../ir/alike.ts';
import { printerOf } from '../../ir/alike.ts';
import type { Context, Near } from './context.ts';
import type { ChainedOperation, Connection, Extent, Filter, NpuOperation } from './operation.ts';
import { bitsOf, readsOf } from './operation.ts';

/** One object for all operations of a program that run alike: what is remembered of them is remembered by it. */
export interface Look {
  /** A bit for each feature map that lies in the fast memory: the output, then those that are read. */
  readonly nearMaps: number;
}

const filterFields: Fields<Filter> = {
  ...{ height: true, width: true, strideY: true, strideX: true, dilationY: true, dilationX: true },
};
const printFilter = printerOf(filterFields);
const printExtent = printerOf<Extent>({ height: true, width: true, depth: true });
const printOwn = printerOf<
  Pick<NpuOperation, 'operator' | 'resampling' | 'activation' | 'tableBytes' | 'scaled' | 'onProcessor' | 'heldBits'>
>({
  ...{ operator: true, resampling: true, activation: true, tableBytes: true, scaled: true },
  ...{ onProcessor: true, heldBits: true },
});
const printChained = printerOf<Omit<ChainedOperation, 'sideInput'>>({
  ...{ operator: true, activation: true, inputBits: true, outputBits: true, operands: true, tableBytes: true },
});

/** Looks of operations that differ in the memories of their feature maps alone. */
type Looks = Map<number, Look>;

interface KnownLooks {
  readonly byOperation: Map<NpuOperation, Looks>;
  readonly byText: Map<string, Looks>;
}

/** As long as the operations live. */
const remembered = new WeakMap<Context['program'], KnownLooks>();

/** The same for operations of one program that run alike, with the tensors in `near` in the fast memory. */
export function lookOf(operation: NpuOperation, { program, spills }: Context, near: Near): Look {
  const looks = looksOf(operation, program);
  const nearMaps = spills && !operation.onProcessor ? nearMapsOf(operation, near) : 0;
  let look = looks.get(nearMaps);
  if (look === undefined) looks.set(nearMaps, (look = { nearMaps }));
  return look;
}

function looksOf(operation: NpuOperation, program: Context['program']): Looks {
  let known = remembered.get(program);
  if (known === undefined) remembered.set(program, (known = { byOperation: new Map(), byText: new Map() }));
  const own = known.byOperation.get(operation);
  if (own !== undefined) return own;
  const text = printOperation(operation, program);
  const looks = known.byText.get(text) ?? new Map<number, Look>();
  known.byText.set(text, looks);
  known.byOperation.set(operation, looks);
  return looks;
}

function nearMapsOf(operation: NpuOperation, near: Near): number {
  if (near.size === 0) return 0;
  let maps = near.has(operation.output.tensor) ? 1 : 0;
  let bit = 2;
  for (const { tensor } of readsOf(operation)) {
    if (near.has(tensor)) maps += bit;
    bit *= 2;
  }
  return maps;
}

function printOperation(operation: NpuOperation, program: Context['program']): string {
  const { filter, inputs, weights, chained = [], output } = operation;
  const held = weights === null ? 'none' : weights.sparse === true ? 'sparse' : 'dense';
  let text = `${printOwn(operation)};${printFilter(filter)};${inputs.length};${held}`;
  for (const each of chained) text += `;${printChained(each)} ${each.sideInput === undefined ? '' : 'side'}`;
  text += `;${printConnection(output, program)}`;
  for (const read of readsOf(operation)) text += `;${printConnection(read, program)}`;
  return text;
}

function printConnection(connection: Connection, { uses }: Context['program']): string {
  const { tensor, shape, slice, stepX = 1, stepY = 1 } = connection;
  const storage = `${tensor.constant ? 'constant' : ''} ${uses.get(tensor)?.bricks === true ? 'bricks' : ''}`;
  const part = slice === undefined ? '' : printExtent(slice.shape);
  return `${printExtent(shape)} ${part} ${bitsOf(connection)} ${stepX} ${stepY} ${storage}`;
}
