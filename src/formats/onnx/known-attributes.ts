/**
 * Attributes that nodes have in common: layers repeat, and thousands of nodes have the same strides and pads. What has
 * the same bytes is read once, and nodes whose attributes are all alike share one map of them.
 */
import type { Attributes } from '../../ir/graph.ts';
import { bytesBetween, type Field } from '../protobuf.ts';
import { readAttributeDraft, type AttributeDraft } from './attribute.ts';

/** Longer ones hardly ever come twice. */
const longestShared = 128;
/** Attributes, and maps of them, that are remembered of one model. */
const mostShared = 4096;

export interface KnownAttributes {
  readonly byBytes: Map<string, AttributeDraft>;
  /** Of those above: what stands for each in the key of a list. */
  readonly numbers: Map<AttributeDraft, number>;
  readonly lists: Map<string, Attributes>;
}

export function noKnownAttributes(): KnownAttributes {
  return { byBytes: new Map(), numbers: new Map(), lists: new Map() };
}

export function readAttribute(field: Field, { byBytes, numbers }: KnownAttributes): AttributeDraft {
  const { wire, start, end } = field;
  if (end - start > longestShared) return readAttributeDraft(field);
  const key = Reflect.apply(String.fromCharCode, null, bytesBetween(wire, start, end)) as string;
  const before = byBytes.get(key);
  if (before !== undefined) return before;
  const draft = readAttributeDraft(field);
  // Tensors and bodies are named by their node.
  if (draft.messages === undefined && byBytes.size < mostShared) {
    numbers.set(draft, byBytes.size);
    byBytes.set(key, draft);
  }
  return draft;
}

/** The map of these attributes; `make` is asked for it where no other node's will do. */
export function sharedList(
  drafts: readonly AttributeDraft[],
  { numbers, lists }: KnownAttributes,
  make: () => Attributes,
): Attributes {
  let key = '';
  for (const draft of drafts) {
    const number = numbers.get(draft);
    if (number === undefined) return make();
    key += `${number} `;
  }
  const list = lists.get(key) ?? make();
  if (lists.size < mostShared) lists.set(key, list);
  return list;
}
