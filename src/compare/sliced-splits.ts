/** One tensor taken apart by several `Slice` nodes or by one `Split`: exporters write `chunk` either way. */
import type { Operand } from './canonical.ts';
import { maximumParts } from './absorb.ts';
import type { KeyedNode } from './keyed-graph.ts';
import type { OpenSide, Replacement } from './replacements.ts';

export function slicedSplits(base: OpenSide, head: OpenSide): readonly Replacement[] {
  return [
    ...takenApart(base, head).map(({ split, slices }) => ({ base: [split], head: slices })),
    ...takenApart(head, base).map(({ split, slices }) => ({ base: slices, head: [split] })),
  ];
}

interface TakenApart {
  readonly split: number;
  /** Rising. */
  readonly slices: readonly number[];
}

function takenApart(splits: OpenSide, slices: OpenSide): readonly TakenApart[] {
  const waiting = slicesBySource(slices);
  return freeNodes(splits, 'Split').flatMap((split) => {
    const source = sourceOf(split, splits);
    const parts = waiting.get(source ?? '') ?? [];
    const fitting = parts.filter(({ outputTypes: [type] }) => split.outputTypes.includes(type!));
    if (!makeParts(fitting, split)) return [];
    waiting.set(
      source!,
      parts.filter((part) => !fitting.includes(part)),
    );
    return [{ split: split.position, slices: fitting.map(({ position }) => position) }];
  });
}

function slicesBySource(side: OpenSide): Map<string, readonly KeyedNode[]> {
  const waiting = new Map<string, KeyedNode[]>();
  for (const node of freeNodes(side, 'Slice')) {
    const source = sourceOf(node, side);
    if (source === undefined) continue;
    const parts = waiting.get(source);
    if (parts === undefined) waiting.set(source, [node]);
    else parts.push(node);
  }
  return waiting;
}

function freeNodes({ graph, free }: OpenSide, operator: string): readonly KeyedNode[] {
  return graph.nodes.filter((node) => node.operator === operator && free.has(node.position));
}

/** Equal on both sides for nodes that read the same tensor; undefined where nobody can say. */
function sourceOf({ operands: [data], producers }: KeyedNode, { groupAt }: OpenSide): string | undefined {
  if (data?.kind === 'input') return `input ${data.index}`;
  // Sizes that are computed come from nodes too: then it is not clear which one is the data.
  const [producer, ...others] = producers;
  const group = groupAt.get(producer ?? -1);
  if (!isNode(data) || others.length > 0 || group === undefined) return undefined;
  return `group ${group} ${data.output}`;
}

function isNode(operand: Operand | undefined): operand is Operand & { readonly kind: 'node' } {
  return operand?.kind === 'node';
}

/** Different parts, each of the type of an output of its own; what nobody reads may be missing, copies may be there. */
function makeParts(slices: readonly KeyedNode[], { outputTypes }: KeyedNode): boolean {
  if (slices.length > maximumParts) return false;
  const different = new Map(slices.map((slice) => [`${slice.attributes} ${slice.settings}`, slice.outputTypes[0]!]));
  const left = [...outputTypes];
  for (const type of different.values()) {
    const at = left.indexOf(type);
    if (at < 0) return false;
    left.splice(at, 1);
  }
  return different.size > 1;
}
