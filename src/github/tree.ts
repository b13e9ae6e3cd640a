/** The files of a commit as GitHub's trees list them, folder by folder, each folder asked for once. */
import { UserError } from '../errors.ts';
import { reasonOf, type GitHub, type RepositoryName } from './client.ts';

export interface TreeEntry {
  /** From the repository's top. */
  readonly path: string;
  readonly kind: 'file' | 'link' | 'submodule' | 'folder';
  /** Object id of the blob or tree. */
  readonly object: string;
  /** Of a file; 0 for anything else. */
  readonly byteLength: number;
}

export interface CommitFiles {
  readonly repository: RepositoryName;
  readonly commit: string;
  /** Undefined: the path is absent from trees that were read. @throws UserError when a tree cannot be read. */
  readonly entry: (path: string) => Promise<TreeEntry | undefined>;
  /** What lies directly in a folder (`''`: the top); nothing where there is no such folder. */
  readonly folder: (path: string) => Promise<readonly TreeEntry[]>;
  /** All files below the top, or null where GitHub cuts the list. */
  readonly all: () => Promise<readonly TreeEntry[] | null>;
}

export function commitFiles(github: GitHub, repository: RepositoryName, commit: string): CommitFiles {
  const folders = new Map<string, Promise<readonly TreeEntry[]>>();
  const folder = (path: string): Promise<readonly TreeEntry[]> => {
    const known = folders.get(path) ?? readFolder(path);
    folders.set(path, known);
    return known;
  };
  const readFolder = async (path: string): Promise<readonly TreeEntry[]> => {
    const tree = path === '' ? commit : (await entry(path, 'folder'))?.object;
    if (tree === undefined) return [];
    const { entries, truncated } = await readTree(github, { repository, tree, recursive: false });
    if (truncated) throw new UserError(`the folder "${path}" has more files than GitHub lists`);
    return entries.map((one) => ({ ...one, path: path === '' ? one.path : `${path}/${one.path}` }));
  };
  const entry = async (path: string, kind?: TreeEntry['kind']): Promise<TreeEntry | undefined> => {
    const found = (await folder(parentOf(path))).find((one) => one.path === path);
    return kind === undefined || found?.kind === kind ? found : undefined;
  };
  return {
    repository,
    commit,
    entry,
    folder,
    all: async () => {
      const { entries, truncated } = await readTree(github, { repository, tree: commit, recursive: true });
      return truncated ? null : entries.filter(({ kind }) => kind !== 'folder');
    },
  };
}

function parentOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}

interface TreeRequest {
  readonly repository: RepositoryName;
  readonly tree: string;
  readonly recursive: boolean;
}

async function readTree(
  { client }: GitHub,
  { repository, tree, recursive }: TreeRequest,
): Promise<{ readonly entries: readonly TreeEntry[]; readonly truncated: boolean }> {
  try {
    const { data } = await client.rest.git.getTree({
      ...repository,
      tree_sha: tree,
      ...(recursive ? { recursive: '1' } : {}),
    });
    return { entries: data.tree.flatMap(entryOf), truncated: data.truncated };
  } catch (error) {
    const name = `${repository.owner}/${repository.repo}`;
    throw new UserError(`the files of ${name} at ${tree.slice(0, 12)} cannot be listed: ${reasonOf(error)}`);
  }
}

const kinds: ReadonlyMap<string, TreeEntry['kind']> = new Map([
  ['100644', 'file'],
  ['100755', 'file'],
  ['120000', 'link'],
  ['160000', 'submodule'],
  ['040000', 'folder'],
  ['40000', 'folder'],
]);

function entryOf(raw: { path?: string; mode?: string; sha?: string; size?: number }): readonly TreeEntry[] {
  const kind = kinds.get(raw.mode ?? '');
  if (kind === undefined || raw.path === undefined || raw.sha === undefined) return [];
  return [{ path: raw.path, kind, object: raw.sha, byteLength: kind === 'file' ? (raw.size ?? 0) : 0 }];
}
