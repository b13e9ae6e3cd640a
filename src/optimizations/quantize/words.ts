/** Reads the words of an edit against what it knows. */
import { UserError } from '../../errors.ts';
import { didYouMean } from '../../near-miss.ts';
import type { EditWords } from '../optimization.ts';

/** What each option may be; the first is taken where the words do not say. */
type Choices<Key extends string> = Readonly<Record<Key, readonly [string, ...string[]]>>;

/** Throws `UserError` for a bare word, an option that is not there or a value that it does not take. */
export function optionsOf<Key extends string>(
  edit: string,
  { value, options }: EditWords,
  choices: Choices<Key>,
): Readonly<Record<Key, string>> {
  if (value !== undefined) throw new UserError(`\`${edit}\` takes no value; \`${value}\` is one`);
  const keys = Object.keys(choices) as Key[];
  for (const key of options.keys()) {
    if (keys.some((known) => known === key)) continue;
    const known = keys.length === 0 ? 'it has none' : `it has ${keys.join(', ')}`;
    throw new UserError(`\`${edit}\` has no option \`${key}\`${didYouMean(key, keys)}; ${known}`);
  }
  const read = keys.map((key) => {
    const given = options.get(key) ?? choices[key][0];
    if (choices[key].includes(given)) return [key, given] as const;
    throw new UserError(`\`${edit} ${key}=${given}\`: it is one of ${choices[key].join(', ')}`);
  });
  return Object.fromEntries(read) as Record<Key, string>;
}
