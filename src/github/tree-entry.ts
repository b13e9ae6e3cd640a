/** A tree of git as the API lists it. */

export interface TreeEntry {
  /** From the repository's top. */
  readonly path: string;
  readonly kind: 'file' | 'link' | 'submodule' | 'folder';
  /** Object id of the blob or tree. */
  readonly object: string;
  /** Of a file, or of the path that a link holds; 0 for anything else. */
  readonly byteLength: number;
}

export interface Tree {
  readonly entries: readonly TreeEntry[];
  readonly truncated: boolean;
}

export interface TreeCache {
  readonly get: (key: string) => Tree | undefined;
  readonly set: (key: string, tree: Tree) => unknown;
}
