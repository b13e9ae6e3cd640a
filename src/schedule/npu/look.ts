/**
 * What an operation looks like to the machine, in one text. Networks repeat their layers, and what was found out about
 * one counts for all that look alike.
 */
import type { Fields } from '../../ir/alike.ts';
import { printerOf } from '../../ir/alike.ts';
import type { Context, Near } from './context.ts';
import type { ChainedOperation, Connection, Extent, Filter, NpuOperation, NpuTensor } from './operation.ts';
import { bitsOf, partOf, readsOf } from './operation.ts';

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

/** Without the memories that its feature maps lie in; as long as the operations live. */
const remembered = new WeakMap<Context['program'], WeakMap<NpuOperation, string>>();

/** Equal for operations of one program that run alike, with the tensors in `near` in the fast memory. */
export function lookOf(operation: NpuOperation, { program, spills }: Context, near: Near): string {
  const looks = remembered.get(program) ?? new WeakMap<NpuOperation, string>();
  remembered.set(program, looks);
  const look = looks.get(operation) ?? printOperation(operation, program);
  looks.set(operation, look);
  if (!spills) return look;
  const place = ({ tensor }: { readonly tensor: NpuTensor }) => (near.has(tensor) ? '1' : '0');
  let places = place(operation.output);
  for (const read of readsOf(operation)) places += place(read);
  return `${look} ${places}`;
}

function printOperation(operation: NpuOperation, program: Context['program']): string {
  const { filter, inputs, weights, chained = [], output } = operation;
  const connections = [output, ...readsOf(operation)].map((connection) => printConnection(connection, program));
  const held = weights === null ? 'none' : weights.sparse === true ? 'sparse' : 'dense';
  const behind = chained.map((each) => `${printChained(each)} ${each.sideInput === undefined ? '' : 'side'}`);
  return [printOwn(operation), printFilter(filter), inputs.length, held, ...behind, ...connections].join(';');
}

function printConnection(connection: Connection, { uses }: Context['program']): string {
  const { tensor, shape, stepX = 1, stepY = 1 } = connection;
  const storage = `${tensor.constant ? 'constant' : ''} ${uses.get(tensor)?.bricks === true ? 'bricks' : ''}`;
  const extents = `${printExtent(shape)} ${printExtent(partOf(connection))}`;
  return `${extents} ${bitsOf(connection)} ${stepX} ${stepY} ${storage}`;
}
