/** What the runner tells a job about itself: variables of the environment and the event's payload. */
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import type { RepositoryName } from '../github/client.ts';
import { valueAt } from '../github/payload.ts';

export interface Runner {
  readonly repository: RepositoryName;
  readonly event: string;
  readonly payload: unknown;
  readonly apiUrl: string;
  readonly serverUrl: string;
  /** Page of this run, with its log; undefined outside of a workflow. */
  readonly runUrl: string | undefined;
  /** Names this attempt of this run. */
  readonly runId: string;
  /** Unless the payload says that everybody may read it. */
  readonly isPrivate: boolean;
  /** The head of the pull request lies in another repository. */
  readonly isFork: boolean;
  /** A folder for this job's files. */
  readonly folder: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws UserError where this is no job of a workflow. */
export function readRunner(environment: Environment): Runner {
  const serverUrl = plainUrl(environment.GITHUB_SERVER_URL ?? 'https://github.com');
  const name = required(environment, 'GITHUB_REPOSITORY');
  const [, owner, repo] = /^([\w.-]+)\/([\w.-]+)$/.exec(name) ?? [];
  if (owner === undefined || repo === undefined) throw new UserError(`GITHUB_REPOSITORY: "${name}" is not owner/name`);
  const run = environment.GITHUB_RUN_ID;
  const payload = payloadIn(required(environment, 'GITHUB_EVENT_PATH'));
  return {
    repository: { owner, repo },
    event: required(environment, 'GITHUB_EVENT_NAME'),
    payload,
    isPrivate: valueAt(payload, 'repository.private') !== false,
    isFork: isFork(payload),
    apiUrl: plainUrl(environment.GITHUB_API_URL ?? 'https://api.github.com'),
    serverUrl,
    runUrl: run === undefined ? undefined : `${serverUrl}/${owner}/${repo}/actions/runs/${run}`,
    runId: `${run ?? String(process.pid)}.${environment.GITHUB_RUN_ATTEMPT ?? '1'}.${environment.GITHUB_JOB ?? ''}`,
    folder: join(environment.RUNNER_TEMP ?? tmpdir(), 'model-budget'),
  };
}

function required(environment: Environment, name: string): string {
  const value = environment[name];
  if (value === undefined || value === '') throw new UserError(`${name} is not set: this runs as a step of a workflow`);
  return value;
}

function plainUrl(url: string): string {
  return url.replace(/\/+$/, '');
}

function payloadIn(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw new UserError(`GITHUB_EVENT_PATH: ${path} holds no JSON`);
  }
}

function isFork(payload: unknown): boolean {
  const [head, base] = ['head', 'base'].map((side) => valueAt(payload, `pull_request.${side}.repo.full_name`));
  return valueAt(payload, 'pull_request') !== undefined && head !== base;
}
