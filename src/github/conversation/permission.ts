/** What a person may do in the repository. */
import { permissions, type Permission } from '../../config/record.ts';
import { UserError } from '../../errors.ts';
import { isForbidden, statusOf, type GitHub } from '../client.ts';

/** What each right is called by the API, the highest first. */
const rights = [
  ['admin', 'admin'],
  ['maintain', 'maintain'],
  ['write', 'push'],
  ['triage', 'triage'],
  ['read', 'pull'],
] as const satisfies readonly (readonly [Permission, string])[];

/**
 * Null: none. The rights decide, since the word `permission` folds maintain into write and triage into read, and custom roles have names
 * of their own.
 * @throws UserError where this token may not ask.
 */
export async function permissionOf({ client, repository }: GitHub, login: string): Promise<Permission | null> {
  try {
    const { data } = await client.rest.repos.getCollaboratorPermissionLevel({ ...repository, username: login });
    const { user, permission } = data;
    if (user?.permissions === undefined) return permissions.find((one) => one === permission) ?? null;
    const held = user.permissions;
    return rights.find(([, right]) => held[right] === true)?.[0] ?? null;
  } catch (error) {
    if (statusOf(error) === 404) return null;
    if (isForbidden(error)) throw new UserError('this token may not ask what somebody may do here (metadata: read)');
    throw error;
  }
}

export function isAtLeast(held: Permission | null, needed: Permission): boolean {
  return held !== null && permissions.indexOf(held) >= permissions.indexOf(needed);
}
