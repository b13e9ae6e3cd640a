/** What the App is told by its environment. */
import { getPrivateKey } from '@probot/get-private-key';
import { createHmac } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { UserError } from '../errors.ts';

export interface AppSettings {
  readonly appId: number;
  readonly privateKey: string;
  readonly webhookSecret: string;
  readonly host: string;
  readonly port: number;
  readonly redisUrl?: string;
  /** A relay of webhooks, for a trial on a machine that GitHub cannot reach. */
  readonly webhookProxy?: string;
  /** Where the queue's journal, cached results and pictures lie. */
  readonly dataFolder: string;
  /** Threads that simulate. */
  readonly threads: number;
  /** What threads are told. */
  readonly surroundings: Surroundings;
}

/** No secret of the App is in it: threads read models, which are hostile. */
export interface Surroundings {
  readonly appId: number;
  /** Its comments are by `<slug>[bot]`; null: not asked yet. */
  readonly appSlug: string | null;
  /** `https://api.github.com`, or `https://host/api/v3` of a GitHub Enterprise Server. */
  readonly apiUrl: string;
  readonly serverUrl: string;
  /** Where the App itself is reached from outside; undefined: it serves no pictures. */
  readonly publicUrl?: string;
  /** Names of pictures are made with it, so that nobody can guess them. */
  readonly picturesKey: string;
  /** `file:<folder>`, `redis://…` or `s3://<bucket>?region=…`. */
  readonly storage: string;
  readonly quickChartHost?: string;
  /** No other process does jobs of this App. */
  readonly isOnlyProcess: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Null: the App is not registered yet. @throws UserError for a variable that is not what it should be. */
export function readAppSettings(environment: Environment): AppSettings | null {
  const given = (name: string): string | undefined => emptyAsAbsent(environment[name]);
  const privateKey = privateKeyIn(environment);
  const appId = given('APP_ID');
  if (appId === undefined && privateKey === null) return null;
  if (appId === undefined) throw new UserError('APP_ID is not set: it is on the page of the App');
  if (privateKey === null)
    throw new UserError('PRIVATE_KEY or PRIVATE_KEY_PATH is not set: make a key on the page of the App');
  const webhookSecret = given('WEBHOOK_SECRET');
  if (webhookSecret === undefined) {
    throw new UserError(
      'WEBHOOK_SECRET is not set: without it anybody could send webhooks; set the same one on the page of the App',
    );
  }
  const redisUrl = given('REDIS_URL');
  const webhookProxy = urlIn(given('WEBHOOK_PROXY_URL'), 'WEBHOOK_PROXY_URL');
  const dataFolder = given('MODEL_BUDGET_DATA') ?? 'data';
  const publicUrl = urlIn(given('PUBLIC_URL'), 'PUBLIC_URL');
  const quickChartHost = given('MODEL_BUDGET_QUICKCHART_HOST');
  const id = numberIn(appId, 'APP_ID');
  return {
    ...{ appId: id, privateKey, webhookSecret, dataFolder },
    host: given('HOST') ?? '0.0.0.0',
    port: numberIn(given('PORT') ?? '3000', 'PORT'),
    ...(redisUrl === undefined ? {} : { redisUrl }),
    ...(webhookProxy === undefined ? {} : { webhookProxy }),
    threads: numberIn(given('MODEL_BUDGET_THREADS') ?? String(availableParallelism()), 'MODEL_BUDGET_THREADS'),
    surroundings: {
      appId: id,
      appSlug: null,
      ...addressesIn(given),
      ...(publicUrl === undefined ? {} : { publicUrl }),
      picturesKey: createHmac('sha256', webhookSecret).update('pictures').digest('hex'),
      storage: given('MODEL_BUDGET_STORAGE') ?? redisUrl ?? `file:${dataFolder}/storage`,
      ...(quickChartHost === undefined ? {} : { quickChartHost }),
      isOnlyProcess: redisUrl === undefined,
    },
  };
}

function emptyAsAbsent(text = ''): string | undefined {
  return text.trim() === '' ? undefined : text.trim();
}

function privateKeyIn(environment: Environment): string | null {
  try {
    return getPrivateKey({ env: { ...environment } });
  } catch (error) {
    throw new UserError(`the private key cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Probot's words for a GitHub Enterprise Server, or the Actions runner's. */
function addressesIn(given: (name: string) => string | undefined): Pick<Surroundings, 'apiUrl' | 'serverUrl'> {
  const enterprise = given('GHE_HOST');
  const server = enterprise === undefined ? undefined : `${given('GHE_PROTOCOL') ?? 'https'}://${enterprise}`;
  return {
    apiUrl:
      urlIn(given('GITHUB_API_URL'), 'GITHUB_API_URL') ??
      (server === undefined ? 'https://api.github.com' : `${server}/api/v3`),
    serverUrl: urlIn(given('GITHUB_SERVER_URL'), 'GITHUB_SERVER_URL') ?? server ?? 'https://github.com',
  };
}

function urlIn(text: string | undefined, name: string): string | undefined {
  if (text === undefined) return undefined;
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new UserError(`${name} is "${text}": it must be an address such as https://example.org`);
  }
  return text.replace(/\/+$/, '');
}

function numberIn(text: string, name: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new UserError(`${name} is "${text}": it must be a whole number above 0`);
  return number;
}
