// Targets with other numbers.
import { fittedPaths, neutralOf } from './neutral.mjs';

/** The target with all of its fitted numbers at the values that fits begin with. */
export function atNeutral(target) {
  return withValues(target, new Map(fittedPaths(target).map((path) => [path, neutralOf(path, target).start])));
}

/** `values`: path to number. Units and memories are named in paths by their ids. */
export function withValues(target, values) {
  const copy = structuredClone({ ...target, support: undefined });
  for (const [path, value] of values) set(copy, path.split('.'), value);
  return { ...copy, support: target.support };
}

function set(node, [key, ...rest], value) {
  const place = Array.isArray(node) ? node.findIndex(({ id }) => id === key) : key;
  if (rest.length > 0) set(node[place], rest, value);
  else node[place] = value;
}
