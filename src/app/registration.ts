/** An App that GitHub does not know yet: Probot's own pages register it, with the permissions and events of app.yml. */
import { existsSync } from 'node:fs';
import { run } from 'probot';
import { UserError } from '../errors.ts';

export const webhookPath = '/api/github/webhooks';

/** Until the process is ended: what GitHub hands out is in the file `.env` then. @throws UserError */
export async function serveRegistration(): Promise<void> {
  const { env } = process;
  if (env.NODE_ENV === 'production') {
    throw new UserError(
      'APP_ID and PRIVATE_KEY are not set; to register the App, start it without NODE_ENV=production',
    );
  }
  if (!existsSync('app.yml')) {
    throw new UserError(
      'APP_ID and PRIVATE_KEY are not set; to register the App, run this in the folder of its app.yml',
    );
  }
  // The key is in that file.
  process.umask(0o077);
  // Probot would lead the webhooks, private names and all, through a public relay of its own choice.
  env.NO_SMEE_SETUP ??= 'true';
  const relay = env.WEBHOOK_PROXY_URL;
  // Where GitHub is to send webhooks; else Probot takes the address that the page was opened under.
  if (relay === undefined && env.PUBLIC_URL !== undefined) env.WEBHOOK_PROXY_URL = webhooksBelow(env.PUBLIC_URL);
  await run(() => undefined, { env: { ...env, WEBHOOK_PROXY_URL: relay } });
}

function webhooksBelow(publicUrl: string): string {
  return `${publicUrl.replace(/\/+$/, '')}${webhookPath}`;
}
