/** Which pictures the branch holds next. */
import { createHash } from 'node:crypto';
import type { ImageRequest } from './host.ts';
import type { StoredFile } from './branch-tip.ts';

/** About 16 MB of pictures, the newest of at least twenty pull requests. */
const maximumFiles = 240;

type Owner = Pick<ImageRequest, 'pullRequest' | 'id'>;

const usualId = 'default';

/** What the paths of an invocation's pictures begin with; an id is foreign text and may be any length. */
export function filePrefix({ pullRequest, id = usualId }: Owner): string {
  const mark = id === usualId ? '' : `${createHash('sha256').update(id).digest('hex').slice(0, 8)}-`;
  return `pr-${pullRequest}/${mark}`;
}

/**
 * The pictures shown, in place of those of the invocation's earlier reports, and what others have on the branch. When
 * that gets too much, the pull requests with the lowest numbers lose theirs: their comments then show the alt text.
 */
export function nextFiles(
  current: readonly StoredFile[],
  shown: readonly StoredFile[],
  owner: Owner,
): readonly StoredFile[] {
  const ofOthers = current.filter((file) => !isOwn(file, owner));
  const siblings = ofOthers.filter(({ path }) => pullRequestOf(path) === owner.pullRequest);
  const own = [...new Map([...siblings, ...shown].map(({ path, sha }) => [path, { path, sha }])).values()];
  const kept = newestThatFit(
    ofOthers.filter((file) => !siblings.includes(file)),
    maximumFiles - own.length,
  );
  return [...own, ...kept].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function isOwn({ path }: StoredFile, owner: Owner): boolean {
  const prefix = filePrefix(owner);
  return path.startsWith(prefix) && /^[0-9a-f]+\.png$/.test(path.slice(prefix.length));
}

function pullRequestOf(path: string): number {
  return Number(/^pr-(\d+)\//.exec(path)?.[1]);
}

/** Whole pull requests only: one picture of four is no use. */
function newestThatFit(files: readonly StoredFile[], room: number): readonly StoredFile[] {
  const kept: StoredFile[] = [];
  const numbers = [...new Set(files.map(({ path }) => pullRequestOf(path)))].toSorted((a, b) => b - a);
  for (const number of numbers) {
    const group = files.filter(({ path }) => pullRequestOf(path) === number);
    if (kept.length + group.length > room) break;
    kept.push(...group);
  }
  return kept;
}
