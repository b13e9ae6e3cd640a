/**
 * What an operation looks like to the machine. Networks repeat their layers, and what was found out about one counts for
 * all that look alike.
 */
import type { Fields } from '../../ir/alike.ts';
import { printerOf } from '../../ir/alike.ts';
import type { Context, Near } from './context.ts';
import type { Look, Looks } from './findings.ts';
import type { ChainedOperation, Connection, Extent, Filter, NpuOperation } from './operation.ts';
import { bitsOf, readsOf } from './operation.ts';

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

/** As long as the operations live. */
const looksIn = new WeakMap<Context['program'], Map<NpuOperation, Looks>>();

/** The same for operations that run alike, with the tensors in `near` in the fast memory. */
export function lookOf(operation: NpuOperation, context: Context, near: Near): Look {
  const { spills } = context;
  const looks = looksOf(operation, context);
  const nearMaps = spills && !operation.onProcessor ? nearMapsOf(operation, near) : 0;
  let look = looks.get(nearMaps);
  if (look === undefined) looks.set(nearMaps, (look = { nearMaps }));
  return look;
}

function looksOf(operation: NpuOperation, { program, findings }: Context): Looks {
  let known = looksIn.get(program);
  if (known === undefined) looksIn.set(program, (known = new Map<NpuOperation, Looks>()));
  const own = known.get(operation);
  if (own !== undefined) return own;
  const text = printOperation(operation, program);
  let looks = findings.looks.get(text);
  if (looks === undefined) {
    findings.looks.set(text, (looks = new Map<number, Look>()));
    findings.count++;
  }
  known.set(operation, looks);
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
