/** Git LFS pointers: the text that stands in a repository for a large file (git-lfs docs/spec.md). */
import { hasMagic } from './magic.ts';

/** A pointer is shorter than this; the specification says so. */
export const pointerBytes = 1024;

export function isGitLfsPointer(head: Uint8Array): boolean {
  return hasMagic(head, 0, 'version https://git-lfs.github.com/spec/v1\n');
}
