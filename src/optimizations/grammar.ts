/**
 * The one grammar of what-ifs: `edit [; edit]…`, edit = `<name> [value | key=value]… [on <selection>]`. A value or glob may
 * stand in double quotes, with `\` before what is meant literally.
 */
import { UserError } from '../errors.ts';
import type { EditWords } from './optimization.ts';

/** Which layers an edit is for. */
export type Selection =
  /** Every layer that it applies to. */
  | { readonly kind: 'all' }
  | { readonly kind: 'glob'; readonly pattern: string }
  | { readonly kind: 'operator'; readonly operator: string }
  /** The slowest of the first target. */
  | { readonly kind: 'top'; readonly count: number };

/** One edit as it was written. */
export interface EditPhrase {
  readonly name: string;
  readonly words: EditWords;
  readonly on: Selection;
}

const longestText = 4000;
const mostEdits = 64;

export interface Token {
  /** `;` stands between edits, `=` only where it was not quoted. */
  readonly kind: 'word' | 'separator';
  readonly text: string;
  /** Where the first equals sign outside of quotes stands in `text`; -1 without one. */
  readonly equals: number;
  readonly quoted: boolean;
  /** Where it begins in what was read. */
  readonly start: number;
}

/** @throws UserError in one line for a text that is no list of edits. */
export function parsePhrases(text: string): readonly EditPhrase[] {
  if (text.length > longestText) throw new UserError(`the edits are longer than ${longestText} characters`);
  const groups: Token[][] = [[]];
  for (const token of tokensOf(text)) {
    if (token.kind === 'separator') groups.push([]);
    else groups.at(-1)!.push(token);
  }
  const phrases = groups.filter((group) => group.length > 0).map(phraseOf);
  if (phrases.length === 0) throw new UserError('no edit is given; write one as `int8` or `palettize 4 on top:5`');
  if (phrases.length > mostEdits) throw new UserError(`more than ${mostEdits} edits`);
  return phrases;
}

/** The text that `parsePhrases` reads the same from. */
export function printPhrase({ name, words: { value, options }, on }: EditPhrase): string {
  const words = [
    ...(value === undefined ? [] : [quote(value)]),
    ...[...options].map(([key, each]) => `${key}=${quote(each)}`),
  ];
  return [name, ...words, ...(on.kind === 'all' ? [] : ['on', printSelection(on)])].join(' ');
}

export function printPhrases(phrases: readonly EditPhrase[]): string {
  return phrases.map(printPhrase).join('; ');
}

function printSelection(on: Exclude<Selection, { kind: 'all' }>): string {
  switch (on.kind) {
    case 'glob':
      return /^(op|top):/.test(on.pattern) ? `"${escape(on.pattern)}"` : quote(on.pattern);
    case 'operator':
      return `op:${quote(on.operator)}`;
    case 'top':
      return `top:${on.count}`;
  }
}

/** As one word of this grammar, in double quotes where it takes them. */
export function quote(text: string): string {
  return text === '' || text === 'on' || /[\s;="\\]/.test(text) ? `"${escape(text)}"` : text;
}

function escape(text: string): string {
  return text.replace(/["\\]/g, '\\$&');
}

function phraseOf(tokens: readonly Token[]): EditPhrase {
  const [first, ...rest] = tokens;
  const name = first!.text;
  if (first!.quoted || first!.equals >= 0) throw new UserError(`\`${name}\` is no name of an edit`);
  const at = rest.findIndex(({ text, quoted }) => text === 'on' && !quoted);
  const before = at < 0 ? rest : rest.slice(0, at);
  return { name, words: wordsOf(name, before), on: at < 0 ? { kind: 'all' } : selectionOf(name, rest.slice(at + 1)) };
}

function wordsOf(name: string, tokens: readonly Token[]): EditWords {
  const values = tokens.filter(({ equals }) => equals < 0).map(({ text }) => text);
  if (values.length > 1) {
    throw new UserError(`\`${name}\` takes one value, not ${values.map((value) => `\`${value}\``).join(' and ')}`);
  }
  const options = new Map<string, string>();
  for (const { text, equals } of tokens) {
    if (equals < 0) continue;
    const key = text.slice(0, equals);
    if (options.has(key)) throw new UserError(`\`${name}\` is given \`${key}=\` twice`);
    options.set(key, text.slice(equals + 1));
  }
  return { ...(values[0] === undefined ? {} : { value: values[0] }), options };
}

function selectionOf(name: string, tokens: readonly Token[]): Selection {
  const [token, ...others] = tokens;
  if (token === undefined || others.length > 0) {
    throw new UserError(
      `\`${name} … on\` is followed by one glob of layers, \`op:<Type>\` or \`top:<n>\`; quote a glob with spaces`,
    );
  }
  const { text, quoted } = token;
  if (!quoted && text.startsWith('op:')) return { kind: 'operator', operator: text.slice('op:'.length) };
  if (!quoted && text.startsWith('top:')) {
    const count = Number(text.slice('top:'.length));
    if (!/^top:\d{1,6}$/.test(text) || count < 1) throw new UserError(`\`${text}\`: write \`top:5\`, a whole number`);
    return { kind: 'top', count };
  }
  return { kind: 'glob', pattern: text };
}

/** Words, unquoted, and the separators between edits. @throws UserError for a quote that is not closed. */
export function* tokensOf(text: string): Generator<Token> {
  let word: { text: string; equals: number; quoted: boolean; start: number } | undefined;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]!;
    if (character === '"') {
      word ??= { text: '', equals: -1, quoted: true, start: at };
      const inside = quotedFrom(text, at);
      word.text += inside.text;
      at = inside.end;
    } else if (character === ';' || /\s/.test(character)) {
      if (word !== undefined) yield { kind: 'word', ...word };
      word = undefined;
      if (character === ';') yield { kind: 'separator', text: ';', equals: -1, quoted: false, start: at };
    } else {
      word ??= { text: '', equals: -1, quoted: false, start: at };
      if (character === '=' && word.equals < 0) word.equals = word.text.length;
      word.text += character;
    }
  }
  if (word !== undefined) yield { kind: 'word', ...word };
}

/** The text between quotes, and where the closing one stands. */
function quotedFrom(text: string, start: number): { readonly text: string; readonly end: number } {
  let inside = '';
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text[at]!;
    if (character === '"') return { text: inside, end: at };
    if (character === '\\') at += 1;
    inside += text[at] ?? '';
  }
  throw new UserError('a double quote is not closed');
}
