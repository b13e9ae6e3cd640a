/** Sets of indices in few characters: `0-11,15,20-23`. */

export function printIndices(indices: Iterable<number>): string {
  const sorted = [...indices].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let at = 0; at < sorted.length;) {
    let end = at;
    while (sorted[end + 1] === sorted[end]! + 1) end += 1;
    parts.push(end === at ? String(sorted[at]) : `${sorted[at]!}-${sorted[end]!}`);
    at = end + 1;
  }
  return parts.join(',');
}

/** Those below `count`; what is no index is left out. */
export function parseIndices(text: string, count: number): ReadonlySet<number> {
  const indices = new Set<number>();
  let walked = 0;
  for (const part of text.split(',')) {
    const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part);
    if (match === null) continue;
    const last = Math.min(Number(match[2] ?? match[1]), count - 1);
    // Parts follow one another as they are printed; one that goes back would be walked again and again.
    const first = Math.max(Number(match[1]), walked);
    for (let index = first; index <= last; index += 1) indices.add(index);
    walked = Math.max(walked, last + 1);
  }
  return indices;
}
