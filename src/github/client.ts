/** The connection to GitHub's REST API: throttled, retried, and bounded, so that a run ends whatever the server answers. */
import { throttling } from '@octokit/plugin-throttling';
import { Octokit } from '@octokit/rest';
import { retryBroken } from './retry.ts';
import { wholeAnswers } from './transport.ts';
import type { TreeCache } from './tree-entry.ts';

/** Octokit with what this program asks of it. */
export type Client = Octokit;

export interface RepositoryName {
  readonly owner: string;
  readonly repo: string;
}

/** By repository and object id. */
export interface TextCache {
  readonly get: (key: string) => string | undefined;
  readonly set: (key: string, text: string) => unknown;
}

/** What every request needs. */
export interface GitHub {
  readonly client: Client;
  readonly repository: RepositoryName;
  /** `https://github.com`, or a GitHub Enterprise Server; Git LFS is asked there. */
  readonly serverUrl: string;
  readonly token: string;
  /** Tells what a reader of the log should know; one line. */
  readonly log: (line: string) => void;
  /** Trees that were read before, of this server. */
  readonly trees?: TreeCache;
  /** Small files of text that were read before, of this server. */
  readonly texts?: TextCache;
  /** Tips of branches that were read already: what one job does binds by the budgets of one moment. */
  readonly tips?: Map<string, string>;
  /** True once a request failed, after all tries, in a way that another run may not see. */
  readonly hasFailed?: () => boolean;
  /** What is asked past the client failed like that. */
  readonly noteFailure?: () => void;
}

export interface ClientOptions {
  /** `https://api.github.com`, or `https://host/api/v3` of a GitHub Enterprise Server. */
  readonly apiUrl: string;
  readonly token: string;
  readonly userAgent: string;
  readonly log: (line: string) => void;
  /** Whose limits these requests count against: clients of one process that share it wait for each other. */
  readonly account?: string;
}

/** A limit that lifts later than this is not waited for: the run says so and ends. */
const longestWaitSeconds = 120;

/** After the first try, with pauses of once, four times and nine times the first. */
const maximumRetries = 3;
const firstPauseMilliseconds = 750;

const PacedOctokit = Octokit.plugin(throttling);

export function createClient({ apiUrl, token, userAgent, log, account }: ClientOptions): Client {
  const waits =
    (kind: string) =>
    (retryAfter: number, request: { readonly method: string; readonly url: string }, _: unknown, tries: number) => {
      const waiting = tries < maximumRetries && retryAfter <= longestWaitSeconds;
      log(`${kind} at ${request.method} ${request.url}: ${waiting ? `again in ${retryAfter} s` : 'giving up'}`);
      return waiting;
    };
  const client = new PacedOctokit({
    auth: token,
    baseUrl: apiUrl,
    userAgent,
    log: { debug: nothing, info: nothing, warn: log, error: nothing },
    throttle: {
      ...(account === undefined ? {} : { id: account }),
      onRateLimit: waits('rate limit'),
      onSecondaryRateLimit: waits('secondary rate limit'),
      retryAfterBaseValue: 1000,
    },
    request: wholeAnswers,
  });
  retryBroken(client, { retries: maximumRetries, firstPauseMilliseconds });
  // The plug-in counts in a record that requests share, so that one's troubles would be the next one's.
  client.hook.before('request', (options) => {
    options.request = { ...options.request };
  });
  return client;
}

function nothing(): void {
  // Octokit's own remarks on requests are noise beside ours.
}

/** The status of a failed request; undefined for what is no answer of the server's. */
export function statusOf(error: unknown): number | undefined {
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  return typeof status === 'number' ? status : undefined;
}

/** The token may not do this, or GitHub hides that it could: 403 and 404. Too many requests is another matter. */
export function isRefused(error: unknown): boolean {
  const status = statusOf(error);
  return status === 404 || (status === 403 && !isRateLimit(error));
}

/** What was refused is the permission itself; a 404 may also say that there is no such thing. */
export function isForbidden(error: unknown): boolean {
  return statusOf(error) === 403 && isRefused(error);
}

function isRateLimit(error: unknown): boolean {
  return error instanceof Error && /rate limit|abuse detection/i.test(error.message);
}

/** An outage, a limit, or a token that has ended: in some minutes it may be over. */
function mayPass(error: unknown): boolean {
  const status = statusOf(error);
  if (status === undefined || status === 401 || status === 429 || status >= 500) return true;
  return status === 403 && !isRefused(error);
}

/** Whether a request of this client, or one that is noted, failed for good though it may succeed in some minutes. */
export function watchFailures(client: Client): Required<Pick<GitHub, 'hasFailed' | 'noteFailure'>> {
  let hasFailed = false;
  // The hook that was added last sees what is left after all tries.
  client.hook.error('request', (error) => {
    hasFailed ||= mayPass(error);
    throw error;
  });
  return { hasFailed: () => hasFailed, noteFailure: () => void (hasFailed = true) };
}

/** The server's own words in one line, for messages; of a broken connection what broke it, which hides in the cause. */
export function reasonOf(error: unknown): string {
  const status = statusOf(error);
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
  const text = error instanceof Error ? `${error.message}${cause}` : String(error);
  const line = text.replace(/\s+/g, ' ').trim().slice(0, 300);
  return status === undefined ? line : `${status} ${line}`;
}
