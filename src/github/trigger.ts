/** What an event asks for. Payloads are read with care: their texts are the author's of the pull request. */
import { UserError } from '../errors.ts';
import { commandLineIn } from './commands/command-line.ts';
import { valueAt } from './payload.ts';

export interface PullRequestFacts {
  readonly number: number;
  readonly headSha: string;
  /** Branch names; a head's is its author's text. */
  readonly headRef: string;
  readonly baseRef: string;
  /** The head before the push that the event is about; null: the pull request is new. Absent: the event does not say. */
  readonly before?: string | null;
}

/** On a pull request, with what may be a command in it. */
export interface WrittenComment {
  readonly pullRequest: number;
  readonly id: number;
  readonly body: string;
  readonly login: string;
  /** ISO time. */
  readonly createdAt: string;
}

export type Trigger =
  | ({ readonly kind: 'pull-request' } & PullRequestFacts)
  /** Of a pull request of which only the number is known. */
  | { readonly kind: 'pull-request-number'; readonly number: number }
  | {
      readonly kind: 'merge-group';
      readonly headSha: string;
      readonly headRef: string;
      readonly baseSha: string;
      readonly baseRef: string;
    }
  | ({ readonly kind: 'command' } & WrittenComment)
  | { readonly kind: 'push'; readonly headSha: string; readonly branch: string }
  | { readonly kind: 'none'; readonly reason: string };

/** @throws UserError for an event that this program does not answer, or a payload that is not what it should be. */
export function triggerOf(event: string, payload: unknown): Trigger {
  const read = reader(event, payload);
  switch (event) {
    case 'pull_request':
    case 'pull_request_target':
      if (read.text('action', '') === 'closed') return { kind: 'none', reason: 'the pull request is closed' };
      return {
        kind: 'pull-request',
        number: read.number('pull_request.number'),
        headSha: read.sha('pull_request.head.sha'),
        headRef: read.text('pull_request.head.ref'),
        baseRef: read.text('pull_request.base.ref'),
        ...headBefore(read),
      };
    case 'merge_group':
      return {
        kind: 'merge-group',
        headSha: read.sha('merge_group.head_sha'),
        headRef: branchOf(read.text('merge_group.head_ref')),
        baseSha: read.sha('merge_group.base_sha'),
        baseRef: branchOf(read.text('merge_group.base_ref')),
      };
    case 'push':
      return pushTrigger(read);
    case 'issue_comment':
      return commentTrigger(read);
    case 'workflow_dispatch':
      return { kind: 'pull-request-number', number: dispatchedNumber(read.value('inputs')) };
    default:
      throw new UserError(
        `the event "${event}" has no model change to review; run on pull_request, pull_request_target, merge_group, push, issue_comment or workflow_dispatch`,
      );
  }
}

/** An edited comment asks for nothing, or one text would be judged and another one read. */
function commentTrigger(read: Reader): Trigger {
  const none = (reason: string): Trigger => ({ kind: 'none', reason });
  if (read.text('action', '') !== 'created') return none('the comment was there before');
  if (read.value('issue.pull_request') === undefined) return none('the comment is on an issue');
  if (read.text('issue.state', '') !== 'open') return none('the pull request is not open');
  const login = read.text('comment.user.login', '');
  // Two programs that answer each other would talk for ever.
  if (login === '' || login.endsWith('[bot]') || read.value('comment.user.type') === 'Bot') {
    return none('the comment is by a program');
  }
  const body = read.text('comment.body', '');
  if (commandLineIn(body) === null) return none('the comment holds no command');
  const createdAt = read.text('comment.created_at');
  return {
    kind: 'command',
    pullRequest: read.number('issue.number'),
    id: read.number('comment.id'),
    body,
    login,
    createdAt,
  };
}

function headBefore(read: Reader): Pick<PullRequestFacts, 'before'> {
  if (read.value('action') === 'opened') return { before: null };
  const before = read.value('before');
  return typeof before === 'string' && shaPattern.test(before) ? { before } : {};
}

function pushTrigger(read: Reader): Trigger {
  const ref = read.text('ref');
  const defaultBranch = read.text('repository.default_branch', '');
  if (ref !== `refs/heads/${defaultBranch}`) return { kind: 'none', reason: `${ref} is not the default branch` };
  const headSha = read.sha('after');
  if (/^0+$/.test(headSha)) return { kind: 'none', reason: 'the branch was deleted' };
  return { kind: 'push', headSha, branch: defaultBranch };
}

/** The workflow names its input; any name that says "pull request" will do. */
function dispatchedNumber(inputs: unknown): number {
  const entries = typeof inputs === 'object' && inputs !== null ? Object.entries(inputs) : [];
  const found = entries.find(([name]) =>
    /^(pullrequest(number)?|pr(number)?|number)$/.test(name.replace(/[-_ ]/g, '').toLowerCase()),
  );
  const written: unknown = found?.[1];
  const isDigits = typeof written === 'string' && /^\d+$/.test(written);
  const number = typeof written === 'number' || isDigits ? Number(written) : Number.NaN;
  if (!Number.isSafeInteger(number) || number < 1) {
    throw new UserError('workflow_dispatch needs an input "pull-request" with the number of an open pull request');
  }
  return number;
}

/** `refs/heads/main` as `main`. */
function branchOf(ref: string): string {
  return ref.replace(/^refs\/heads\//, '');
}

const shaPattern = /^([0-9a-f]{40}|[0-9a-f]{64})$/;

interface Reader {
  readonly value: (path: string) => unknown;
  readonly text: (path: string, absent?: string) => string;
  readonly number: (path: string) => number;
  readonly sha: (path: string) => string;
}

function reader(event: string, payload: unknown): Reader {
  const value = (path: string): unknown => valueAt(payload, path);
  const wrong = (path: string): UserError => new UserError(`the payload of the event "${event}" has no usable ${path}`);
  const text = (path: string, absent?: string): string => {
    const found = value(path) ?? absent;
    if (typeof found !== 'string') throw wrong(path);
    return found;
  };
  return {
    value,
    text,
    number: (path) => {
      const found = value(path);
      if (typeof found !== 'number' || !Number.isSafeInteger(found) || found < 1) throw wrong(path);
      return found;
    },
    sha: (path) => {
      const found = text(path);
      if (!shaPattern.test(found)) throw wrong(path);
      return found;
    },
  };
}
