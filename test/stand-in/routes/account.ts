import { refusal, Refused, type Handlers } from '../call.ts';
import { appShape, publicUserShape, userShape } from '../shapes/account.ts';
import { fullRepositoryShape } from '../shapes/repository.ts';

const hourSeconds = 3600;

/** Roles that `permission` can say: it folds "maintain" into write and "triage" into read. */
const folded: Readonly<Record<string, string>> = { maintain: 'write', triage: 'read' };

const rights = (role: string) => ({
  pull: role !== 'none',
  triage: ['triage', 'write', 'maintain', 'admin'].includes(role),
  push: ['write', 'maintain', 'admin'].includes(role),
  maintain: ['maintain', 'admin'].includes(role),
  admin: role === 'admin',
});

export const accountHandlers: Handlers = {
  'users/get-authenticated': ({ world, token }) => {
    if (token?.kind === 'user') return { status: 200, body: publicUserShape(world, token.login) };
    if (token === null) throw new Refused(refusal(401, 'Requires authentication'));
    throw new Refused(refusal(403, 'Resource not accessible by integration'));
  },

  'apps/get-authenticated': ({ world, token }) => {
    if (token?.kind === 'app') return { status: 200, body: appShape(world, token.app) };
    throw new Refused(refusal(401, 'A JSON web token could not be decoded'));
  },

  'rate-limit/get': ({ world }) => {
    const limit = world.limits.requestsPerHour;
    const rate = { limit, used: 0, remaining: limit, reset: Math.floor(Date.parse(world.now()) / 1000) + hourSeconds };
    return { status: 200, body: { resources: { core: rate, search: rate }, rate } };
  },

  'repos/get': ({ world, token }) => {
    const permissions = token?.kind === 'user' ? rights(world.state.roles.get(token.login) ?? 'read') : undefined;
    const shape = fullRepositoryShape(world);
    return { status: 200, body: permissions === undefined ? shape : { ...shape, permissions } };
  },

  'repos/get-collaborator-permission-level': ({ world, path }) => {
    const login = path.username!;
    const role = world.state.roles.get(login) ?? (world.isPrivate ? 'none' : 'read');
    const user = { ...userShape(world, login), permissions: rights(role), role_name: role };
    return { status: 200, body: { permission: folded[role] ?? role, role_name: role, user } };
  },
};
