/** Merges operations into kernels by the target's fusion rules; free ones ride with a neighbour. */
import { activationAny, activationClamp, activationTable } from './fusion/activation.ts';
import { attention } from './fusion/attention.ts';
import { bias } from './fusion/bias.ts';
import { elementwiseChain } from './fusion/elementwise-chain.ts';
import { pad, padConvolution } from './fusion/pad.ts';
import { residualAdd } from './fusion/residual-add.ts';
import { transposeReshape } from './fusion/transpose-reshape.ts';
import type { FusedGroup, Fusion, Group } from './group.ts';
import { single } from './group.ts';
import type { Placement } from './partition.ts';
import type { Operation, Program } from './program.ts';
import type { FusionRule, Target } from './target.ts';

const fusions: Readonly<Record<FusionRule, Fusion>> = {
  bias,
  'activation-clamp': activationClamp,
  'activation-table': activationTable,
  'activation-any': activationAny,
  'residual-add': residualAdd,
  pad,
  'pad-convolution': padConvolution,
  'elementwise-chain': elementwiseChain,
  'transpose-reshape': transposeReshape,
  attention,
};

/** The groups in an order in which all operands are there: each at the place of its last member. */
export function fuse(program: Program, placements: readonly Placement[], target: Target): readonly FusedGroup[] {
  const groups = new Map<Operation, Group>();
  const groupOf = (operation: Operation) => groups.get(operation);
  for (const operation of program.operations) {
    if (operation.free) continue;
    const group = fuseInto(operation, target, { program, placements, groupOf });
    for (const member of group.members) groups.set(member, group);
  }
  return attachRiders(program, groups);
}

function fuseInto(operation: Operation, { fusion }: Target, context: Parameters<Fusion>[1]): Group {
  for (const rule of fusion) {
    const group = fusions[rule](operation, context);
    if (group !== undefined) return group;
  }
  return single(operation);
}

function attachRiders(program: Program, groups: ReadonlyMap<Operation, Group>): readonly FusedGroup[] {
  const hosts = new Map<Operation, Group>(groups);
  const free = program.operations.filter((operation) => operation.free);
  for (const operation of free) {
    const host = firstHost(
      operation.node.inputs.map((name) => program.producers.get(name)),
      hosts,
    );
    if (host !== undefined) hosts.set(operation, host);
  }
  // What is left has no producer: from the end, so that a chain of views finds the consumer behind its last one.
  for (const operation of free.toReversed()) {
    if (hosts.has(operation)) continue;
    const consumers = operation.node.outputs.flatMap((name) => program.consumers.get(name) ?? []);
    hosts.set(operation, firstHost(consumers, hosts) ?? single(operation));
  }
  const riders = new Map<Group, Operation[]>();
  for (const operation of free) {
    const host = hosts.get(operation)!;
    if (host.host === operation) continue;
    const others = riders.get(host);
    if (others === undefined) riders.set(host, [operation]);
    else others.push(operation);
  }
  return [...new Set(hosts.values())].sort(byLastMember).map((group) => withRiders(group, riders));
}

function byLastMember({ members: one }: Group, { members: other }: Group): number {
  return one[one.length - 1]!.index - other[other.length - 1]!.index;
}

const noRiders: readonly Operation[] = [];

function withRiders(group: Group, riders: ReadonlyMap<Group, readonly Operation[]>): FusedGroup {
  const { host, members, absorbed } = group;
  return { host, members, absorbed, riders: riders.get(group) ?? noRiders };
}

function firstHost(
  neighbours: readonly (Operation | undefined)[],
  hosts: ReadonlyMap<Operation, Group>,
): Group | undefined {
  for (const neighbour of neighbours) {
    const host = neighbour && hosts.get(neighbour);
    if (host !== undefined) return host;
  }
  return undefined;
}
