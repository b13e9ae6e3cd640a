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

/** Bytes that a short read fetches, for those that follow. */
const windowBytes = 4096;

/**
 * The same files for whoever reads many short stretches that lie close together: each read of a file descriptor costs as
 * much as the work on what it gives. Only the last place is kept, whatever the file.
 */
export function readAhead(sources: ModelSources): ModelSources {
  let held: { readonly source: ByteSource; readonly offset: number; readonly bytes: Uint8Array } | undefined;
  const read = (source: ByteSource, offset: number, byteLength: number): Uint8Array => {
    if (byteLength > windowBytes / 4) return source.read(offset, byteLength);
    const isHeld =
      held?.source === source && offset >= held.offset && offset + byteLength <= held.offset + held.bytes.length;
    if (!isHeld) {
      // A copy: a source may reuse its buffer.
      const bytes = new Uint8Array(source.read(offset, Math.min(windowBytes, source.byteLength - offset)));
      held = { source, offset, bytes };
    }
    const first = offset - held!.offset;
    return held!.bytes.subarray(first, first + byteLength);
  };
  return {
    get: (path) => {
      const source = sources.get(path);
      if (source === undefined) return undefined;
      return { byteLength: source.byteLength, read: (offset, byteLength) => read(source, offset, byteLength) };
    },
    identity: (path) => sources.identity?.(path),
    absentBytes: (path) => sources.absentBytes?.(path),
    paths: () => sources.paths?.() ?? [],
  };
}
