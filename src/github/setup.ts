/** How a repository on GitHub is set up, as far as the token may see it. Only reads. */
import type { RestEndpointMethodTypes } from '@octokit/rest';
import { isRefused, reasonOf, type GitHub } from './client.ts';

/** Refused: why it is not known. */
export type Asked<Value> = { readonly told: Value } | { readonly refused: string };

export interface RequiredCheck {
  readonly name: string;
  /** Of the App that must have made it; null: anybody. */
  readonly appId: number | null;
  readonly by: 'branch protection' | 'a ruleset';
}

export interface Checker {
  readonly slug: string;
  readonly id: number;
}

export interface Rules {
  readonly required: readonly RequiredCheck[];
  readonly hasMergeQueue: boolean;
}

export interface Setup {
  readonly repository: Asked<{ readonly isPrivate: boolean; readonly defaultBranch: string }>;
  /** Of the default branch. */
  readonly protection: Asked<readonly RequiredCheck[]>;
  readonly rules: Asked<Rules>;
  /** Apps that made our checks lately. */
  readonly checkers: Asked<readonly Checker[]>;
}

export async function askSetup(github: GitHub): Promise<Setup> {
  const { client, repository } = github;
  const found = await ask('metadata: read', () => client.rest.repos.get({ ...repository }));
  if ('refused' in found) return { repository: found, protection: found, rules: found, checkers: found };
  const { private: isPrivate, default_branch: defaultBranch } = found.told.data;
  const [protection, rules, checkers] = await Promise.all([
    ask('contents: read', () => protectionOf(github, defaultBranch)),
    ask('metadata: read', () => rulesOf(github, defaultBranch)),
    ask('checks: read and pull-requests: read', () => checkersOf(github, defaultBranch)),
  ]);
  return { repository: { told: { isPrivate, defaultBranch } }, protection, rules, checkers };
}

/** 403 and 404 are answers too: the token may not know. */
async function ask<Value>(permission: string, question: () => Promise<Value>): Promise<Asked<Value>> {
  try {
    return { told: await question() };
  } catch (error) {
    const lacks = isRefused(error) ? `the token lacks ${permission}, or there is no such thing: ` : '';
    return { refused: `${lacks}${reasonOf(error)}` };
  }
}

/** Branch protection as everybody who reads the branch sees it; its own endpoint is for administrators. */
async function protectionOf({ client, repository }: GitHub, branch: string): Promise<readonly RequiredCheck[]> {
  const { data } = await client.rest.repos.getBranch({ ...repository, branch });
  const required = data.protection.required_status_checks;
  if (required === undefined || required.enforcement_level === 'off') return [];
  const apps = new Map(required.checks.map(({ context, app_id: id }) => [context, id]));
  return required.contexts.map((name) => ({ name, appId: appOf(apps.get(name)), by: 'branch protection' }));
}

/** -1 stands for "any source". */
function appOf(id: number | null | undefined): number | null {
  return id === undefined || id === null || id < 0 ? null : id;
}

type Rule = RestEndpointMethodTypes['repos']['getBranchRules']['response']['data'][number];

async function rulesOf({ client, repository }: GitHub, branch: string): Promise<Rules> {
  const { data } = await client.rest.repos.getBranchRules({ ...repository, branch, per_page: 100 });
  return {
    required: data.flatMap(requiredBy),
    hasMergeQueue: data.some(({ type }) => type === 'merge_queue'),
  };
}

function requiredBy(rule: Rule): readonly RequiredCheck[] {
  if (rule.type !== 'required_status_checks') return [];
  const checks = rule.parameters?.required_status_checks ?? [];
  return checks.map(({ context, integration_id: id }) => ({ name: context, appId: appOf(id), by: 'a ruleset' }));
}

/** Of so many pull requests the checks are looked at. */
const latestPullRequests = 5;

async function checkersOf({ client, repository }: GitHub, branch: string): Promise<readonly Checker[]> {
  const latest = { state: 'all', sort: 'updated', direction: 'desc', per_page: latestPullRequests } as const;
  const { data: pulls } = await client.rest.pulls.list({ ...repository, ...latest });
  const checkers = new Map<number, Checker>();
  for (const ref of new Set([branch, ...pulls.map(({ head }) => head.sha)])) {
    const { data } = await client.rest.checks.listForRef({ ...repository, ref, per_page: 100 });
    for (const { name, app } of data.check_runs) {
      if (isOurs(name) && app?.slug !== undefined) checkers.set(app.id, { slug: app.slug, id: app.id });
    }
  }
  return [...checkers.values()].sort((a, b) => a.id - b.id);
}

/** `model-budget`, or `model-budget (<id>)`. */
export function isOurs(name: string): boolean {
  return /^model-budget( \([\w.-]+\))?$/.test(name);
}
