/** The edits of a what-if one by one, those that are switched off in their places. The text of those that are on is in the address. */
import { UserError } from '../../../errors.ts';
import { parsePhrases, printPhrase } from '../../../optimizations/grammar.ts';

export interface ListedEdit {
  /** One edit, as the grammar prints it. */
  readonly text: string;
  readonly on: boolean;
}

export type EditList = readonly ListedEdit[];

export function textOf(list: EditList): string {
  return list
    .filter(({ on }) => on)
    .map(({ text }) => text)
    .join('; ');
}

/**
 * @param kept what the panel kept of its list, whatever a link made of it: it counts where it says the same as the text
 * @returns null where the text is no list of edits
 */
export function listOf(edits: string, kept: unknown): EditList | null {
  const before = keptList(kept);
  if (before !== undefined && textOf(before) === edits) return before;
  if (edits.trim() === '') return [];
  try {
    return parsePhrases(edits).map((phrase) => ({ text: printPhrase(phrase), on: true }));
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

/** As many as the grammar takes. */
const longestList = 64;

function keptList(kept: unknown): EditList | undefined {
  if (!Array.isArray(kept) || kept.length > longestList) return undefined;
  const list = kept.flatMap((one: unknown) => (isListed(one) ? [{ text: one.text, on: one.on }] : []));
  return list.length === kept.length ? list : undefined;
}

function isListed(one: unknown): one is ListedEdit {
  if (typeof one !== 'object' || one === null || !('text' in one) || !('on' in one)) return false;
  return typeof one.text === 'string' && typeof one.on === 'boolean' && one.text.length <= 4000;
}

export function withEdits(list: EditList, texts: readonly string[]): EditList {
  return [...list, ...texts.map((text) => ({ text, on: true }))];
}

export function withoutEdit(list: EditList, index: number): EditList {
  return list.filter((_, other) => other !== index);
}

export function switched(list: EditList, index: number): EditList {
  return list.map((one, other) => (other === index ? { ...one, on: !one.on } : one));
}

/** One place up (-1) or down (1). */
export function moved(list: EditList, index: number, by: -1 | 1): EditList {
  const [one, other] = [list[index], list[index + by]];
  if (one === undefined || other === undefined) return list;
  return list.map((each, at) => (at === index ? other : at === index + by ? one : each));
}
