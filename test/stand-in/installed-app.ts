// A GitHub App that is installed in the repository: its keys, its tokens, and the webhooks that it is sent.
import { createHmac, createVerify, generateKeyPairSync, randomUUID } from 'node:crypto';
import type { AppIdentity, InstalledApp, Permissions, Token } from './options.ts';
import type { Delivery, World } from './state.ts';
import type { WorkflowEvent } from './events.ts';

/** `privateKey` is for PRIVATE_KEY, `secret` for WEBHOOK_SECRET. */
export type TestApp = InstalledApp;

/** What app.yml asks for. */
export const appPermissions: Permissions = { contents: 'read', pull_requests: 'write', checks: 'write' };

export function makeApp(permissions: Permissions = appPermissions): TestApp {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const identity: AppIdentity = { slug: 'model-budget-of-acme', id: 4711, name: 'model-budget of acme' };
  return { identity, permissions, publicKey, privateKey, installation: 815, secret: `a secret of ${randomUUID()}` };
}

interface Claims {
  readonly iss?: string | number;
  readonly exp?: number;
}

/** The App itself, where the text is a JSON web token that its key signed and that has not expired. */
export function appOfToken(world: World, text: string): Token | undefined {
  const { app } = world;
  const [header = '', claims = '', signature = ''] = text.split('.');
  if (app === null || signature === '') return undefined;
  const isSigned = createVerify('RSA-SHA256')
    .update(`${header}.${claims}`)
    .verify(app.publicKey, Buffer.from(signature, 'base64url'));
  if (!isSigned) return undefined;
  const { iss, exp = 0 } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Claims;
  const isOurs = Number(iss) === app.identity.id && exp * 1000 > Date.parse(world.now());
  return isOurs ? { kind: 'app', app: app.identity } : undefined;
}

/** Sends the event as GitHub does: signed, once, and remembered with what was answered. Null: nobody answered. */
export async function deliver(world: World, app: TestApp, url: string, event: Pick<WorkflowEvent, 'name' | 'payload'>) {
  return send(world, app, url, { name: event.name, guid: randomUUID(), payload: event.payload });
}

/** The same event once more, as its redelivery is. */
export async function send(
  world: World,
  { identity, installation, secret }: TestApp,
  url: string,
  { name, guid, payload }: Pick<Delivery, 'name' | 'guid' | 'payload'>,
): Promise<number | null> {
  const body = JSON.stringify({ ...(payload as object), installation: { id: installation, node_id: 'I' } });
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'GitHub-Hookshot/0000000',
    'x-github-event': name,
    'x-github-delivery': guid,
    'x-github-hook-installation-target-id': String(identity.id),
    'x-github-hook-installation-target-type': 'integration',
    'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
  };
  const answer = await fetch(url, { method: 'POST', headers, body }).catch(() => null);
  const at = world.now();
  world.state.deliveries.push({ id: world.nextId(), guid, name, payload, at, status: answer?.status ?? 502 });
  return answer?.status ?? null;
}
