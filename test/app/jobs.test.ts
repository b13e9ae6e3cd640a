import examples from '@octokit/webhooks-examples';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jobOf, jobsOf, type Errand } from '../../src/app/jobs.ts';

const sha = (digit: string): string => digit.repeat(40);
const repository = { owner: { login: 'Acme' }, name: 'Detector', private: false };
const place = { installation: { id: 5 }, repository };
const installed = { installation: 5, repository: { owner: 'Acme', repo: 'Detector' }, isPrivate: false };

function errands(event: string, payload: object): readonly Errand[] {
  return jobsOf(event, { ...place, ...payload }, new Date('2026-01-02T03:04:05Z')).map(({ data }) => data.errand);
}

const pullRequest = { number: 7, head: { sha: sha('a'), ref: 'change' }, base: { ref: 'main' } };

describe('a pull request', () => {
  test.each(['opened', 'reopened', 'ready_for_review'])('that is %s is reviewed', (action) => {
    expect(errands('pull_request', { action, pull_request: pullRequest })).toEqual([
      // A new one has no earlier head whose waivers could be looked for.
      { kind: 'review', pullRequest: 7, ...(action === 'opened' ? { before: null, of: sha('a') } : {}) },
    ]);
  });

  test('that was pushed to is reviewed, and remembers the head before', () => {
    const payload = { action: 'synchronize', before: sha('b'), pull_request: pullRequest };
    expect(errands('pull_request', payload)).toEqual([
      { kind: 'review', pullRequest: 7, before: sha('b'), of: sha('a') },
    ]);
  });

  test('is reviewed again for another base, not for another title', () => {
    const edited = { action: 'edited', pull_request: pullRequest };
    expect(errands('pull_request', { ...edited, changes: { title: { from: 'x' } } })).toEqual([]);
    expect(errands('pull_request', { ...edited, changes: { base: { ref: { from: 'x' } } } })).toHaveLength(1);
  });

  test('that is closed leaves its head to others', () => {
    expect(errands('pull_request', { action: 'closed', pull_request: pullRequest })).toEqual([
      { kind: 'head', headSha: sha('a') },
    ]);
  });

  test('has one job at a time, whatever the case of its names', () => {
    const [job] = jobsOf('pull_request', { ...place, action: 'opened', pull_request: pullRequest });
    const others = { owner: { login: 'acme' }, name: 'detector', private: false };
    const [other] = jobsOf('pull_request', {
      ...place,
      repository: others,
      action: 'reopened',
      pull_request: pullRequest,
    });
    expect(job?.data).toMatchObject({
      installation: 5,
      repository: { owner: 'Acme', repo: 'Detector' },
      isPrivate: false,
    });
    expect([job?.key, job?.group]).toEqual([other?.key, other?.group]);
  });
});

describe('a comment', () => {
  const comment = (body: string, more: object = {}): object => ({
    action: 'created',
    issue: { number: 7, state: 'open', pull_request: {} },
    comment: { id: 11, body, user: { login: 'ada', type: 'User' }, created_at: '2026-01-02T03:04:05Z' },
    ...more,
  });

  test('with a command is answered', () => {
    expect(errands('issue_comment', comment('Look:\n/simulate int8'))).toEqual([
      {
        kind: 'command',
        pullRequest: 7,
        comment: { id: 11, login: 'ada', body: 'Look:\n/simulate int8', createdAt: '2026-01-02T03:04:05Z' },
      },
    ]);
  });

  test.each([
    ['for people', comment('nice')],
    ['that was edited', comment('/simulate int8', { action: 'edited' })],
    ['of an issue', comment('/simulate int8', { issue: { number: 7, state: 'open' } })],
    [
      'of a closed pull request',
      comment('/simulate int8', { issue: { number: 7, state: 'closed', pull_request: {} } }),
    ],
    [
      'of a bot',
      comment('/simulate int8', {
        comment: { id: 1, body: '/simulate int8', user: { login: 'x[bot]', type: 'Bot' }, created_at: 'now' },
      }),
    ],
  ])('%s is not', (_, payload) => {
    expect(errands('issue_comment', payload)).toEqual([]);
  });
});

describe('a check', () => {
  const checkRun = { id: 3, head_sha: sha('c') };

  test('that is asked for again is made again', () => {
    const head = [{ kind: 'head', headSha: sha('c') }];
    expect(errands('check_run', { action: 'rerequested', check_run: checkRun })).toEqual(head);
    expect(errands('check_suite', { action: 'rerequested', check_suite: { head_sha: sha('c') } })).toEqual(head);
    expect(errands('check_run', { action: 'completed', check_run: checkRun })).toEqual([]);
  });

  test('has buttons, and no others than ours', () => {
    const pressed = (identifier: string): object => ({
      ...{ action: 'requested_action', check_run: checkRun, sender: { login: 'ada' } },
      requested_action: { identifier },
    });
    expect(errands('check_run', pressed('accept'))).toEqual([
      {
        kind: 'button',
        button: 'accept',
        headSha: sha('c'),
        press: { checkRun: 3, login: 'ada', at: '2026-01-02T03:04:05.000Z' },
      },
    ]);
    expect(errands('check_run', pressed('erase'))).toEqual([]);
  });

  test('whose button two people press has a job for each of them, which takes its turn in the pull request', () => {
    const jobs = (pullRequest: { pullRequest?: number }) =>
      ['ada', 'Ada', 'max'].map((login) => {
        const press = { checkRun: 3, login, at: '2026-01-02T03:04:05.000Z' };
        return jobOf(installed, { kind: 'button', button: 'accept', headSha: sha('c'), press, ...pullRequest });
      });
    const [looked, inTurn] = [jobs({}), jobs({ pullRequest: 7 })];
    for (const [ada, again, max] of [looked, inTurn]) {
      expect([ada!.key === again!.key, ada!.key === max!.key]).toEqual([true, false]);
    }
    // The job that looks for the pull request is not replaced by the one that it leads to.
    expect(looked[0]!.key).not.toBe(inTurn[0]!.key);
    const { group } = jobOf(installed, { kind: 'review', pullRequest: 7 });
    expect(inTurn.map((one) => one.group)).toEqual([group, group, group]);
  });
});

test('a merge group is reviewed at the commits that it names', () => {
  const merge_group = {
    ...{ head_sha: sha('d'), base_sha: sha('e') },
    ...{ head_ref: 'refs/heads/gh-readonly-queue/main/pr-7-x', base_ref: 'refs/heads/main' },
  };
  expect(errands('merge_group', { action: 'checks_requested', merge_group })).toEqual([
    {
      ...{ kind: 'merge-group', headSha: sha('d'), baseSha: sha('e') },
      ...{ headRef: 'gh-readonly-queue/main/pr-7-x', baseRef: 'main' },
    },
  ]);
  expect(errands('merge_group', { action: 'destroyed', merge_group })).toEqual([]);
});

test('a push that changes the config is news to pull requests into that branch, any other push is not', () => {
  const push = (...modified: string[]): object => ({
    ref: 'refs/heads/release/2',
    commits: [{ added: [], removed: [], modified }],
  });
  expect(errands('push', push('src/x.py', '.github/model-budget.yml'))).toEqual([
    { kind: 'base', branch: 'release/2' },
  ]);
  expect(errands('push', push('src/x.py', 'docs/not-model-budget.yml'))).toEqual([]);
  expect(errands('push', { ...push('.github/model-budget.yml'), ref: 'refs/tags/v1' })).toEqual([]);
});

test('open pull requests of repositories that the App comes to are looked for', () => {
  const payload = {
    ...{ action: 'added', installation: { id: 5 } },
    repositories_added: [{ full_name: 'acme/detector', private: true }, { full_name: 'odd' }],
  };
  expect(jobsOf('installation_repositories', payload).map(({ data }) => data)).toEqual([
    {
      ...{ installation: 5, repository: { owner: 'acme', repo: 'detector' }, isPrivate: true },
      errand: { kind: 'sweep', days: 14 },
    },
  ]);
  expect(jobsOf('installation', { ...payload, action: 'deleted' })).toEqual([]);
});

/** Its types describe a module of another shape. */
const published = examples as unknown as readonly { readonly name: string; readonly examples: readonly object[] }[];

describe('whatever comes', () => {
  const all = published.flatMap(({ name, examples: payloads }) => payloads.map((payload) => [name, payload] as const));

  test(`each of GitHub's ${all.length} published payloads is taken, with an installation or without`, () => {
    expect(all.length).toBeGreaterThan(150);
    for (const [name, payload] of all) {
      expect(Array.isArray(jobsOf(name, payload))).toBe(true);
      for (const { key, group, data } of jobsOf(name, { ...payload, installation: { id: 1 } })) {
        expect([key, group].every((text) => text.startsWith(`${data.repository.owner}/`.toLowerCase()))).toBe(true);
      }
    }
  });

  test('the published payloads of what the App answers have jobs', () => {
    const answered = all.filter(([name, payload]) => jobsOf(name, { ...payload, installation: { id: 1 } }).length > 0);
    expect([...new Set(answered.map(([name]) => name))].sort()).toEqual([
      ...['check_run', 'check_suite', 'installation', 'installation_repositories', 'merge_group', 'pull_request'],
    ]);
  });

  test('nothing is a crash', () => {
    const events = ['pull_request', 'issue_comment', 'check_run', 'check_suite', 'merge_group', 'push', 'installation'];
    fc.assert(
      fc.property(fc.constantFrom(...events), fc.anything({ withNullPrototype: true }), (event, payload) => {
        expect(jobsOf(event, payload)).toEqual([]);
      }),
    );
  });
});
