/** The lowered operations in the order in which they run, and who makes and reads each tensor. */
import type { Connection, Extent, NpuOperation, NpuTensor } from './operation.ts';
import { bitsOf, elementsOf, partOf, readsOf, roundUp } from './operation.ts';

export interface TensorUses {
  /** Positions of operations; an operation that reads it twice stands here twice. */
  readonly producers: readonly number[];
  readonly consumers: readonly number[];
  readonly processorUses: boolean;
  /** Stored in bricks of 16 channels. */
  readonly bricks: boolean;
  /** As it is stored. */
  readonly bytes: number;
  /** Of the whole tensor, as its maker (or first reader) sees it. */
  readonly shape: Extent;
}

export interface NpuProgram {
  readonly operations: readonly NpuOperation[];
  readonly uses: ReadonlyMap<NpuTensor, TensorUses>;
}

const brickDepth = 16;
/** Tensors begin at multiples of this. */
export const tensorAlignBytes = 16;

export function programOf(
  lowered: readonly NpuOperation[],
  results: readonly NpuTensor[],
  chain: (operations: readonly NpuOperation[]) => readonly NpuOperation[] = (operations) => operations,
): NpuProgram {
  return withOperations(groupProcessor(chain(inOrder(lowered, results))));
}

/** Of operations that are in their order. */
export function withOperations(operations: readonly NpuOperation[]): NpuProgram {
  const links = linksOf(operations);
  const uses = new Map<NpuTensor, TensorUses>();
  for (const [tensor, own] of links) uses.set(tensor, usesOf(tensor, own, operations));
  return { operations, uses };
}

interface Links {
  readonly producers: number[];
  readonly consumers: number[];
}

function linksOf(operations: readonly NpuOperation[]): Map<NpuTensor, Links> {
  const links = new Map<NpuTensor, Links>();
  const linkOf = (tensor: NpuTensor): Links => {
    let known = links.get(tensor);
    if (known === undefined) links.set(tensor, (known = { producers: [], consumers: [] }));
    return known;
  };
  for (const [index, operation] of operations.entries()) {
    linkOf(operation.output.tensor).producers.push(index);
    for (const { tensor } of readsOf(operation)) linkOf(tensor).consumers.push(index);
  }
  return links;
}

/**
 * Vela's order: depth first from the model's results, the last operand's makers before the first one's, the last maker
 * of a tensor before the others.
 */
function inOrder(lowered: readonly NpuOperation[], results: readonly NpuTensor[]): readonly NpuOperation[] {
  const chains = chainsOf(lowered);
  const makers = new Map<NpuTensor, Chain[]>();
  for (const chain of chains) {
    for (const { output } of chain) {
      const others = makers.get(output.tensor);
      if (others === undefined) makers.set(output.tensor, [chain]);
      else if (others.at(-1) !== chain) others.push(chain);
    }
  }
  const ordered: NpuOperation[] = [];
  const visited = new Set<Chain>();
  const pending: { readonly chain: Chain; readonly done: boolean }[] = [];
  const push = (tensor: NpuTensor) => {
    for (const chain of inTurn(makers.get(tensor) ?? [])) {
      if (!visited.has(chain)) pending.push({ chain, done: false });
    }
  };
  for (const tensor of results) push(tensor);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { chain, done } = next;
    if (done) ordered.push(...chain);
    else if (!visited.has(chain)) {
      visited.add(chain);
      pending.push({ chain, done: true });
      for (const { inputs } of chain) for (const { tensor } of inputs) push(tensor);
    }
  }
  // What no result needs runs where it stands in the file: at the end.
  return [...ordered, ...chains.filter((chain) => !visited.has(chain)).flat()];
}

/** Those that write their part of a joined feature map themselves run first, in their order; copies run last. */
function inTurn(chains: readonly Chain[]): readonly Chain[] {
  if (chains.length < 2) return chains;
  const isJoined = ([first]: Chain) => first?.joined === true;
  return [...chains.filter((chain) => !isJoined(chain)), ...chains.filter(isJoined).toReversed()];
}

/** Operations that are never apart. */
type Chain = readonly NpuOperation[];

function chainsOf(lowered: readonly NpuOperation[]): readonly Chain[] {
  const chains: NpuOperation[][] = [];
  for (const operation of lowered) {
    if (operation.follows) chains.at(-1)?.push(operation);
    else chains.push([operation]);
  }
  return chains;
}

/**
 * Operations of the processor side by side, for fewer changes between the two: those that read nothing but the model's
 * inputs first, those that make nothing but its results last, the others as late as they may.
 */
function groupProcessor(operations: readonly NpuOperation[]): readonly NpuOperation[] {
  if (!operations.some(({ onProcessor }) => onProcessor)) return operations;
  const read = new Set(operations.flatMap(({ inputs }) => inputs.map(({ tensor }) => tensor)));
  const madeEarly = new Set<NpuTensor>();
  const [early, late, others]: NpuOperation[][] = [[], [], []];
  for (const operation of operations) {
    const { onProcessor, inputs, output } = operation;
    const fromStart = inputs.every(({ tensor }) => tensor.constant || tensor.graphInput || madeEarly.has(tensor));
    if (onProcessor && fromStart) {
      early!.push(operation);
      madeEarly.add(output.tensor);
    } else if (onProcessor && output.tensor.graphOutput && !read.has(output.tensor)) late!.push(operation);
    else others!.push(operation);
  }
  return [...early!, ...movedLater(others!), ...late!];
}

function movedLater(operations: readonly NpuOperation[]): NpuOperation[] {
  const moved = [...operations];
  for (let index = moved.length - 1; index >= 0; index--) {
    const operation = moved[index]!;
    if (!operation.onProcessor) continue;
    let at = index;
    for (; at + 1 < moved.length; at++) {
      const next = moved[at + 1]!;
      if (next.onProcessor || next.inputs.some(({ tensor }) => tensor === operation.output.tensor)) break;
      moved[at] = next;
    }
    moved[at] = operation;
  }
  return moved;
}

function usesOf(tensor: NpuTensor, { producers, consumers }: Links, operations: readonly NpuOperation[]): TensorUses {
  const makers = producers.map((index) => operations[index]!);
  const readers = consumers.map((index) => operations[index]!);
  const writes = makers.map(({ output }) => output);
  const reads = readsFrom(tensor, readers);
  const processorUses = makers.some(runsOnProcessor) || readers.some(runsOnProcessor);
  const shape = (writes[0] ?? reads[0])!.shape;
  const needs = (user: NpuOperation) => needsLinear(user, tensor);
  const linear =
    tensor.constant ||
    tensor.linear === true ||
    tensor.graphInput ||
    tensor.graphOutput ||
    processorUses ||
    makers.some(needs) ||
    readers.some(needs) ||
    writes.some(isCutUnevenly) ||
    reads.some(isCutUnevenly) ||
    differs(writes, reads);
  const depth = linear ? shape.depth : roundUp(shape.depth, brickDepth);
  const bytes = roundUp((elementsOf({ ...shape, depth }) * tensor.bits) / 8, tensorAlignBytes);
  return { producers, consumers, processorUses, bricks: !linear, bytes, shape };
}

function readsFrom(tensor: NpuTensor, readers: readonly NpuOperation[]): readonly Connection[] {
  const reads: Connection[] = [];
  for (const reader of readers) for (const read of readsOf(reader)) if (read.tensor === tensor) reads.push(read);
  return reads;
}

function runsOnProcessor({ onProcessor }: NpuOperation): boolean {
  return onProcessor;
}

function needsLinear({ operator, inputs, output }: NpuOperation, tensor: NpuTensor): boolean {
  if (operator === 'Transpose') return true;
  if (operator === 'MatMul') return inputs[1]?.tensor === tensor || output.tensor === tensor;
  if (operator === 'ReduceSum') return inputs[0].tensor === tensor && tensor.bits === 32;
  return operator === 'MemoryCopy' && bitsOf(output) > 16;
}

/** Parts that do not begin at a brick, and columns that are skipped. */
function isCutUnevenly({ slice, stepX }: Connection): boolean {
  return (slice !== undefined && slice.depthOffset % brickDepth !== 0) || (stepX ?? 1) !== 1;
}

/** Makers and readers must see the same columns and channels. */
function differs(writes: readonly Connection[], reads: readonly Connection[]): boolean {
  const [first] = reads;
  if (first === undefined) return false;
  const { width, depth } = partOf(first);
  const isOther = (extent: Extent) => extent.width !== width || extent.depth !== depth;
  const isSeenOtherwise = ({ shape }: Connection) => isOther(shape);
  return reads.some((read) => isOther(partOf(read))) || reads.some(isSeenOtherwise) || writes.some(isSeenOtherwise);
}
