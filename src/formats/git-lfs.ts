/** Git LFS pointers: the text that stands in a repository for a large file (git-lfs docs/spec.md). */
import type { ByteSource } from '../ir/byte-source.ts';
import { hasMagic } from './magic.ts';

/** A pointer is shorter than this; the specification says so. */
export const pointerBytes = 1024;

export function isGitLfsPointer(head: Uint8Array): boolean {
  return hasMagic(head, 0, 'version https://git-lfs.github.com/spec/v1\n');
}

/** What stands in place of the file. `byteLength` is that of the file, undefined where the pointer is damaged. */
export function gitLfsPointerIn(source: ByteSource): { readonly byteLength: number | undefined } | undefined {
  const head = source.read(0, Math.min(source.byteLength, pointerBytes));
  if (!isGitLfsPointer(head)) return undefined;
  const size = /^size (\d{1,15})$/m.exec(new TextDecoder().decode(head))?.[1];
  return { byteLength: size === undefined ? undefined : Number(size) };
}
