import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { triggerOf } from '../../src/github/trigger.ts';

const headSha = 'a1'.repeat(20);
const baseSha = 'b2'.repeat(20);

function pullRequest(overrides: object = {}) {
  return {
    action: 'opened',
    pull_request: { number: 7, head: { sha: headSha, ref: 'wider' }, base: { sha: baseSha, ref: 'release/1' } },
    ...overrides,
  };
}

const mergeGroup = {
  action: 'checks_requested',
  merge_group: {
    ...{ head_sha: headSha, head_ref: 'refs/heads/gh-readonly-queue/main/pr-7-b2' },
    ...{ base_sha: baseSha, base_ref: 'refs/heads/refs/heads/main' },
  },
};

const push = { ref: 'refs/heads/main', after: headSha, repository: { default_branch: 'main' } };

const written = {
  action: 'created',
  issue: { number: 7, state: 'open', pull_request: { url: 'https://api.github.com/x' } },
  comment: { id: 5, body: '/simulate int8', created_at: '2026-01-01T00:00:00Z', user: { login: 'ada', type: 'User' } },
};

describe('issue_comment', () => {
  test('a command on an open pull request', () => {
    expect(triggerOf('issue_comment', written)).toEqual({
      ...{
        kind: 'command',
        pullRequest: 7,
        id: 5,
        body: '/simulate int8',
        login: 'ada',
        createdAt: '2026-01-01T00:00:00Z',
      },
    });
  });

  const commentOf = (overrides: object) => ({ ...written, comment: { ...written.comment, ...overrides } });

  test.each([
    ['edited', { ...written, action: 'edited' }],
    ['deleted', { ...written, action: 'deleted' }],
    ['on an issue', { ...written, issue: { number: 7, state: 'open' } }],
    ['on a closed pull request', { ...written, issue: { ...written.issue, state: 'closed' } }],
    ['of an App', commentOf({ user: { login: 'dependabot[bot]', type: 'Bot' } })],
    ['of a program with the name of a person', commentOf({ user: { login: 'ci', type: 'Bot' } })],
    ['of nobody', commentOf({ user: null })],
    ['without a command', commentOf({ body: 'looks good' })],
    ['without a text', commentOf({ body: null })],
  ])('%s: nothing to do', (_, payload) => {
    expect(triggerOf('issue_comment', payload).kind).toBe('none');
  });

  test('a payload that is none', () => {
    expect(() => triggerOf('issue_comment', commentOf({ id: '5' }))).toThrow(UserError);
  });
});

describe('each event', () => {
  test.each(['pull_request', 'pull_request_target'])('%s', (event) => {
    expect(triggerOf(event, pullRequest())).toEqual({
      ...{ kind: 'pull-request', number: 7, headSha, headRef: 'wider', baseRef: 'release/1', before: null },
    });
    const pushed = pullRequest({ action: 'synchronize', before: baseSha });
    expect(triggerOf(event, pushed)).toMatchObject({ before: baseSha });
    for (const before of ['main', 7, undefined]) {
      expect(triggerOf(event, pullRequest({ action: 'synchronize', before }))).not.toHaveProperty('before');
    }
    expect(triggerOf(event, pullRequest({ action: 'edited' })).kind).toBe('pull-request');
    expect(triggerOf(event, pullRequest({ action: null })).kind).toBe('pull-request');
    expect(triggerOf(event, pullRequest({ action: 'closed' }))).toEqual({
      ...{ kind: 'none', reason: 'the pull request is closed' },
    });
  });

  test('merge_group: branches by their names, even odd ones', () => {
    expect(triggerOf('merge_group', mergeGroup)).toEqual({
      ...{
        kind: 'merge-group',
        headSha,
        headRef: 'gh-readonly-queue/main/pr-7-b2',
        baseSha,
        baseRef: 'refs/heads/main',
      },
    });
  });

  test('push: of the default branch only', () => {
    expect(triggerOf('push', push)).toEqual({ kind: 'push', headSha, branch: 'main' });
    for (const ref of ['refs/heads/other', 'refs/tags/main', 'main', 'refs/heads/']) {
      expect(triggerOf('push', { ...push, ref })).toEqual({ kind: 'none', reason: `${ref} is not the default branch` });
    }
    expect(triggerOf('push', { ...push, after: '0'.repeat(40) }).kind).toBe('none');
    expect(triggerOf('push', { ref: 'refs/heads/main', after: headSha }).kind).toBe('none');
  });

  test.each(['pull-request', 'pull_request', 'PR', 'pr number', 'pullRequestNumber', 'Number'])(
    'workflow_dispatch: the number in the input "%s"',
    (name) => {
      expect(triggerOf('workflow_dispatch', { inputs: { reason: '3', [name]: '12' } })).toEqual({
        ...{ kind: 'pull-request-number', number: 12 },
      });
    },
  );

  test.each([
    [{}],
    [{ inputs: null }],
    [{ inputs: 'pr' }],
    [{ inputs: { issue: '12' } }],
    [{ inputs: { pr: '' } }],
    [{ inputs: { pr: '0' } }],
    [{ inputs: { pr: '-1' } }],
    [{ inputs: { pr: '1.5' } }],
    [{ inputs: { pr: '1e99' } }],
    [{ inputs: { pr: '../../7' } }],
    [{ inputs: { pr: {} } }],
    [{ inputs: { pr: true } }],
    [{ inputs: { pr: '0x10' } }],
  ])('workflow_dispatch without a number: %j', (payload) => {
    expect(() => triggerOf('workflow_dispatch', payload)).toThrow(UserError);
  });

  test.each(['release', 'schedule', 'issues', 'toString', '__proto__', ''])('no other: "%s"', (event) => {
    expect(() => triggerOf(event, pullRequest())).toThrow(/has no model change to review; run on pull_request/);
  });
});

describe('hostile payloads', () => {
  test.each([
    ['pull_request.number', { ...pullRequest().pull_request, number: '7' }],
    ['pull_request.number', { ...pullRequest().pull_request, number: 0 }],
    ['pull_request.number', { ...pullRequest().pull_request, number: 2 ** 60 }],
    ['pull_request.head.sha', { ...pullRequest().pull_request, head: { ref: 'x', sha: 'main' } }],
    ['pull_request.head.sha', { ...pullRequest().pull_request, head: { ref: 'x', sha: `${headSha}\n` } }],
    ['pull_request.head.sha', { ...pullRequest().pull_request, head: { ref: 'x', sha: `../${headSha.slice(3)}` } }],
    ['pull_request.head.ref', { ...pullRequest().pull_request, head: { sha: headSha } }],
    ['pull_request.base.ref', { ...pullRequest().pull_request, base: null }],
  ])('no usable %s', (path, given) => {
    expect(() => triggerOf('pull_request', pullRequest({ pull_request: given }))).toThrow(
      new UserError(`the payload of the event "pull_request" has no usable ${path}`),
    );
  });

  test('what an object inherits is not in the payload', () => {
    const inherited = Object.create(pullRequest()) as object;
    expect(() => triggerOf('pull_request', inherited)).toThrow('has no usable pull_request.number');
    expect(() => triggerOf('push', { ...push, ref: 'refs/heads/', repository: 'constructor' })).not.toThrow();
  });

  test('anything else is a trigger or one line of error, never a crash', () => {
    const events = fc.constantFrom('pull_request', 'pull_request_target', 'merge_group', 'push', 'workflow_dispatch');
    const keys = fc.constantFrom(
      'pull_request',
      'head',
      'sha',
      'ref',
      'number',
      'inputs',
      'pr',
      'after',
      'merge_group',
    );
    const payload = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 4 }, fc.jsonValue(), fc.dictionary(keys, tie('value'))),
    })).value;
    fc.assert(
      fc.property(events, payload, (event, given) => {
        try {
          expect(triggerOf(event, given).kind).toMatch(/^(none|push|merge-group|pull-request(-number)?)$/);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
    );
  });
});
