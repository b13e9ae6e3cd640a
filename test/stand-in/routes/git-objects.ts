import { found, rawReply, refusal, Refused, unprocessable, wantsRaw, type Call, type Handlers } from '../call.ts';
import {
  blobBytes,
  blobSize,
  commitOf,
  objectById,
  objectOf,
  treeEntries,
  writeBlob,
  writeCommit,
  writeTree,
  type NewEntry,
  type TreeEntry,
} from '../git.ts';
import { resolveCommit } from '../resolve.ts';
import { nodeId, type Shape } from '../shapes/account.ts';
import { gitCommitShape } from '../shapes/commit.ts';
import { repositoryApi } from '../shapes/repository.ts';
import { authorOf, type World } from '../state.ts';

/** GitHub breaks base64 into lines of this length. */
const base64Line = /.{1,60}/g;

export const wrappedBase64 = (bytes: Buffer): string =>
  (bytes.toString('base64').match(base64Line) ?? []).map((line) => `${line}\n`).join('');

export function tooLarge(limitMegabytes: number): Refused {
  const message = `This API returns blobs up to ${limitMegabytes} MB in size. The requested blob is too large to fetch via the API.`;
  const errors = [{ resource: 'Blob', field: 'data', code: 'too_large' }];
  return new Refused(refusal(403, message, { errors }));
}

const typesOfModes: Readonly<Record<string, string>> = { '040000': 'tree', '160000': 'commit' };

function treeShape(world: World, sha: string, recursive: boolean): Shape {
  const api = repositoryApi(world);
  const entries = treeEntries(world.git, sha, recursive);
  const limit = world.limits.treeEntries;
  const entryShape = ({ path, mode, type, sha: id, sizeBytes }: TreeEntry): Shape => ({
    path,
    mode,
    type,
    sha: id,
    ...(sizeBytes === null ? {} : { size: sizeBytes }),
    ...(type === 'commit' ? {} : { url: `${api}/git/${type}s/${id}` }),
  });
  return {
    sha,
    url: `${api}/git/trees/${sha}`,
    tree: entries.slice(0, limit).map(entryShape),
    truncated: entries.length > limit,
  };
}

interface EntryBody {
  readonly path?: string;
  readonly mode?: string;
  readonly type?: string;
  readonly sha?: string | null;
  readonly content?: string;
}

const malformed = (path: string) =>
  path === '' || path.split('/').some((part) => ['', '.', '..', '.git'].includes(part.toLowerCase()));

/** One entry of a new tree, with its content written. Throws what GitHub says of a bad one. */
function newEntry(world: World, entry: EntryBody): NewEntry {
  const { path = '', mode = '100644', sha, content } = entry;
  if (malformed(path)) throw unprocessable('tree.path contains a malformed path component');
  if (content !== undefined) return { path, mode, sha: writeBlob(world.git, Buffer.from(content)) };
  if (sha === undefined) throw unprocessable('Must supply either tree.sha or tree.content');
  const type = typesOfModes[mode] ?? 'blob';
  if (sha !== null && type !== 'commit' && objectById(world.git, sha, type) === null) {
    throw unprocessable(`tree.sha ${sha} is not a valid ${type}`);
  }
  return { path, mode, sha };
}

/** Folders are named by their tree; an index holds files, so a folder becomes its files. */
function inFiles(world: World, entry: NewEntry): NewEntry[] {
  if (entry.sha === null || entry.mode !== '040000') return [entry];
  const files = treeEntries(world.git, entry.sha, true).filter(({ type }) => type !== 'tree');
  return files.map(({ path, mode, sha }) => ({ path: `${entry.path}/${path}`, mode, sha }));
}

function createTree({ world, body }: Call): Shape {
  const { tree, base_tree } = body as { tree: readonly EntryBody[]; base_tree?: string };
  if (tree.length === 0) throw unprocessable('Invalid tree info');
  const base = base_tree === undefined ? null : objectById(world.git, base_tree, 'tree');
  if (base_tree !== undefined && base === null) throw unprocessable('base_tree is not a valid tree oid');
  const entries = tree.map((entry) => newEntry(world, entry));
  const there = new Set(base === null ? [] : treeEntries(world.git, base, true).map(({ path }) => path));
  // GitHub refuses to take away what is not there.
  if (entries.some(({ path, sha }) => sha === null && !there.has(path))) throw unprocessable('GitRPC::BadObjectState');
  return treeShape(
    world,
    writeTree(
      world.git,
      base,
      entries.flatMap((entry) => inFiles(world, entry)),
    ),
    false,
  );
}

interface CommitBody {
  readonly message: string;
  readonly tree: string;
  readonly parents?: readonly string[];
  readonly author?: { readonly name: string; readonly email: string; readonly date?: string };
  readonly committer?: { readonly name?: string; readonly email?: string; readonly date?: string };
}

function createCommit({ world, token, body }: Call): string {
  const { message, tree, parents = [], author, committer } = body as CommitBody;
  if (objectById(world.git, tree, 'tree') !== tree) throw unprocessable('Tree SHA does not exist');
  const missing = parents.find((parent) => objectById(world.git, parent, 'commit') !== parent);
  if (missing !== undefined) throw unprocessable('Parent SHA does not exist or is not a commit object');
  const { login } = authorOf(token!);
  const person = { name: login, email: `${login}@users.noreply.github.com`, date: world.now() };
  const wrote = { ...person, ...author };
  return writeCommit(world.git, { tree, parents, message, author: wrote, committer: { ...wrote, ...committer } });
}

export const gitObjectHandlers: Handlers = {
  'git/get-tree': ({ world, path, query }) => {
    const name = path.tree_sha!;
    const sha = objectOf(world.git, resolveCommit(world, name) ?? name, 'tree');
    // Any value asks for it, "0" and "false" too.
    return { status: 200, body: treeShape(world, found(sha), query.has('recursive')) };
  },

  'git/create-tree': (call) => ({ status: 201, body: createTree(call) }),

  'git/get-blob': ({ world, path, accept }) => {
    const sha = found(objectById(world.git, path.file_sha!, 'blob'));
    const size = blobSize(world.git, sha);
    if (size > world.limits.blobBytes) throw tooLarge(world.limits.blobBytes / 2 ** 20);
    const bytes = blobBytes(world.git, sha);
    if (wantsRaw(accept)) return rawReply(bytes);
    const url = `${repositoryApi(world)}/git/blobs/${sha}`;
    const content = wrappedBase64(bytes);
    return { status: 200, body: { sha, node_id: nodeId('B', sha), size, url, content, encoding: 'base64' } };
  },

  'git/create-blob': ({ world, body }) => {
    const { content, encoding = 'utf-8' } = body as { content: string; encoding?: string };
    if (encoding !== 'utf-8' && encoding !== 'base64') throw unprocessable('encoding is not one of utf-8, base64');
    const sha = writeBlob(world.git, Buffer.from(content, encoding));
    return { status: 201, body: { sha, url: `${repositoryApi(world)}/git/blobs/${sha}` } };
  },

  'git/get-commit': ({ world, path }) => {
    const sha = found(objectById(world.git, path.commit_sha!, 'commit'));
    return { status: 200, body: gitCommitShape(world, commitOf(world.git, sha)) };
  },

  'git/create-commit': (call) => {
    const sha = createCommit(call);
    return { status: 201, body: gitCommitShape(call.world, commitOf(call.world.git, sha)) };
  },
};
