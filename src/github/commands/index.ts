/** The slash commands, and the line that asks for one. */
import { UserError } from '../../errors.ts';
import { didYouMean } from '../../near-miss.ts';
import { budgetAccept } from './budget-accept.ts';
import { budgetExplain } from './budget-explain.ts';
import { budgetStatus } from './budget-status.ts';
import { usageOf, type Call, type Command } from './command.ts';
import type { CommandLine } from './command-line.ts';
import { helpOn } from './help.ts';
import { optimize } from './optimize.ts';
import { simulate } from './simulate.ts';

/** In the order of the help. */
export const commands: readonly Command[] = [
  simulate,
  optimize,
  budgetStatus,
  budgetExplain,
  budgetAccept,
  helpOn(() => commands),
];

export type Parsed =
  | { readonly kind: 'call'; readonly command: Command; readonly call: Call }
  /** `usages`: how it would be right. */
  | { readonly kind: 'mistake'; readonly message: string; readonly usages: readonly string[] }
  /** Nearly one of ours, and of another program after all. */
  | { readonly kind: 'foreign' };

export function parseCommand({ text, meant }: CommandLine): Parsed {
  if (meant === undefined) return parseText(text);
  const written = /^\/\S*/.exec(text)![0];
  // Only what would be right with the other word is taken for ours.
  const corrected = parseText(text.replace(written, () => `/${meant}`));
  if (corrected.kind !== 'call') return { kind: 'foreign' };
  const message = `there is no \`${written}\` (did you mean \`/${meant}\`?)`;
  return { kind: 'mistake', message, usages: [usageOf(corrected.command)] };
}

function parseText(text: string): Parsed {
  const [, first = '', rest = ''] = /^\/(\S+)\s*([^]*)$/.exec(text) ?? [];
  const family = commands.filter(({ name }) => name.split(' ')[0] === first.toLowerCase());
  const [only] = family;
  const [, second = '', tail = ''] = /^(\S*)\s*([^]*)$/.exec(rest) ?? [];
  const command = family.find(({ name }) => name.split(' ')[1] === second.toLowerCase());
  if (command !== undefined) return parseArguments(command, tail);
  if (only !== undefined && !only.name.includes(' ')) return parseArguments(only, rest);
  return { kind: 'mistake', message: unknownWord(first, second, family), usages: family.map(usageOf) };
}

function unknownWord(first: string, second: string, family: readonly Command[]): string {
  const words = family.map(({ name }) => name.split(' ')[1] ?? '');
  const near = second === '' ? '' : didYouMean(second, words);
  const opening = second === '' ? `\`/${first}\` alone is no command` : `there is no \`/${first} ${second}\``;
  return `${opening}${near}; ${words.length === 1 ? 'it is' : 'there are'} ${words.map((word) => `\`/${first} ${word}\``).join(', ')}`;
}

function parseArguments(command: Command, text: string): Parsed {
  try {
    return { kind: 'call', command, call: command.parse(text) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { kind: 'mistake', message: error.message, usages: [usageOf(command)] };
  }
}
