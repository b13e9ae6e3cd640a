/**
 * Random access to a file's bytes: a buffer in the browser, a file descriptor in Node, a blob of git.
 * The core never loads a file; it reads the ranges it needs.
 */
export interface ByteSource {
  readonly byteLength: number;
  /** Exactly `byteLength` bytes from `offset`; both were checked against the source's length by the caller. */
  read(offset: number, byteLength: number): Uint8Array;
}

/**
 * The files of one model by path relative to its folder; `''` is the model file itself. `undefined`: not there.
 * A plain Map will do; an entry point may open files as they are asked for.
 */
export interface ModelSources {
  get(path: string): ByteSource | undefined;
  /** Names the content of a file whose bytes are not there (its Git LFS object id); undefined where nothing does. */
  identity?(path: string): string | undefined;
  /** Length of a file whose bytes are not there; undefined where nothing tells it. */
  absentBytes?(path: string): number | undefined;
  /** All files of a model that is a folder, there or not, but the one under `''`. */
  paths?(): readonly string[];
}

export function bufferSource(bytes: Uint8Array): ByteSource {
  return {
    byteLength: bytes.byteLength,
    read: (offset, byteLength) => bytes.subarray(offset, offset + byteLength),
  };
}
