/** What is to be done for an event of a webhook: small records that lie in a queue, which say where to look and nothing else. */
import { UserError } from '../errors.ts';
import type { RepositoryName } from '../github/client.ts';
import { buttonNames, type ButtonName } from '../github/conversation/buttons.ts';
import { valueAt } from '../github/payload.ts';
import { triggerOf, type Trigger, type WrittenComment } from '../github/trigger.ts';

/** What a job is about. Whatever can change until it is done is read again then. */
export type Errand =
  | {
      readonly kind: 'review';
      readonly pullRequest: number;
      /** The head before the push; null: the pull request is new. Absent: nobody said. */
      readonly before?: string | null;
      /** The head that `before` came before. */
      readonly of?: string;
      /** Nothing is known to be new: a check that was completed meanwhile is enough. */
      readonly unlessChecked?: true;
    }
  | Extract<Trigger, { kind: 'merge-group' }>
  | { readonly kind: 'command'; readonly pullRequest: number; readonly comment: CommandComment }
  | {
      readonly kind: 'button';
      readonly button: ButtonName;
      readonly headSha: string;
      readonly press: ButtonPress;
      /** The event names none for sure: absent, it is looked for, and the button takes its turn there. */
      readonly pullRequest?: number;
    }
  /** Whatever open pull requests have this head. */
  | { readonly kind: 'head'; readonly headSha: string }
  /** The config of this branch was changed. */
  | { readonly kind: 'base'; readonly branch: string }
  /** Open pull requests without a check that is completed. */
  | { readonly kind: 'sweep'; readonly days: number };

export type CommandComment = Omit<WrittenComment, 'pullRequest'>;

export interface ButtonPress {
  readonly checkRun: number;
  readonly login: string;
  /** ISO time. */
  readonly at: string;
}

export interface JobData {
  readonly installation: number;
  readonly repository: RepositoryName;
  readonly isPrivate: boolean;
  readonly errand: Errand;
}

export interface Job {
  /** Of jobs with the same key one is enough: the newest. */
  readonly key: string;
  /** Jobs of one group are done one after another. */
  readonly group: string;
  readonly data: JobData;
}

/** Of a file that nothing but the base's config can be. */
const configFile = /(^|\/)model-budget\.ya?ml$/;

/** An event that asks for nothing, or whose payload lacks what it should have, has no job. */
export function jobsOf(event: string, payload: unknown, now = new Date()): readonly Job[] {
  if (event === 'installation' || event === 'installation_repositories') return installedJobs(payload);
  const errand = errandOf(event, payload, now);
  const place = placeOf(payload);
  return errand === null || place === null ? [] : [jobOf(place, errand)];
}

type Place = Omit<JobData, 'errand'>;

export function jobOf({ installation, repository, isPrivate }: Place, errand: Errand): Job {
  const name = `${repository.owner}/${repository.repo}`.toLowerCase();
  const data = { installation, repository, isPrivate, errand };
  return { key: `${name} ${keyOf(errand)}`, group: `${name} ${groupOf(errand)}`, data };
}

function keyOf(errand: Errand): string {
  switch (errand.kind) {
    case 'review':
      // What has to be done must not be replaced by what may be.
      return `${errand.unlessChecked === true ? 'check' : 'review'} ${errand.pullRequest}`;
    case 'command':
      return `comment ${errand.comment.id}`;
    case 'button':
      return `${errand.pullRequest === undefined ? 'pressed' : 'button'} ${pressOf(errand)}`;
    case 'merge-group':
    case 'head':
      return `${errand.kind} ${errand.headSha}`;
    case 'base':
      return `base ${errand.branch}`;
    case 'sweep':
      return 'sweep';
  }
}

/** Who may not press a button must not take the place of who may. */
function pressOf({ button, press }: Extract<Errand, { kind: 'button' }>): string {
  return `${press.checkRun} ${button} ${press.login.toLowerCase()}`;
}

/** A pull request has one comment and its head one check: what writes them goes in turn. */
function groupOf(errand: Errand): string {
  return 'pullRequest' in errand ? `pull request ${errand.pullRequest}` : keyOf(errand);
}

function placeOf(payload: unknown): Place | null {
  const [installation, owner, repo] = ['installation.id', 'repository.owner.login', 'repository.name'].map((path) =>
    valueAt(payload, path),
  );
  if (!isId(installation) || typeof owner !== 'string' || typeof repo !== 'string') return null;
  return { installation, repository: { owner, repo }, isPrivate: valueAt(payload, 'repository.private') !== false };
}

/** Days that a pull request may have rested and still get its check when the App comes to its repository. */
const restedDays = 14;

/** Pull requests that are open when the App is installed would wait for their next push. */
function installedJobs(payload: unknown): readonly Job[] {
  const installation = valueAt(payload, 'installation.id');
  const added = [valueAt(payload, 'repositories'), valueAt(payload, 'repositories_added')].find((one) =>
    Array.isArray(one),
  );
  const isWelcome = ['created', 'added', 'unsuspend'].some((action) => action === valueAt(payload, 'action'));
  if (!isId(installation) || !isWelcome || added === undefined) return [];
  return (added as readonly unknown[]).flatMap((one) => {
    const [owner, repo, ...more] = String(valueAt(one, 'full_name')).split('/');
    if (!owner || !repo || more.length > 0) return [];
    const place = { installation, repository: { owner, repo }, isPrivate: valueAt(one, 'private') !== false };
    return [jobOf(place, { kind: 'sweep', days: restedDays })];
  });
}

function isId(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

function errandOf(event: string, payload: unknown, now: Date): Errand | null {
  const action = valueAt(payload, 'action');
  switch (event) {
    case 'pull_request':
      return typeof action === 'string' ? pullRequestErrand(action, payload) : null;
    case 'issue_comment':
      return commandErrand(payload);
    case 'check_run':
      return checkRunErrand(action, payload, now);
    case 'check_suite':
      return action === 'rerequested' ? headErrand(valueAt(payload, 'check_suite.head_sha')) : null;
    case 'merge_group':
      return action === 'checks_requested' ? mergeGroupErrand(payload) : null;
    case 'push':
      return pushErrand(payload);
    default:
      return null;
  }
}

const reasonsToReview = ['opened', 'synchronize', 'reopened', 'ready_for_review', 'edited'];

function pullRequestErrand(action: string, payload: unknown): Errand | null {
  // Another one with the same head had the worst verdict of both.
  if (action === 'closed') return headErrand(valueAt(payload, 'pull_request.head.sha'));
  if (!reasonsToReview.includes(action)) return null;
  // Titles and texts are edited all the time.
  if (action === 'edited' && valueAt(payload, 'changes.base') === undefined) return null;
  const trigger = triggerIn('pull_request', payload);
  if (trigger?.kind !== 'pull-request') return null;
  const { number: pullRequest, before, headSha } = trigger;
  return { kind: 'review', pullRequest, ...(before === undefined ? {} : { before, of: headSha }) };
}

/** Most comments are for people: they cost nothing. */
function commandErrand(payload: unknown): Errand | null {
  const trigger = triggerIn('issue_comment', payload);
  if (trigger?.kind !== 'command') return null;
  const { kind, pullRequest, ...comment } = trigger;
  return { kind, pullRequest, comment };
}

/** As a workflow reads the same event; null for a payload that is not what it should be. */
function triggerIn(event: string, payload: unknown): Trigger | null {
  try {
    return triggerOf(event, payload);
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

function checkRunErrand(action: unknown, payload: unknown, now: Date): Errand | null {
  const headSha = shaAt(payload, 'check_run.head_sha');
  if (action === 'rerequested') return headErrand(headSha);
  if (action !== 'requested_action' || headSha === null) return null;
  const [checkRun, login] = [valueAt(payload, 'check_run.id'), valueAt(payload, 'sender.login')];
  const button = buttonNames.find((one) => one === valueAt(payload, 'requested_action.identifier'));
  if (button === undefined || !isId(checkRun) || typeof login !== 'string') return null;
  return { kind: 'button', button, headSha, press: { checkRun, login, at: now.toISOString() } };
}

function headErrand(sha: unknown): Errand | null {
  return isSha(sha) ? { kind: 'head', headSha: sha } : null;
}

function mergeGroupErrand(payload: unknown): Errand | null {
  const trigger = triggerIn('merge_group', payload);
  return trigger?.kind === 'merge-group' ? trigger : null;
}

/** Budgets bind as they are at the tip of the base, so that a change of them is news to every open pull request. */
function pushErrand(payload: unknown): Errand | null {
  const ref = valueAt(payload, 'ref');
  const commits = valueAt(payload, 'commits');
  if (typeof ref !== 'string' || !ref.startsWith('refs/heads/') || !Array.isArray(commits)) return null;
  const touched = commits.flatMap((commit) => ['added', 'modified', 'removed'].map((name) => valueAt(commit, name)));
  const paths = touched.flat().filter((path) => typeof path === 'string');
  return paths.some((path) => configFile.test(path)) ? { kind: 'base', branch: branchOf(ref) } : null;
}

function branchOf(ref: string): string {
  return ref.replace(/^refs\/heads\//, '');
}

function shaAt(payload: unknown, path: string): string | null {
  const value = valueAt(payload, path);
  return isSha(value) ? value : null;
}

function isSha(value: unknown): value is string {
  return typeof value === 'string' && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(value);
}
