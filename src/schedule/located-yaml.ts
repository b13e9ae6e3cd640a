/** YAML as a tree that remembers the line of everything, so that a mistake can be told with its place. */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Node } from 'yaml';
import { UserError } from '../errors.ts';

export interface Located {
  /** Counted from 1. */
  readonly line: number;
  readonly content: string | number | boolean | null | ReadonlyMap<string, Located> | readonly Located[];
}

export const maximumYamlBytes = 256 * 1024;

const maximumDepth = 32;

/**
 * Reads one YAML document. `path` names the file in messages.
 *
 * @throws UserError with path and line for wrong syntax, aliases, keys given twice, keys that are no text, files over
 * 256 KiB and nesting deeper than 32.
 */
export function readYaml(text: string, path: string): Located {
  if (new TextEncoder().encode(text).byteLength > maximumYamlBytes) {
    throw new UserError(`${path}: the file is larger than 256 KiB`);
  }
  const lines = new LineCounter();
  // The library looks for duplicate keys in quadratic time; `locate` does it with a map.
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, prettyErrors: false });
  const lineAt = (node: Pick<Node, 'range'> | null) => lines.linePos(node?.range?.[0] ?? 0).line;
  const [error] = document.errors;
  if (error !== undefined) {
    const message = error.code === 'MULTIPLE_DOCS' ? 'a second YAML document begins here' : error.message;
    throw new UserError(`${path}:${lines.linePos(error.pos[0]).line}: ${message}`);
  }
  return locate(document.contents, { path, lineAt, line: 1, depth: 0 });
}

interface Context {
  readonly path: string;
  readonly lineAt: (node: Pick<Node, 'range'> | null) => number;
  /** Of the key or list that the node stands under: for nodes that are not written at all. */
  readonly line: number;
  readonly depth: number;
}

function locate(node: unknown, context: Context): Located {
  const fail = (message: string): never => {
    throw new UserError(`${context.path}:${context.line}: ${message}`);
  };
  if (context.depth > maximumDepth) fail(`nested deeper than ${maximumDepth} levels`);
  if (isAlias(node)) fail(`the alias *${node.source} is not allowed: write the value out`);
  if (isMap(node)) return { line: context.line, content: locateEntries(node.items, context) };
  if (isSeq(node)) {
    const items = node.items as readonly (Node | null)[];
    const at = (item: Node | null) => ({ ...context, line: context.lineAt(item), depth: context.depth + 1 });
    return { line: context.line, content: items.map((item) => locate(item, at(item))) };
  }
  const value = isScalar(node) ? node.value : null;
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return { line: context.line, content: value };
  }
  return fail('this value is neither text, number, list nor map');
}

function locateEntries(
  pairs: readonly { readonly key: unknown; readonly value: unknown }[],
  context: Context,
): ReadonlyMap<string, Located> {
  const entries = new Map<string, Located>();
  for (const { key, value } of pairs) {
    const line = isScalar(key) ? context.lineAt(key) : context.line;
    // Keys as written: `2022-10` and `3.10` are names here, not numbers.
    const name = isScalar(key) ? (typeof key.value === 'string' ? key.value : key.source) : undefined;
    if (name === undefined) throw new UserError(`${context.path}:${line}: a key must be plain text`);
    if (entries.has(name)) throw new UserError(`${context.path}:${line}: "${name}" is given twice`);
    entries.set(name, locate(value, { ...context, line, depth: context.depth + 1 }));
  }
  return entries;
}

export function isEntries(content: Located['content']): content is ReadonlyMap<string, Located> {
  return content instanceof Map;
}

/** The tree as plain values; maps become objects whose every key is an own property, `__proto__` too. */
export function toPlain({ content }: Located): unknown {
  if (isEntries(content)) return Object.fromEntries([...content].map(([key, value]) => [key, toPlain(value)]));
  if (content instanceof Array) return content.map(toPlain);
  return content;
}

/** The line of the deepest part of `path` that is there. */
export function lineOf(located: Located, path: readonly PropertyKey[]): number {
  let at = located;
  for (const step of path) {
    const next = isEntries(at.content)
      ? at.content.get(String(step))
      : at.content instanceof Array
        ? at.content[Number(step)]
        : undefined;
    if (next === undefined) break;
    at = next;
  }
  return at.line;
}
