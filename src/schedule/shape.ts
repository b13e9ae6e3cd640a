/** Checks of YAML against zod schemas, with messages that name the line and, for an unknown key, the nearest one. */
import { z } from 'zod';
import { UserError } from '../errors.ts';
import type { Located } from './located-yaml.ts';
import { isEntries, lineOf, toPlain } from './located-yaml.ts';
import { didYouMean } from '../near-miss.ts';

/** An object that has these keys and no others. */
export function record<Shape extends z.core.$ZodLooseShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return undefined;
      const keys = issue.keys as readonly string[];
      const named = keys.map((key) => `"${key}"${didYouMean(key, Object.keys(shape))}`);
      return `unknown ${keys.length === 1 ? 'key' : 'keys'} ${named.join(', ')}`;
    },
  });
}

/** An object with some of these keys, all of one kind of value. */
export function partialRecord<Key extends string, Value extends z.ZodType>(keys: readonly Key[], value: Value) {
  const shape = Object.fromEntries(keys.map((key) => [key, z.exactOptional(value)]));
  return record(shape as Record<Key, z.ZodExactOptional<Value>>);
}

/** One of these words. */
export function word<const Word extends string>(words: readonly Word[]) {
  return z.enum(words, {
    error: ({ input }) =>
      typeof input === 'string'
        ? `"${input}" is not one of ${words.join(', ')}${didYouMean(input, words)}`
        : `must be one of ${words.join(', ')}`,
  });
}

/** What is wrong and where. */
export interface Mistake {
  readonly line: number;
  readonly message: string;
}

/**
 * `located` as the schema's type.
 *
 * @throws UserError `path:line: key: what is wrong` for the first mistake in the file.
 */
export function parseShape<Schema extends z.ZodType>(schema: Schema, located: Located, path: string): z.output<Schema> {
  const result = checkShape(schema, located);
  if ('data' in result) return result.data;
  const [first] = result.mistakes;
  throw new UserError(`${path}:${first?.line ?? 1}: ${first?.message ?? 'not understood'}`);
}

/** `located` as the schema's type, or all its mistakes in the order of the file. */
export function checkShape<Schema extends z.ZodType>(
  schema: Schema,
  located: Located,
): { readonly data: z.output<Schema> } | { readonly mistakes: readonly Mistake[] } {
  const result = schema.safeParse(toPlain(located));
  if (result.success) return { data: result.data };
  // A mistyped key is also a missing one: the mistyped one is the mistake.
  const mistyped = result.error.issues.some((issue) => issue.code === 'unrecognized_keys');
  const issues = result.error.issues.filter((issue) => !mistyped || !isMissing(issue.path, located));
  const mistakes = issues.map((issue) => ({
    line: lineOf(located, placeOf(issue)),
    message: [issue.path.map(String).join('.'), plainer(issue, located)].filter((part) => part !== '').join(': '),
  }));
  return { mistakes: mistakes.sort((a, b) => a.line - b.line) };
}

function placeOf(issue: z.core.$ZodIssue): readonly PropertyKey[] {
  return issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
}

/** Zod says "expected number, received undefined" where a person would say that the key is missing. */
function plainer(issue: z.core.$ZodIssue, located: Located): string {
  return isMissing(issue.path, located) ? 'is missing' : issue.message.replace(/^Invalid input: /, '');
}

function isMissing(path: readonly PropertyKey[], located: Located): boolean {
  let at: Located | undefined = located;
  for (const step of path) {
    if (at === undefined) return true;
    if (isEntries(at.content)) at = at.content.get(String(step));
    else if (at.content instanceof Array) at = at.content[Number(step)];
  }
  return at === undefined;
}
