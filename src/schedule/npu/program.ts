/** The lowered operations in the order in which they run, and who makes and reads each tensor. */
import type { Connection, Extent, NpuOperation, NpuTensor } from './operation.ts';
import { bitsOf, partOf, readsOf, roundUp } from './operation.ts';

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
  for (let index = 0; index < operations.length; index++) {
    const operation = operations[index]!;
    linkOf(operation.output.tensor, links).producers.push(index);
    for (const { tensor } of readsOf(operation)) linkOf(tensor, links).consumers.push(index);
  }
  return links;
}

function linkOf(tensor: NpuTensor, links: Map<NpuTensor, Links>): Links {
  let known = links.get(tensor);
  if (known === undefined) links.set(tensor, (known = { producers: [], consumers: [] }));
  return known;
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

/** One walk over the makers, one over the readers; what each sees of the tensor is compared with what the first sees. */
function usesOf(tensor: NpuTensor, { producers, consumers }: Links, operations: readonly NpuOperation[]): TensorUses {
  const seen: Seen = { tensor, shape: undefined, processorUses: false, linear: isAlwaysLinear(tensor) };
  for (const index of producers) noteMaker(operations[index]!, seen);
  const reads = readsFrom(tensor, consumers, operations);
  for (const index of consumers) noteReader(operations[index]!, seen);
  for (const read of reads) if (isCutUnevenly(read)) seen.linear = true;
  const shape = seen.shape ?? reads[0]!.shape;
  const linear = seen.linear || seen.processorUses || differs(producers, reads, operations);
  const depth = linear ? shape.depth : roundUp(shape.depth, brickDepth);
  const bytes = roundUp((shape.height * shape.width * depth * tensor.bits) / 8, tensorAlignBytes);
  return { producers, consumers, processorUses: seen.processorUses, bricks: !linear, bytes, shape };
}

interface Seen {
  readonly tensor: NpuTensor;
  /** As its first maker sees it. */
  shape: Extent | undefined;
  processorUses: boolean;
  linear: boolean;
}

function isAlwaysLinear({ constant, linear, graphInput, graphOutput }: NpuTensor): boolean {
  return constant || linear === true || graphInput || graphOutput;
}

function noteMaker(maker: NpuOperation, seen: Seen): void {
  seen.shape ??= maker.output.shape;
  if (isCutUnevenly(maker.output)) seen.linear = true;
  noteReader(maker, seen);
}

function noteReader(user: NpuOperation, seen: Seen): void {
  if (user.onProcessor) seen.processorUses = true;
  if (!seen.linear && needsLinear(user, seen.tensor)) seen.linear = true;
}

/** By each reader as often as it reads it: one that reads it twice stands among the consumers twice. */
function readsFrom(
  tensor: NpuTensor,
  consumers: readonly number[],
  operations: readonly NpuOperation[],
): readonly Connection[] {
  const reads: Connection[] = [];
  for (const index of consumers) {
    for (const read of readsOf(operations[index]!)) if (read.tensor === tensor) reads.push(read);
  }
  return reads;
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
function differs(
  producers: readonly number[],
  reads: readonly Connection[],
  operations: readonly NpuOperation[],
): boolean {
  if (reads.length === 0) return false;
  const first = partOf(reads[0]!);
  for (const read of reads) if (isOther(partOf(read), first) || isOther(read.shape, first)) return true;
  for (const index of producers) if (isOther(operations[index]!.output.shape, first)) return true;
  return false;
}

/** Of other columns or channels. */
function isOther(extent: Extent, { width, depth }: Extent): boolean {
  return extent.width !== width || extent.depth !== depth;
}
