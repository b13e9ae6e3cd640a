/**
 * Globs over paths and over layer names. Patterns and names may be hostile, so matching never backtracks: all places
 * of the pattern that the text may have reached are followed at once, in time pattern × text.
 */
import { UserError } from './errors.ts';

type Token =
  | { readonly kind: 'character'; readonly character: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'set'; readonly characters: ReadonlySet<string>; readonly negated: boolean }
  /** Any run of characters; within one folder unless `crosses`. */
  | { readonly kind: 'run'; readonly crosses: boolean }
  /** Any number of whole folders. */
  | { readonly kind: 'folders' };

const longestPattern = 256;
/** The longest id of a node (`formats/onnx/node-ids.ts`) fits in, so that a report's names can be given back. */
const longestLayerPattern = 400;
const mostAlternatives = 64;

/**
 * `*` and `?` stay within a folder, `**` crosses folders, `[abc]` and `{a,b}` as in shells. Hidden files match too.
 * @throws UserError when the pattern is longer than 256 characters or stands for more than 64 alternatives.
 */
export function pathGlob(pattern: string): (path: string) => boolean {
  checkLength(pattern, longestPattern);
  const alternatives = expandBraces(pattern.replace(/^\.?\/+/, '')).map((one) => pathTokens(Array.from(one)));
  return (path) => alternatives.some((tokens) => accepts(tokens, path));
}

/** `*` stands for anything, `/` included; a leading `/` is ignored on both sides. All else is literal. */
export function layerGlob(pattern: string): (name: string) => boolean {
  checkLength(pattern, longestLayerPattern);
  const [first, ...others] = withoutLeadingSlash(pattern).split('*');
  const last = others.pop();
  return (name) => {
    const text = withoutLeadingSlash(name);
    if (last === undefined) return text === first;
    const end = text.length - last.length;
    if (!text.startsWith(first!) || !text.endsWith(last)) return false;
    // Each part where it first fits: whatever fits later leaves less room for those behind it.
    let at = first!.length;
    for (const part of others) {
      const found = text.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return at <= end;
  };
}

function withoutLeadingSlash(text: string): string {
  return text.startsWith('/') ? text.slice(1) : text;
}

function checkLength(pattern: string, longest: number): void {
  if (pattern.length > longest) throw new UserError(`a glob is longer than ${longest} characters`);
}

function pathTokens(characters: readonly string[]): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at]!;
    const closing = character === '[' ? characters.indexOf(']', at + 2) : -1;
    const atFolder = at === 0 || characters[at - 1] === '/';
    if (character === '*' && characters[at + 1] === '*') {
      const folders = atFolder && characters[at + 2] === '/';
      tokens.push(folders ? { kind: 'folders' } : { kind: 'run', crosses: true });
      at += folders ? 2 : 1;
    } else if (character === '*') tokens.push({ kind: 'run', crosses: false });
    else if (character === '?') tokens.push({ kind: 'any' });
    else if (closing > 0) {
      tokens.push(characterSet(characters.slice(at + 1, closing)));
      at = closing;
    } else tokens.push({ kind: 'character', character });
  }
  return tokens;
}

/** `a-z` ranges and a leading `!` or `^`. */
function characterSet(inside: readonly string[]): Token {
  const negated = inside[0] === '!' || inside[0] === '^';
  const listed = negated ? inside.slice(1) : inside;
  const characters = new Set<string>();
  for (let at = 0; at < listed.length; at += 1) {
    const [from, dash, to] = [listed[at]!, listed[at + 1], listed[at + 2]];
    characters.add(from);
    if (dash !== '-' || to === undefined) continue;
    const last = Math.min(to.codePointAt(0)!, from.codePointAt(0)! + 255);
    for (let code = from.codePointAt(0)!; code <= last; code += 1) characters.add(String.fromCodePoint(code));
    at += 2;
  }
  return { kind: 'set', characters, negated };
}

function accepts(tokens: readonly Token[], text: string): boolean {
  let reached = new Uint8Array(tokens.length + 1);
  reached[0] = 1;
  skipEmpty(tokens, reached, true);
  for (const character of text) {
    const next = new Uint8Array(tokens.length + 1);
    for (let at = 0; at < tokens.length; at += 1) {
      if (reached[at] === 0) continue;
      const token = tokens[at]!;
      if (token.kind === 'folders' || (token.kind === 'run' && (token.crosses || character !== '/'))) next[at] = 1;
      else if (takes(token, character)) next[at + 1] = 1;
    }
    skipEmpty(tokens, next, character === '/');
    reached = next;
  }
  return reached[tokens.length] === 1;
}

function takes(token: Token, character: string): boolean {
  if (token.kind === 'character') return token.character === character;
  if (character === '/') return false;
  return token.kind === 'any' || (token.kind === 'set' && token.characters.has(character) !== token.negated);
}

/** Runs may be empty; folders end where a folder begins. */
function skipEmpty(tokens: readonly Token[], reached: Uint8Array, atFolder: boolean): void {
  tokens.forEach((token, at) => {
    if (reached[at] === 1 && (token.kind === 'run' || (token.kind === 'folders' && atFolder))) reached[at + 1] = 1;
  });
}

/** `a{b,c}d` → `abd`, `acd`; nested braces too. */
function expandBraces(pattern: string): readonly string[] {
  const open: string[] = [pattern];
  const expanded: string[] = [];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const inner = /\{([^{}]*,[^{}]*)\}/.exec(next);
    if (inner === null) expanded.push(next);
    else {
      const [before, after] = [next.slice(0, inner.index), next.slice(inner.index + inner[0].length)];
      open.push(...inner[1]!.split(',').map((one) => `${before}${one}${after}`));
    }
    if (open.length + expanded.length > mostAlternatives) {
      throw new UserError(`a glob stands for more than ${mostAlternatives} alternatives`);
    }
  }
  return expanded;
}
