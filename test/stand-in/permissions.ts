// Which permission each operation needs, and how GitHub refuses.
import type { Access, Permissions, Token } from './options.ts';
import { refusal, type Reply } from './call.ts';
import type { World } from './state.ts';

type Need = readonly [keyof Permissions, Exclude<Access, 'none'>];

const contents = [['contents', 'read']] as const satisfies readonly Need[];
const contentsWrite = [['contents', 'write']] as const satisfies readonly Need[];
const pulls = [['pull_requests', 'read']] as const satisfies readonly Need[];
const checks = [['checks', 'read']] as const satisfies readonly Need[];
const checksWrite = [['checks', 'write']] as const satisfies readonly Need[];
/** A pull request's conversation opens to either permission. */
const conversation = [
  ['issues', 'read'],
  ['pull_requests', 'read'],
] as const satisfies readonly Need[];
const conversationWrite = [
  ['issues', 'write'],
  ['pull_requests', 'write'],
] as const satisfies readonly Need[];

/** Operation id -> permissions of which one is enough; operations that are not listed need none. */
const needs: Readonly<Record<string, readonly Need[]>> = {
  'pulls/list': pulls,
  'pulls/get': pulls,
  'pulls/list-files': pulls,
  'pulls/list-commits': pulls,
  'repos/list-pull-requests-associated-with-commit': pulls,
  'repos/get-commit': contents,
  'repos/compare-commits-with-basehead': contents,
  'repos/get-branch': contents,
  'repos/get-content': contents,
  'git/get-tree': contents,
  'git/get-blob': contents,
  'git/get-commit': contents,
  'git/get-ref': contents,
  'git/list-matching-refs': contents,
  'git/create-tree': contentsWrite,
  'git/create-blob': contentsWrite,
  'git/create-commit': contentsWrite,
  'git/create-ref': contentsWrite,
  'git/update-ref': contentsWrite,
  'git/delete-ref': contentsWrite,
  'checks/get': checks,
  'checks/list-for-ref': checks,
  'checks/list-annotations': checks,
  'checks/create': checksWrite,
  'checks/update': checksWrite,
  'issues/list-comments': conversation,
  'issues/get-comment': conversation,
  'issues/create-comment': conversationWrite,
  'issues/update-comment': conversationWrite,
  'issues/delete-comment': conversationWrite,
  'reactions/create-for-issue-comment': conversationWrite,
};

/** Operations outside of a repository check the caller themselves. */
const accountOperations = new Set([
  'users/get-authenticated',
  'apps/get-authenticated',
  'apps/create-installation-access-token',
  'apps/list-installations',
  'apps/list-repos-accessible-to-installation',
  'apps/list-webhook-deliveries',
  'apps/redeliver-webhook-delivery',
  'rate-limit/get',
]);

const ranks: Readonly<Record<Access, number>> = { none: 0, read: 1, write: 2 };

export const grants = (permissions: Permissions, [name, access]: Need): boolean =>
  ranks[permissions[name] ?? 'none'] >= ranks[access];

const notFoundReply = () => refusal(404, 'Not Found');

/** The refusal, or null when the call may go on. */
export function refusedBy(world: World, token: Token | null, operation: string): Reply | null {
  if (accountOperations.has(operation)) return null;
  const needed = needs[operation] ?? [];
  const readsOnly = needed.every(([, access]) => access === 'read');
  // What is public, everybody may read: also a token that was given nothing.
  if (readsOnly && !world.isPrivate) return null;
  if (token === null) return world.isPrivate ? notFoundReply() : refusal(401, 'Requires authentication');
  if (token.kind === 'app') return refusal(401, 'Bad credentials');
  if (needed.length === 0 || needed.some((need) => grants(token.permissions, need))) {
    return isOutsider(world, token) ? notFoundReply() : null;
  }
  return token.kind === 'user' ? refusedPerson(operation) : refusedApp(needed);
}

/** A private repository does not exist for people without a permission in it. */
function isOutsider(world: World, token: Exclude<Token, { kind: 'app' }>): boolean {
  const some = Object.values(token.permissions).some((access) => access !== 'none');
  return world.isPrivate && token.kind === 'user' && !some;
}

/** People hear nothing of what they may not touch, except that checks are for Apps. */
function refusedPerson(operation: string): Reply {
  const checksAreForApps = operation === 'checks/create' || operation === 'checks/update';
  return checksAreForApps ? refusal(403, 'You must authenticate via a GitHub App.') : notFoundReply();
}

function refusedApp(needed: readonly Need[]): Reply {
  const accepted = needed.map(([name, access]) => `${name}=${access}`).join('; ');
  const headers = { 'x-accepted-github-permissions': accepted };
  return { ...refusal(403, 'Resource not accessible by integration'), headers };
}
