// From the path of a request to the operation of GitHub's description.
import { allOperations, type Operation } from './description.ts';

/** Placeholders whose values may hold slashes, escaped or not. */
const slashed = new Set(['ref', 'branch', 'path', 'basehead', 'tree_sha']);

interface Route {
  readonly operation: Operation;
  readonly pattern: RegExp;
  readonly names: readonly string[];
  /** Parts of the path that are no placeholders: where two routes match, the more literal one is meant. */
  readonly literals: number;
}

function routeOf(operation: Operation): Route {
  const names: string[] = [];
  const parts = operation.template.split('/').slice(1);
  const patterns = parts.map((part) => {
    const name = /^\{(.+)\}$/.exec(part)?.[1];
    if (name === undefined) return `/${part}`;
    names.push(name);
    // The root folder has no path, and may come without its slash.
    if (name === 'path') return '(?:/(.*))?';
    return slashed.has(name) ? '/(.+)' : '/([^/]+)';
  });
  const literals = parts.length - names.length;
  return { operation, names, literals, pattern: new RegExp(`^${patterns.join('')}$`) };
}

let routes: readonly Route[] | undefined;

export interface Match {
  readonly operation: Operation;
  readonly path: Readonly<Record<string, string>>;
}

/** `path`: without prefix and query. null: GitHub may have such an operation, but the description here has not. */
export function matchOperation(method: string, path: string): Match | null {
  routes ??= allOperations()
    .map(routeOf)
    .sort((a, b) => b.literals - a.literals);
  for (const { operation, pattern, names } of routes) {
    const found = operation.method === method ? pattern.exec(path) : null;
    if (found === null) continue;
    const values = names.map((name, index) => [name, decodeURIComponent(found[index + 1] ?? '')]);
    return { operation, path: Object.fromEntries(values) as Record<string, string> };
  }
  return null;
}
