/** Git LFS pointers, and the objects behind them in the clone's own store (spec: git-lfs/docs/spec.md). */
import { join } from 'node:path';

export interface LfsPointer {
  /** SHA-256 of the content, lower-case hex. */
  readonly oid: string;
  readonly byteLength: number;
}

/** Pointer files are at most this long; longer files are not looked at. */
export const maximumPointerBytes = 1024;

const firstLine = 'version https://git-lfs.github.com/spec/v1\n';

/** The pointer that `bytes` are, or undefined when they are anything else. */
export function parseLfsPointer(bytes: Uint8Array): LfsPointer | undefined {
  if (bytes.byteLength > maximumPointerBytes) return undefined;
  const text = new TextDecoder().decode(bytes);
  if (!text.startsWith(firstLine)) return undefined;
  const oid = /^oid sha256:([0-9a-f]{64})$/m.exec(text)?.[1];
  const size = /^size (\d{1,15})$/m.exec(text)?.[1];
  if (oid === undefined || size === undefined) return undefined;
  return { oid, byteLength: Number(size) };
}

/** Where a clone keeps the object, whether it is there or not. */
export function lfsObjectPath(storage: string, oid: string): string {
  return join(storage, 'objects', oid.slice(0, 2), oid.slice(2, 4), oid);
}
