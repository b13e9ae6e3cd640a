import { found, notFound, rawReply, wantsRaw, type Call, type Handlers, type Reply } from '../call.ts';
import { blobBytes, entryOf, gitText, objectOf, treeEntries, type TreeEntry } from '../git.ts';
import { resolveCommit } from '../resolve.ts';
import type { Shape } from '../shapes/account.ts';
import { urlPath } from '../shapes/commit.ts';
import { repositoryApi, repositoryPage } from '../shapes/repository.ts';
import type { World } from '../state.ts';
import { tooLarge, wrappedBase64 } from './git-objects.ts';

const symlinkMode = '120000';

interface Place {
  readonly world: World;
  readonly commit: string;
  /** As in the request: the name of a branch stays one in the URLs */
  readonly ref: string;
}

function kindOf({ type, mode }: TreeEntry): string {
  if (type === 'tree') return 'dir';
  if (type === 'commit') return 'submodule';
  return mode === symlinkMode ? 'symlink' : 'file';
}

function itemShape({ world, ref }: Place, entry: TreeEntry): Shape {
  const path = urlPath(entry.path);
  const query = `?ref=${encodeURIComponent(ref)}`;
  const kind = kindOf(entry);
  const self = `${repositoryApi(world)}/contents/${path}${query}`;
  const html = `${repositoryPage(world)}/${kind === 'dir' ? 'tree' : 'blob'}/${urlPath(ref)}/${path}`;
  const git = `${repositoryApi(world)}/git/${kind === 'dir' ? 'trees' : 'blobs'}/${entry.sha}`;
  return {
    name: entry.path.split('/').at(-1),
    path: entry.path,
    sha: entry.sha,
    size: entry.sizeBytes ?? 0,
    url: self,
    html_url: html,
    git_url: git,
    download_url: kind === 'file' ? `${repositoryPage(world)}/raw/${urlPath(ref)}/${path}` : null,
    type: kind,
    _links: { self, git, html },
  };
}

/** `tree`: of the folder at `path`. */
function directory(place: Place, path: string, tree: string): Reply {
  const entries = treeEntries(place.world.git, tree, false).slice(0, place.world.limits.directoryEntries);
  const below = (entry: TreeEntry) => ({ ...entry, path: path === '' ? entry.path : `${path}/${entry.path}` });
  return { status: 200, body: entries.map((entry) => itemShape(place, below(entry))) };
}

/** Above 1 MB the JSON carries no content, above 100 MB there is no answer. */
function file(place: Place, entry: TreeEntry, accept: string): Reply {
  const { world } = place;
  const size = entry.sizeBytes ?? 0;
  if (size > world.limits.blobBytes) throw tooLarge(world.limits.blobBytes / 2 ** 20);
  if (wantsRaw(accept)) return rawReply(blobBytes(world.git, entry.sha));
  const shown = size <= world.limits.contentsJsonBytes;
  const content = shown ? wrappedBase64(blobBytes(world.git, entry.sha)) : '';
  return { status: 200, body: { ...itemShape(place, entry), content, encoding: shown ? 'base64' : 'none' } };
}

function symlink(place: Place, entry: TreeEntry, call: Call): Reply {
  const target = blobBytes(place.world.git, entry.sha).toString();
  const resolved = new URL(target, `file:///${urlPath(entry.path)}`).pathname.slice(1);
  const there = entryOf(place.world.git, place.commit, decodeURIComponent(resolved));
  // A link to a file of the repository is answered with the file.
  if (there !== null && kindOf(there) === 'file') return file(place, there, call.accept);
  return { status: 200, body: { ...itemShape(place, entry), target } };
}

/** What .gitmodules says of the submodule at a path. */
function submoduleUrl({ world, commit }: Place, path: string): string {
  const settings = gitText(world.git, ['config', '--blob', `${commit}:.gitmodules`, '--list']).split('\n');
  const name = settings
    .map((line) => /^submodule\.(.*)\.path=(.*)$/.exec(line))
    .find((match) => match?.[2] === path)?.[1];
  const prefix = `submodule.${name ?? ''}.url=`;
  return found(settings.find((line) => line.startsWith(prefix))).slice(prefix.length);
}

export const contentHandlers: Handlers = {
  'repos/get-content': (call) => {
    const { world, query } = call;
    const ref = query.get('ref') ?? world.defaultBranch;
    const commit = resolveCommit(world, ref);
    if (commit === null) throw notFound();
    const place = { world, commit, ref };
    const path = call.path.path!.replace(/\/$/, '');
    if (path === '') return directory(place, '', found(objectOf(world.git, commit, 'tree')));
    const entry = found(entryOf(world.git, commit, path));
    const kind = kindOf(entry);
    if (kind === 'dir') return directory(place, path, entry.sha);
    if (kind === 'symlink') return symlink(place, entry, call);
    if (kind === 'file') return file(place, entry, call.accept);
    return { status: 200, body: { ...itemShape(place, entry), submodule_git_url: submoduleUrl(place, path) } };
  },
};
