/** The what-ifs by name, and the text that asks for them. */
import { UserError } from '../errors.ts';
import { didYouMean } from '../near-miss.ts';
import type { PreparedModel } from '../passes/prepared.ts';
import { batch } from './batch.ts';
import { bf16 } from './bf16.ts';
import { fold } from './fold.ts';
import { fp16 } from './fp16.ts';
import { parsePhrases, type EditPhrase } from './grammar.ts';
import { int8 } from './int8.ts';
import type { ModelEdit, Optimization } from './optimization.ts';
import { palettize } from './palettize.ts';
import { prune } from './prune.ts';
import { replace } from './replace.ts';
import { resize } from './resize.ts';
import { sparsify } from './sparsify.ts';
import { w4 } from './w4.ts';
import { w8 } from './w8.ts';

/** In the order of the help: what changes a network least comes first, edits of its inputs and of its file last. */
export const optimizations: readonly Optimization[] = [
  ...[fp16, bf16, int8, w8, palettize, w4, sparsify],
  ...[replace, prune],
  ...[resize, batch, fold],
];

/** An edit as it was written, and what it means. */
export interface Edit {
  readonly phrase: EditPhrase;
  readonly edit: ModelEdit;
  /** See `Optimization.besides`. */
  readonly besides?: 'activations' | 'computation';
}

/** `int8 on neck/*; prune 0.5`. Throws `UserError` in one line. */
export function parseEdits(text: string): readonly Edit[] {
  return parsePhrases(text).map((phrase) => {
    const optimization = optimizationOf(phrase.name);
    const { besides } = optimization;
    return { phrase, edit: optimization.parse(phrase.words), ...(besides === undefined ? {} : { besides }) };
  });
}

/** What a search tries on a model: edits without `on`, in the order of the list above. */
export function trialsFor(model: PreparedModel): readonly string[] {
  return optimizations.flatMap((one) => one.trials?.(model) ?? []);
}

function optimizationOf(name: string): Optimization {
  const found = optimizations.find((one) => one.name === name);
  if (found !== undefined) return found;
  const names = optimizations.map((one) => one.name);
  throw new UserError(`no edit is named \`${name}\`${didYouMean(name, names)}; there are ${names.join(', ')}`);
}
