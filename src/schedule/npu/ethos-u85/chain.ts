/**
 * Per-element operations are chained behind the operation that runs right before them where nobody else reads its
 * result, which then stays in the unit; clamps, tables and transposes become part of what they follow.
 */
import type { ChainedOperation, Connection, Extent, NpuOperation, NpuTensor } from '../operation.ts';
import { bitsOf, elementsOf, sameExtent, unitsOf } from '../operation.ts';

/** Operations in a chain, and feature maps that it reads from memory. */
const longestChain = 4;
const mostReads = 3;

interface Uses {
  readonly producers: ReadonlyMap<NpuTensor, number>;
  readonly consumers: ReadonlyMap<NpuTensor, number>;
}

interface Chain {
  readonly operation: NpuOperation;
  readonly length: number;
  readonly reads: number;
}

/** `operations` in the order in which they run. */
export function chainOperations(operations: readonly NpuOperation[]): readonly NpuOperation[] {
  const uses = usesOf(operations);
  const chained: NpuOperation[] = [];
  let current: Chain | undefined;
  for (const operation of operations) {
    const longer: Chain | undefined = current && extended(current, operation, uses);
    if (current !== undefined && longer === undefined) chained.push(current.operation);
    current = longer ?? { operation, length: 1, reads: readsFrom(operation) };
  }
  if (current !== undefined) chained.push(current.operation);
  return withCopies(chained);
}

/** Copies of a result go to the kernel that now makes it, where they are all that is left of their own. */
function withCopies(operations: readonly NpuOperation[]): readonly NpuOperation[] {
  const takers = new Map<number, number>();
  for (const { kernel, taken } of operations) for (const other of taken ?? []) takers.set(other, kernel);
  if (takers.size === 0) return operations;
  const busy = new Set<number>();
  for (const { kernel, operator } of operations) if (operator !== 'MemoryCopy') busy.add(kernel);
  return operations.map((operation) => {
    const taker = takers.get(operation.kernel);
    return taker === undefined || busy.has(operation.kernel) ? operation : { ...operation, kernel: taker };
  });
}

function usesOf(operations: readonly NpuOperation[]): Uses {
  const [producers, consumers] = [new Map<NpuTensor, number>(), new Map<NpuTensor, number>()];
  const count = (uses: Map<NpuTensor, number>, tensor: NpuTensor) => uses.set(tensor, (uses.get(tensor) ?? 0) + 1);
  for (const { inputs, output } of operations) {
    count(producers, output.tensor);
    for (const { tensor } of inputs) count(consumers, tensor);
  }
  return { producers, consumers };
}

/** Operands in memory: constant scalars go with the command. */
function readsFrom({ inputs }: NpuOperation): number {
  return inputs.filter((input) => !isScalar(input)).length;
}

function isScalar({ tensor, shape }: Connection): boolean {
  return tensor.constant && elementsOf(shape) === 1;
}

function extended(chain: Chain, next: NpuOperation, uses: Uses): Chain | undefined {
  const { operation } = chain;
  const { tensor } = operation.output;
  const position = next.inputs.findLastIndex((input) => input.tensor === tensor);
  const input = next.inputs[position];
  if (input === undefined || operation.onProcessor || next.onProcessor || !canHold(operation, uses)) return undefined;
  if (input.slice !== undefined) return undefined;
  const reshapes = !sameExtent(operation.output.shape, input.shape);
  if (reshapes && (dependsOnShape(operation) || next.output.slice !== undefined)) return undefined;
  if (next.operator === 'Activation') return fused(chain, next);
  return unitsOf[next.operator] === 'elementwise' ? taken(chain, next, position) : undefined;
}

/** One maker, one reader, whole, and no result of the model. */
function canHold({ output, operator, inputs }: NpuOperation, { producers, consumers }: Uses): boolean {
  const { tensor, slice } = output;
  if (slice !== undefined || tensor.graphOutput) return false;
  // Wide elements pass through a pool by another way.
  if (operator === 'MemoryCopy' && bitsOf(inputs[0]) >= 32) return false;
  if (unitsOf[operator] === 'resize') return false;
  return producers.get(tensor) === 1 && consumers.get(tensor) === 1;
}

function dependsOnShape({ operator, filter, chained }: NpuOperation): boolean {
  if (operator === 'Conv2D' || operator === 'DepthwiseConv2D') return true;
  const last = chained !== undefined;
  return !last && (filter.height * filter.width !== 1 || filter.strideY * filter.strideX !== 1);
}

/** A table or clamp in the same pass. */
function fused(chain: Chain, next: NpuOperation): Chain | undefined {
  const { operation } = chain;
  const last = operation.chained?.at(-1) ?? operation;
  if (last.activation !== 'none' || operation.operator === 'Activation') return undefined;
  const activation = next.tableBytes > 0 ? 'lookup' : 'clamp';
  const tableBytes = next.tableBytes;
  const output = { ...next.output, shape: operation.output.shape };
  const taken = kernelsOf(operation, next);
  if (operation.chained === undefined) {
    return { ...chain, operation: { ...operation, taken, activation, tableBytes, output } };
  }
  const others = operation.chained.slice(0, -1);
  const changed: ChainedOperation = { ...operation.chained.at(-1)!, activation, tableBytes };
  return { ...chain, operation: { ...operation, taken, chained: [...others, changed], output } };
}

function taken(chain: Chain, next: NpuOperation, position: number): Chain | undefined {
  const { operation, length, reads } = chain;
  const added = readsFrom(next) - 1;
  if (length + 1 > longestChain || reads + added > mostReads) return undefined;
  if (!sameExtent(operation.output.shape, next.output.shape)) return undefined;
  const side = next.inputs[1 - position];
  if (side !== undefined && !fits(next.inputs[position]!.shape, side, operation.output.shape)) return undefined;
  const sideInput = side === undefined || isScalar(side) ? undefined : side;
  return { length: length + 1, reads: reads + added, operation: joined(operation, next, sideInput) };
}

/** Field by field: engines copy records fast whose fields always stand in one order. */
function joined(own: NpuOperation, next: NpuOperation, sideInput: Connection | undefined): NpuOperation {
  const { operator, activation, tableBytes } = next;
  const [inputBits, outputBits] = [bitsOf(next.inputs[0]), bitsOf(next.output)];
  const added = { operator, activation, inputBits, outputBits, operands: next.inputs.length, tableBytes };
  const chained: ChainedOperation = sideInput === undefined ? added : { ...added, sideInput };
  return {
    name: own.name,
    kernel: own.kernel,
    operator: own.operator,
    inputs: own.inputs,
    output: next.output,
    filter: own.filter,
    resampling: own.resampling,
    activation: own.activation,
    tableBytes: own.tableBytes,
    weights: own.weights,
    scaled: own.scaled,
    joined: own.joined,
    follows: own.follows,
    onProcessor: own.onProcessor,
    chained: own.chained === undefined ? [chained] : [...own.chained, chained],
    taken: kernelsOf(own, next),
    heldBits: own.heldBits ?? bitsOf(own.output),
  };
}

function kernelsOf({ kernel, taken = [] }: NpuOperation, next: NpuOperation): readonly number[] {
  return next.kernel === kernel ? taken : [...taken, next.kernel];
}

/** The chained operand has the shape of what it comes from, or the other one is a scalar. */
function fits(chained: Extent, side: Connection, result: Extent): boolean {
  if (sameExtent(chained, side.shape) || sameExtent(chained, result)) return true;
  return elementsOf(chained) === elementsOf(result) && elementsOf(side.shape) === 1;
}
