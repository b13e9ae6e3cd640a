/** The files of a commit as GitHub's trees list them, folder by folder, each folder asked for once. */
import { UserError } from '../errors.ts';
import { reasonOf, type GitHub, type RepositoryName } from './client.ts';
import type { Tree, TreeEntry } from './tree-entry.ts';

export type { TreeEntry } from './tree-entry.ts';

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
  const listings = new Map<string, Promise<readonly TreeEntry[]>>();
  const listing = (path: string, tree: string): Promise<readonly TreeEntry[]> => {
    const known = listings.get(path) ?? readFolder(path, tree);
    listings.set(path, known);
    return known;
  };
  const readFolder = async (path: string, tree: string): Promise<readonly TreeEntry[]> => {
    const { entries, truncated } = await readTree(github, { repository, tree, recursive: false });
    if (truncated) throw new UserError(`the folder "${path}" has more files than GitHub lists`);
    return entries.map((one) => ({ ...one, path: path === '' ? one.path : `${path}/${one.path}` }));
  };
  // From the top down: a path made up in a model may have any depth, and what is not there ends the walk.
  const folder = async (path: string): Promise<readonly TreeEntry[]> => {
    let entries = await listing('', commit);
    for (const at of foldersDownTo(path)) {
      const found = entries.find((one) => one.path === at);
      if (found?.kind !== 'folder') return [];
      entries = await listing(at, found.object);
    }
    return entries;
  };
  let everything: Promise<readonly TreeEntry[] | null> | undefined;
  const readAll = async (): Promise<readonly TreeEntry[] | null> => {
    const { entries, truncated } = await readTree(github, { repository, tree: commit, recursive: true });
    return truncated ? null : entries.filter(({ kind }) => kind !== 'folder');
  };
  return {
    repository,
    commit,
    folder,
    entry: async (path) => (await folder(parentOf(path))).find((one) => one.path === path),
    all: () => (everything ??= readAll()),
  };
}

/** `a`, `a/b`, `a/b/c`; nothing for the top. */
function* foldersDownTo(path: string): Generator<string> {
  if (path === '') return;
  for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) yield path.slice(0, end);
  yield path;
}

function parentOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}

interface TreeRequest {
  readonly repository: RepositoryName;
  readonly tree: string;
  readonly recursive: boolean;
}

async function readTree({ client, trees }: GitHub, { repository, tree, recursive }: TreeRequest): Promise<Tree> {
  const name = `${repository.owner}/${repository.repo}`;
  // A tree never changes under its name, and every push looks at mostly the same ones.
  const key = `${name} ${tree} ${recursive}`;
  const found = trees?.get(key);
  if (found !== undefined) return found;
  try {
    const { data } = await client.rest.git.getTree({
      ...repository,
      tree_sha: tree,
      ...(recursive ? { recursive: '1' } : {}),
    });
    const read = { entries: data.tree.map(entryOf), truncated: data.truncated };
    trees?.set(key, read);
    return read;
  } catch (error) {
    throw new UserError(`the files of ${name} at ${tree.slice(0, 12)} cannot be listed: ${reasonOf(error)}`);
  }
}

const kinds: ReadonlyMap<string, TreeEntry['kind']> = new Map([
  ['tree', 'folder'],
  ['commit', 'submodule'],
  ['blob', 'file'],
]);

const linkMode = '120000';

/**
 * Nothing is left out: a config that seemed absent would mean that there are no budgets. Old trees hold files of modes
 * that git writes no more (100664), so only a link is told by its mode.
 */
function entryOf(raw: {
  readonly path?: string;
  readonly type?: string;
  readonly mode?: string;
  readonly sha?: string;
  readonly size?: number;
}): TreeEntry {
  const kind = raw.mode === linkMode ? 'link' : kinds.get(raw.type ?? '');
  const { path, sha: object = '' } = raw;
  if (kind === undefined || path === undefined || !/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(object)) {
    throw new Error('an entry of the list is not what it should be');
  }
  return { path, kind, object, byteLength: kind === 'file' || kind === 'link' ? (raw.size ?? 0) : 0 };
}
