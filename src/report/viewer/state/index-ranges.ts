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
  const parts = text.split(',').flatMap((part) => {
    const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part);
    return match === null ? [] : [{ first: Number(match[1]), last: Number(match[2] ?? match[1]) }];
  });
  // In order: what was walked once is not walked again, however often a link says it.
  for (const { first, last } of parts.sort((a, b) => a.first - b.first)) {
    const end = Math.min(last, count - 1);
    for (let index = Math.max(first, walked); index <= end; index += 1) indices.add(index);
    walked = Math.max(walked, end + 1);
  }
  return indices;
}
