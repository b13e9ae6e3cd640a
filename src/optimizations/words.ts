/** Reading what stands between an edit's name and its `on`. */
import { UserError } from '../errors.ts';
import type { EditWords } from './optimization.ts';

interface Expected {
  readonly usage: string;
  readonly example: string;
}

/** The bare word of an edit that takes nothing else; throws `UserError` where it is not all there is. */
export function onlyValue({ value, options }: EditWords, { usage, example }: Expected): string {
  const [key] = options.keys();
  if (key !== undefined) throw new UserError(`\`${usage}\` takes no \`${key}=\``);
  if (value === undefined) throw new UserError(`write \`${usage}\`, as \`${example}\``);
  return value;
}

/** Throws `UserError` for an edit that takes no words and is given some. */
export function noWords({ value, options }: EditWords, name: string): void {
  const word = value ?? [...options.keys()][0];
  if (word !== undefined) throw new UserError(`\`${name}\` takes no \`${word}\``);
}
