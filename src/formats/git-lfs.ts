/** Git LFS pointers: the text that stands in a repository for a large file (git-lfs docs/spec.md). */

/** A pointer is shorter than this; the specification says so. */
export const pointerBytes = 1024;

const firstLine = 'version https://git-lfs.github.com/spec/v1\n';

export function isGitLfsPointer(head: Uint8Array): boolean {
  return [...firstLine].every((character, index) => head[index] === character.charCodeAt(0));
}
