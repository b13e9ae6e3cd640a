/** Byte sources over file descriptors: a model is read by ranges, never loaded. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { UserError } from '../errors.ts';
import type { ByteSource } from '../ir/byte-source.ts';

export interface OpenFile {
  readonly source: ByteSource;
  readonly close: () => void;
}

/** Opens a regular file; a directory, a device or a missing file is a `UserError` naming it as `shownAs`. */
export function openFile(path: string, shownAs: string): OpenFile {
  const descriptor = openDescriptor(path, shownAs);
  const status = fstatSync(descriptor);
  if (!status.isFile()) {
    closeSync(descriptor);
    throw new UserError(`${shownAs}: not a regular file`);
  }
  return {
    source: {
      byteLength: status.size,
      read: (offset, byteLength) => readRange(descriptor, offset, byteLength, shownAs),
    },
    close: () => {
      closeSync(descriptor);
    },
  };
}

function openDescriptor(path: string, shownAs: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw new UserError(`${shownAs}: ${reasonOf(error)}`);
  }
}

function readRange(descriptor: number, offset: number, byteLength: number, shownAs: string): Uint8Array {
  const bytes = new Uint8Array(byteLength);
  let done = 0;
  while (done < byteLength) {
    const count = readSync(descriptor, bytes, done, byteLength - done, offset + done);
    if (count === 0) throw new UserError(`${shownAs}: the file became shorter while it was read; run again`);
    done += count;
  }
  return bytes;
}

/** The operating system's reason in words, for messages. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  if (code === 'EISDIR') return 'is a directory';
  return error instanceof Error ? error.message : String(error);
}
