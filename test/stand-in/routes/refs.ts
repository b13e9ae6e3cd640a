import { found, unprocessable, type Call, type Handlers } from '../call.ts';
import { deleteRef, gitText, isAncestor, isValidRefName, objectById, objectOf, refsUnder, setRef } from '../git.ts';
import { refCommit } from '../resolve.ts';
import { nodeId, type Shape } from '../shapes/account.ts';
import { urlPath } from '../shapes/commit.ts';
import { repositoryApi } from '../shapes/repository.ts';
import type { World } from '../state.ts';

function refShape(world: World, ref: string, sha: string, type = 'commit'): Shape {
  const api = repositoryApi(world);
  return {
    ref,
    node_id: nodeId('REF', ref),
    url: `${api}/git/${urlPath(ref)}`,
    object: { sha, type, url: `${api}/git/${type}s/${sha}` },
  };
}

/** Branches of forks live in the same git repository but are no refs of this one. */
const isForeign = (ref: string) => ref.startsWith('refs/forks/');

function typeOf(world: World, sha: string): string {
  return gitText(world.git, ['cat-file', '-t', sha]);
}

function existing({ world, path }: Call): { ref: string; sha: string } {
  const ref = `refs/${path.ref!}`;
  const sha = isForeign(ref) ? null : objectOf(world.git, ref, 'commit');
  if (sha === null) throw unprocessable('Reference does not exist');
  return { ref, sha };
}

function checkCommit(world: World, sha: string): void {
  if (objectById(world.git, sha, 'commit') !== sha) throw unprocessable('Object does not exist');
}

export const refHandlers: Handlers = {
  'git/get-ref': ({ world, path }) => {
    const ref = `refs/${path.ref!}`;
    const own = refsUnder(world.git, ref).find((entry) => entry.ref === ref && !isForeign(ref));
    if (own !== undefined) return { status: 200, body: refShape(world, ref, own.sha, own.type) };
    return { status: 200, body: refShape(world, ref, found(refCommit(world, ref))) };
  },

  'git/list-matching-refs': ({ world, path }) => {
    const refs = refsUnder(world.git, `refs/${path.ref!}`).filter(({ ref }) => !isForeign(ref));
    return { status: 200, body: refs.map(({ ref, sha, type }) => refShape(world, ref, sha, type)) };
  },

  'git/create-ref': ({ world, body }) => {
    const { ref, sha } = body as { ref: string; sha: string };
    if (!/^refs\/[^/]+\/./.test(ref) || !isValidRefName(world.git, ref)) {
      throw unprocessable(`${ref} is not a valid ref name.`);
    }
    checkCommit(world, sha);
    if (refsUnder(world.git, ref).some((entry) => entry.ref === ref)) throw unprocessable('Reference already exists');
    setRef(world.git, ref, sha);
    return { status: 201, body: refShape(world, ref, sha, typeOf(world, sha)) };
  },

  'git/update-ref': (call) => {
    const { world } = call;
    const { sha, force } = call.body as { sha: string; force?: boolean };
    const { ref, sha: earlier } = existing(call);
    checkCommit(world, sha);
    if (force !== true && !isAncestor(world.git, earlier, sha)) throw unprocessable('Update is not a fast forward');
    setRef(world.git, ref, sha);
    return { status: 200, body: refShape(world, ref, sha) };
  },

  'git/delete-ref': (call) => {
    deleteRef(call.world.git, existing(call).ref);
    return { status: 204 };
  },
};
