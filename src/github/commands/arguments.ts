/** What follows the name of a command: words, and the options `model=` and `target=` behind them. */
import { UserError } from '../../errors.ts';
import { pathGlob } from '../../glob.ts';
import { nearMiss } from '../../near-miss.ts';
import { quote, tokensOf, type Token } from '../../optimizations/grammar.ts';

/** What an answer is narrowed to. */
export interface Scope {
  /** Glob over paths and names of changed models. */
  readonly model?: string;
  readonly target?: string;
}

export interface Arguments {
  /** All before the options, as it was written. */
  readonly text: string;
  /** The same in words. */
  readonly words: readonly string[];
  readonly scope: Scope;
}

const optionNames = ['model', 'target'] as const;
type OptionName = (typeof optionNames)[number];

const longestText = 4000;
const longestTarget = 200;

/** @throws UserError in one line. */
export function argumentsOf(text: string): Arguments {
  if (text.length > longestText) throw new UserError(`the command is longer than ${longestText} characters`);
  const tokens = [...tokensOf(text)];
  const last = tokens.findLastIndex((token) => optionOf(token) === undefined);
  const [before, options] = [tokens.slice(0, last + 1), tokens.slice(last + 1)];
  for (const token of before) refuseOption(token);
  const end = options[0]?.start ?? text.length;
  return {
    text: text.slice(0, end).trim(),
    words: before.map((token) => token.text),
    scope: scopeOf(options),
  };
}

/** ` model=… target=…` as `argumentsOf` reads it. */
export function printScope(scope: Scope): string {
  return optionNames.flatMap((name) => (scope[name] === undefined ? [] : [` ${name}=${quote(scope[name])}`])).join('');
}

function optionOf({ text, equals }: Token): OptionName | undefined {
  return optionNames.find((name) => equals === name.length && text.startsWith(name));
}

function refuseOption(token: Token): void {
  const { text, equals, kind } = token;
  if (kind === 'separator' || equals < 1) return;
  const key = text.slice(0, equals);
  if (optionOf(token) !== undefined) throw new UserError(`\`${key}=\` comes last, behind everything else`);
  const near = nearMiss(key, optionNames, 1);
  if (near !== undefined) throw new UserError(`there is no \`${key}=\` (did you mean \`${near}=\`?)`);
}

function scopeOf(options: readonly Token[]): Scope {
  const found = new Map<OptionName, string>();
  for (const token of options) {
    const name = optionOf(token)!;
    const value = token.text.slice(token.equals + 1);
    if (found.has(name)) throw new UserError(`\`${name}=\` is given twice`);
    if (value === '') throw new UserError(`\`${name}=\` has no value`);
    found.set(name, value);
  }
  const [model, target] = optionNames.map((name) => found.get(name));
  // A glob that is none is a mistake of this line, not of a model.
  if (model !== undefined) pathGlob(model);
  if (target !== undefined && target.length > longestTarget)
    throw new UserError(`\`target=\` is longer than ${longestTarget} characters`);
  return { ...(model === undefined ? {} : { model }), ...(target === undefined ? {} : { target }) };
}
