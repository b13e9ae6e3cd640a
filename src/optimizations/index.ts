/** The what-ifs by name, and the text that asks for them. */
import { UserError } from '../errors.ts';
import { didYouMean } from '../near-miss.ts';
import { palettize } from './palettize.ts';
import { sparsify } from './sparsify.ts';
import { parsePhrases, type EditPhrase } from './grammar.ts';
import type { ModelEdit, Optimization } from './optimization.ts';

/** In the order of the help. */
export const optimizations: readonly Optimization[] = [palettize, sparsify];

/** An edit as it was written, and what it means. */
export interface Edit {
  readonly phrase: EditPhrase;
  readonly edit: ModelEdit;
}

/** `int8 on neck/*; prune 0.5`. Throws `UserError` in one line. */
export function parseEdits(text: string): readonly Edit[] {
  return parsePhrases(text).map((phrase) => ({ phrase, edit: optimizationOf(phrase.name).parse(phrase.words) }));
}

function optimizationOf(name: string): Optimization {
  const found = optimizations.find((one) => one.name === name);
  if (found !== undefined) return found;
  const names = optimizations.map((one) => one.name);
  throw new UserError(`no edit is named \`${name}\`${didYouMean(name, names)}; there are ${names.join(', ')}`);
}
