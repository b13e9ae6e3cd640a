/** What an edit takes beside its name, read from the usage that its help shows. */

export type Parameter =
  /** A bare word: one of these, or whatever the hint says. */
  | { readonly kind: 'value'; readonly hint: string; readonly examples: readonly string[] }
  /** `key=value`; the first value is what counts without it. */
  | { readonly kind: 'option'; readonly key: string; readonly values: readonly string[] };

/** Of `palettize 1|2|3`, `prune <share>`, `w4 [group=32|64] [symmetric=true|false]`. */
export function parametersOf(usage: string): readonly Parameter[] {
  return usage
    .split(' ')
    .slice(1)
    .map((word): Parameter => {
      const [, key, values] = /^\[([\w-]+)=(.+)\]$/.exec(word) ?? [];
      if (key !== undefined) return { kind: 'option', key, values: values!.split('|') };
      const isHint = word.includes('<');
      return { kind: 'value', hint: word.replace(/[<>]/g, ''), examples: isHint ? [] : word.split('|') };
    });
}
