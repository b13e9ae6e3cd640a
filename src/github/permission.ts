/** What somebody may do in the repository, asked now: what a payload says of its author is no proof. */
import { permissions, type Permission } from '../config/record.ts';
import { UserError } from '../errors.ts';
import { isForbidden, statusOf, type GitHub } from './client.ts';

/**
 * The highest one. GitHub's `permission` folds maintain into write and triage into read, and a role may have any name, so
 * each right is looked at by itself. Null: none at all, or there is no such person.
 *
 * @throws UserError where this token may not ask
 */
export async function permissionOf({ client, repository }: GitHub, username: string): Promise<Permission | null> {
  try {
    const { data } = await client.rest.repos.getCollaboratorPermissionLevel({ ...repository, username });
    const rights = data.user?.permissions;
    // Old servers do not tell the rights.
    if (rights === undefined) return permissions.find((one) => one === data.permission) ?? null;
    if (rights.admin) return 'admin';
    if (rights.maintain === true) return 'maintain';
    if (rights.push) return 'write';
    if (rights.triage === true) return 'triage';
    return rights.pull ? 'read' : null;
  } catch (error) {
    if (statusOf(error) === 404) return null;
    if (isForbidden(error)) {
      throw new UserError('this token may not ask what somebody may do here (metadata: read)', { cause: error });
    }
    throw error;
  }
}

export function isAtLeast(permission: Permission | null, needed: Permission): boolean {
  return permission !== null && permissions.indexOf(permission) >= permissions.indexOf(needed);
}
