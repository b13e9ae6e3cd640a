/** Groups of operations on their way to becoming kernels. */
import type { OperatorClass } from '../operators/work.ts';
import type { Placement } from './partition.ts';
import type { Operation, Program } from './program.ts';

/** Operations that run as one launch. `members` are in graph order, free riders excluded. */
export interface Group {
  /** The operation that gives the kernel its name. */
  readonly host: Operation;
  readonly members: readonly Operation[];
  /** Members whose per-element work vanishes in the kernel (a pad that the convolution's loops skip). */
  readonly absorbed: ReadonlySet<Operation>;
}

export interface FusedGroup extends Group {
  /** Free operations beside it: views of its results, or of its operands where those have no producer. */
  readonly riders: readonly Operation[];
}

/** What a fusion rule sees: the operation to place, and the groups that its operands come from. */
export interface FusionContext {
  readonly program: Program;
  readonly placements: readonly Placement[];
  /** The group that an operation is in so far; undefined for free ones and those not reached yet. */
  readonly groupOf: (operation: Operation) => Group | undefined;
}

/**
 * One way of merging. Asked for each operation in graph order, with all its producers grouped.
 *
 * @returns the group that takes the operation's place together with all groups merged into it; undefined: not here.
 */
export type Fusion = (operation: Operation, context: FusionContext) => Group | undefined;

const nothing: Group['absorbed'] = new Set();

export function single(operation: Operation): Group {
  return { host: operation, members: [operation], absorbed: nothing };
}

/** The groups as one, with `operation` at its end. */
export function merge(
  groups: readonly [Group, ...Group[]],
  operation: Operation,
  absorb: readonly Operation[] = [],
): Group {
  const [first, ...others] = groups;
  // One group is in order, and comes before what reads it.
  const members =
    others.length === 0
      ? [...first.members, operation]
      : [...groups.flatMap((group) => group.members), operation].sort((a, b) => a.index - b.index);
  if (absorb.length === 0 && groups.every((group) => group.absorbed.size === 0)) {
    return { host: first.host, members, absorbed: nothing };
  }
  return {
    host: first.host,
    members,
    absorbed: new Set([...groups.flatMap((group) => [...group.absorbed]), ...absorb]),
  };
}

/**
 * The group that makes `tensor`, if the tensor is the group's only result and `operation` alone reads it: then nothing
 * outside ever needs it. The group must be on the operation's unit and run as often.
 */
export function soleProducer(tensor: string, operation: Operation, context: FusionContext): Group | undefined {
  const { program, placements, groupOf } = context;
  const producer = program.producers.get(tensor);
  if (producer?.node.outputs.length !== 1 || program.outputs.has(tensor)) return undefined;
  if (program.consumers.get(tensor)?.length !== 1) return undefined;
  const group = groupOf(producer);
  if (producer !== group?.members.at(-1)) return undefined;
  return canMerge(group, operation, placements) ? group : undefined;
}

/** Longer chains would be more code than an instruction cache holds, and time to merge for nothing. */
const maximumMembers = 32;

/** Members of a kernel run on one unit, equally often; what could not be counted stays alone. */
export function canMerge(group: Group, operation: Operation, placements: readonly Placement[]): boolean {
  const [ours, theirs] = [placements[operation.index]!, placements[group.host.index]!];
  return (
    ours.unit === theirs.unit &&
    group.members.length < maximumMembers &&
    operation.node.repetitions === group.host.node.repetitions &&
    operation.notCounted === null &&
    group.host.notCounted === null
  );
}

/** Shapes are equal: what one computes per element the other can go on with. */
export function sameShape(a: Operation, b: Operation): boolean {
  const [left, right] = [a.outputs[0]?.shape, b.outputs[0]?.shape];
  if (left === undefined || left === null || left.length !== right?.length) return false;
  for (let axis = 0; axis < left.length; axis++) if (left[axis] !== right[axis]) return false;
  return true;
}

const productClasses: ReadonlySet<OperatorClass> = new Set([
  'convolution',
  'pointwise-convolution',
  'depthwise-convolution',
  'transposed-convolution',
  'fully-connected',
  'matmul',
]);

/** Convolutions and matrix products. */
export function isProduct({ work }: Operation): boolean {
  return productClasses.has(work.operatorClass) && work.nests.length > 0;
}

export function isConstant(tensor: string, { program }: FusionContext): boolean {
  return program.graph.initializers.has(tensor);
}
