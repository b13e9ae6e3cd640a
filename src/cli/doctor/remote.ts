/** Which repository of which GitHub this clone is of, and with which token it may be asked. */
import { UserError } from '../../errors.ts';
import type { RepositoryName } from '../../github/client.ts';

export interface Remote {
  readonly repository: RepositoryName;
  readonly apiUrl: string;
  readonly serverUrl: string;
  readonly token: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * A text says why nobody can be asked. The token goes to GitHub or to the server of `GITHUB_API_URL`, never to one that only
 * the clone names.
 */
export function remoteOf(address: string | undefined, environment: Environment): Remote | string {
  const token = given(environment, 'GITHUB_TOKEN') ?? given(environment, 'GH_TOKEN');
  if (token === undefined) return 'GitHub was not asked: set GITHUB_TOKEN or GH_TOKEN';
  const apiUrl = plainUrl('GITHUB_API_URL', given(environment, 'GITHUB_API_URL') ?? 'https://api.github.com');
  const serverUrl = plainUrl('GITHUB_SERVER_URL', given(environment, 'GITHUB_SERVER_URL') ?? serverOf(apiUrl));
  const named = given(environment, 'GITHUB_REPOSITORY');
  const origin = named === undefined ? address : `${serverUrl}/${named}`;
  const place = origin === undefined ? undefined : placeIn(origin);
  if (place === undefined)
    return 'GitHub was not asked: this clone has no remote `origin` on it; set GITHUB_REPOSITORY=owner/name';
  const { host, owner, repo } = place;
  if (host !== new URL(serverUrl).hostname) {
    return `GitHub was not asked: \`origin\` is on ${host}; for GitHub Enterprise Server set GITHUB_API_URL=https://${host}/api/v3`;
  }
  return { repository: { owner, repo }, apiUrl, serverUrl, token };
}

/** An empty variable is as good as none. */
function given(environment: Environment, name: string): string | undefined {
  const value = environment[name];
  return value === '' ? undefined : value;
}

function plainUrl(name: string, url: string): string {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    throw new UserError(`${name}: "${url}" is no address of a server`);
  return url.replace(/\/+$/, '');
}

/** `https://api.github.com` → `https://github.com`, `https://host/api/v3` → `https://host`. */
function serverOf(apiUrl: string): string {
  const { protocol, host } = new URL(apiUrl);
  return `${protocol}//${host.replace(/^api\./, '')}`;
}

interface Place extends RepositoryName {
  readonly host: string;
}

/** `https://host/owner/repo.git`, `ssh://git@host:22/owner/repo` or `git@host:owner/repo.git`. */
function placeIn(address: string): Place | undefined {
  const web = /^(?:https?|ssh|git):\/\/(?:[^@/]*@)?([\w.-]+)(?::\d+)?\/([\w.-]+)\/([\w.-]+?)(?:\.git)?\/?$/.exec(
    address,
  );
  const scp = /^(?:[^@/:]*@)?([\w.-]+):([\w.-]+)\/([\w.-]+?)(?:\.git)?\/?$/.exec(address);
  const [, host, owner, repo] = web ?? scp ?? [];
  return host === undefined || owner === undefined || repo === undefined ? undefined : { host, owner, repo };
}
