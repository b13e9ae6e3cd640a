import { randomBytes } from 'node:crypto';
import { found, notFound, refusal, Refused, type Call, type Handlers } from '../call.ts';
import { appShape, userShape } from '../shapes/account.ts';
import { repositoryShape } from '../shapes/repository.ts';
import type { InstalledApp } from '../options.ts';
import type { Delivery } from '../state.ts';

const hourMilliseconds = 3_600_000;

/** These are for the App itself, by its JSON web token. */
function appOf({ world, token }: Call): InstalledApp {
  if (token?.kind === 'app' && world.app !== null) return world.app;
  throw new Refused(refusal(401, 'A JSON web token could not be decoded'));
}

const deliveryShape = ({ id, guid, at, name, payload, status }: Delivery, redelivery: boolean) => ({
  ...{ id, guid, redelivery, event: name },
  delivered_at: at,
  duration: 0.1,
  status: status < 300 ? 'OK' : 'Failed to connect',
  status_code: status,
  action: (payload as { action?: string }).action ?? null,
  installation_id: null,
  repository_id: null,
});

/** Of the address that GitHub sends who registers an App back to; it is good once. */
export const registrationCode = 'a1b2c3d4e5f6';

export const appHandlers: Handlers = {
  'apps/create-from-manifest': ({ world, path }) => {
    const { app, state } = world;
    if (app === null || path.code !== registrationCode || state.isRegistered) throw notFound();
    state.isRegistered = true;
    const keys = { pem: app.privateKey, webhook_secret: app.secret, client_id: 'Iv1.0a', client_secret: '0b' };
    return { status: 201, body: { ...appShape(world, app.identity, app.permissions), ...keys } };
  },

  'apps/create-installation-access-token': (call) => {
    const { identity, permissions, installation } = appOf(call);
    const { world, path } = call;
    if (Number(path.installation_id) !== installation) throw new Refused(refusal(404, 'Not Found'));
    const token = `ghs_${randomBytes(18).toString('hex')}`;
    world.state.tokens.set(token, { kind: 'installation', app: identity, permissions });
    const expires_at = `${new Date(Date.parse(world.now()) + hourMilliseconds).toISOString().slice(0, 19)}Z`;
    return {
      status: 201,
      body: { token, expires_at, permissions: { metadata: 'read', ...permissions }, repository_selection: 'all' },
    };
  },

  'apps/list-installations': (call) => {
    const { identity, permissions, installation } = appOf(call);
    const { world } = call;
    const at = '2020-01-01T00:00:00Z';
    const one = {
      id: installation,
      // GitHub's description asks for a user and an enterprise in one.
      account: {
        ...userShape(world, world.owner),
        name: world.owner,
        slug: world.owner,
        created_at: at,
        updated_at: at,
      },
      app_id: identity.id,
      app_slug: identity.slug,
      access_tokens_url: `${world.apiUrl}/app/installations/${installation}/access_tokens`,
      repositories_url: `${world.apiUrl}/installation/repositories`,
      html_url: `${world.serverUrl}/settings/installations/${installation}`,
      target_id: 1,
      target_type: 'Organization',
      permissions: { metadata: 'read', ...permissions },
      events: [],
      ...{ repository_selection: 'all', single_file_name: null },
      ...{ created_at: at, updated_at: at, suspended_at: null, suspended_by: null },
    };
    return { status: 200, body: [one] };
  },

  'apps/list-repos-accessible-to-installation': ({ world, token }) => {
    if (token?.kind !== 'installation') throw new Refused(refusal(403, 'Resource not accessible by integration'));
    const repositories = [{ ...repositoryShape(world), pushed_at: world.now() }];
    return { status: 200, body: { total_count: 1, repositories } };
  },

  'apps/list-webhook-deliveries': (call) => {
    appOf(call);
    const { deliveries } = call.world.state;
    const isAgain = (one: Delivery): boolean => deliveries.find(({ guid }) => guid === one.guid) !== one;
    return { status: 200, body: deliveries.map((one) => deliveryShape(one, isAgain(one))).toReversed() };
  },

  'apps/redeliver-webhook-delivery': (call) => {
    appOf(call);
    const delivery = found(call.world.state.deliveries.find(({ id }) => id === Number(call.path.delivery_id)));
    call.world.state.redeliveries.push(delivery.id);
    return { status: 202, body: {} };
  },
};
