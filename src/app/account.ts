/** The App itself on GitHub: its installations, their tokens, and the webhooks that it missed. */
import type { Logger } from 'pino';
import { Probot } from 'probot';
import { createClient, type Client, type RepositoryName } from '../github/client.ts';
import { userAgent } from './user-agent.ts';
import type { AppSettings } from './settings.ts';

export interface Account {
  readonly slug: () => Promise<string | null>;
  /** For the repositories of an installation; good for half an hour at least. */
  readonly tokenOf: (installation: number) => Promise<string>;
  /** The token may be what a job broke on: it may have been revoked. The next one who asks gets a new one. */
  readonly forgetToken: (installation: number) => void;
  readonly installations: () => Promise<readonly number[]>;
  readonly repositories: (installation: number) => Promise<readonly InstalledRepository[]>;
  /** Newest first. */
  readonly deliveries: () => Promise<readonly Delivery[]>;
  readonly deliverAgain: (id: number) => Promise<void>;
}

export interface InstalledRepository {
  readonly repository: RepositoryName;
  readonly isPrivate: boolean;
  /** ISO time of the last push; null where there was none. */
  readonly pushedAt: string | null;
}

/** One try to tell us of an event; tries of the same event have the same `guid`. */
export interface Delivery {
  readonly id: number;
  readonly guid: string;
  readonly deliveredAt: string;
  readonly isAnswered: boolean;
}

/** GitHub's tokens last an hour, jobs a quarter of one at most. */
const tokenMilliseconds = 30 * 60_000;

/** What the App says of itself to get them lasts ten minutes, by clocks that may differ. */
const ownTokenMilliseconds = 5 * 60_000;

interface Kept<Value> {
  readonly get: () => Promise<Value>;
  readonly forget: () => void;
}

/** Made once in that time. */
function keptFor<Value>(milliseconds: number, make: () => Promise<Value>): Kept<Value> {
  let kept: { readonly value: Promise<Value>; readonly until: number } | undefined;
  return {
    get: () => {
      if (kept === undefined || kept.until <= Date.now()) kept = { value: make(), until: Date.now() + milliseconds };
      return kept.value;
    },
    forget: () => (kept = undefined),
  };
}

/** The App's account as its settings have it. */
export function accountOf(settings: AppSettings, log: Logger): Account {
  const { apiUrl } = settings.surroundings;
  return openAccount(probotOf(settings, log), (installation, token) =>
    createClient({
      ...{ apiUrl, token, userAgent: userAgent(), account: String(installation) },
      log: (line) => log.info(line),
    }),
  );
}

function probotOf({ appId, privateKey, webhookSecret, surroundings }: AppSettings, log: Logger): Probot {
  return new Probot({ appId, privateKey, secret: webhookSecret, baseUrl: surroundings.apiUrl, log });
}

type ClientFor = (installation: number, token: string) => Client;

function tokensOf(probot: Probot, clientFor: ClientFor): Pick<Account, 'tokenOf' | 'forgetToken'> {
  const tokens = new Map<number, { readonly token: Promise<string>; readonly until: number }>();
  const ownToken = keptFor(ownTokenMilliseconds, async () => {
    const octokit = await probot.auth();
    const { token } = (await octokit.auth({ type: 'app' })) as { readonly token: string };
    return token;
  });
  // Probot's own way asks api.github.com whatever the address of the API is, and one after the other.
  const freshToken = async (installation: number): Promise<string> => {
    try {
      const client = clientFor(installation, await ownToken.get());
      const { data } = await client.rest.apps.createInstallationAccessToken({ installation_id: installation });
      return data.token;
    } catch (error) {
      // A clock may have been set meanwhile.
      ownToken.forget();
      throw error;
    }
  };
  const tokenOf = (installation: number): Promise<string> => {
    const known = tokens.get(installation);
    if (known !== undefined && known.until > Date.now()) return known.token;
    const token = freshToken(installation);
    tokens.set(installation, { token, until: Date.now() + tokenMilliseconds });
    // The next one who asks tries again.
    token.catch(() => tokens.delete(installation));
    return token;
  };
  return { tokenOf, forgetToken: (installation) => void tokens.delete(installation) };
}

/** @param clientFor connects with an installation's token */
function openAccount(probot: Probot, clientFor: ClientFor): Account {
  const { tokenOf, forgetToken } = tokensOf(probot, clientFor);
  let slug: Promise<string | null> | undefined;
  const askedSlug = async (): Promise<string | null> => {
    const octokit = await probot.auth();
    return (await octokit.rest.apps.getAuthenticated()).data?.slug ?? null;
  };
  return {
    slug: () => {
      slug ??= askedSlug();
      slug.catch(() => (slug = undefined));
      return slug;
    },
    tokenOf,
    forgetToken,
    installations: async () => {
      const octokit = await probot.auth();
      const all = await octokit.paginate(octokit.rest.apps.listInstallations, { per_page: 100 });
      return all.filter(({ suspended_at }) => suspended_at === null).map(({ id }) => id);
    },
    repositories: async (installation) => {
      const client = clientFor(installation, await tokenOf(installation));
      const all = await client.paginate(client.rest.apps.listReposAccessibleToInstallation, { per_page: 100 });
      return all.map((one) => ({
        repository: { owner: one.owner.login, repo: one.name },
        isPrivate: one.private,
        pushedAt: one.pushed_at ?? null,
      }));
    },
    deliveries: async () => {
      const octokit = await probot.auth();
      const { data } = await octokit.rest.apps.listWebhookDeliveries({ per_page: 100 });
      return data.map(({ id, guid, delivered_at: deliveredAt, status_code: status }) => ({
        ...{ id, guid, deliveredAt },
        isAnswered: status >= 200 && status < 300,
      }));
    },
    deliverAgain: async (id) => {
      const octokit = await probot.auth();
      await octokit.rest.apps.redeliverWebhookDelivery({ delivery_id: id });
    },
  };
}
