/** Modules, as names of layers tell them. */

/** Scopes deeper than this are one: names of a hostile file. */
export const deepestScope = 12;

/** `/stage3/0/conv` stands in `/stage3/`, then `0/`; `stage3.0.conv` in `stage3.`, then `0.`. */
export function scopesOf(name: string): readonly string[] {
  // TFLite joins the names of what was fused; the first says where.
  const [first = ''] = name.split(';', 1);
  const parts = first.match(first.includes('/') ? /\/*[^/]+\/+(?=.)/g : /[^.]+\.(?=.)/g) ?? [];
  return parts.slice(0, deepestScope);
}

/** The innermost scope that holds nearly all of the names, as a glob; undefined where none does. Numbers may differ. */
export function scopeOfMost(names: readonly string[]): string | undefined {
  const counts = new Map<string, string[]>();
  for (const name of names) {
    scopesOf(name).forEach((_, depth, scopes) => {
      const scope = scopes.slice(0, depth + 1).join('');
      const key = scope.replaceAll(/\d+/g, '*');
      counts.set(key, [...(counts.get(key) ?? []), scope]);
    });
  }
  // Deeper scopes come behind the ones that they are in.
  const wide = [...counts].filter(([, scopes]) => scopes.length >= nearlyAll * names.length);
  const [key, scopes] = wide.toSorted(([a], [b]) => b.length - a.length)[0] ?? [];
  if (key === undefined || scopes === undefined) return undefined;
  return `${scopes.every((scope) => scope === scopes[0]) ? scopes[0]! : key}*`;
}

/** A block may begin in one module and end in the next. */
const nearlyAll = 0.75;
