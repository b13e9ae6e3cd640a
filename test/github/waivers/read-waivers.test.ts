import { describe, expect, test } from 'vitest';
import type { Check } from '../../../src/github/check.ts';
import { carriedRecords, type PullRequestHead } from '../../../src/github/waivers/carried.ts';
import { keptText, waiverReader } from '../../../src/github/waivers/read-waivers.ts';
import { decodeRecords } from '../../../src/github/waivers/record.ts';
import { githubActions, type AppIdentity } from '../../stand-in/options.ts';
import { addComment } from '../../stand-in/state.ts';
import { connect, connectStandIn, requested, type StandInConnection } from '../connection.ts';
import { addCheck, checkOf, comment, ownApp, recordOf, recordOfComment, textOf } from './given.ts';

const roles = { maintainer: 'maintain', writer: 'write' };

interface Found {
  readonly ids: readonly string[];
  readonly isKnown: boolean;
}

async function found(given: StandInConnection, pull: Partial<PullRequestHead> = {}, check?: Check): Promise<Found> {
  const headSha = pull.headSha ?? tip(given);
  const own = { check: check ?? checkOf(githubActions, headSha), id: 'default' };
  const { records, isKnown } = await carriedRecords(given.github, { number: 1, ...pull, headSha }, own);
  expect(given.standIn.violations).toEqual([]);
  return { ids: records.map(({ id }) => id), isKnown };
}

const tip = ({ standIn }: StandInConnection) =>
  standIn.world.git(['rev-parse', 'refs/heads/feature/one']).toString().trim();

/** A push of something else. */
const push = ({ repository }: StandInConnection, name: string) => repository.commit('feature/one', { [name]: 'x' });

const one = [recordOf({ id: 'comment-1' })];
const two = [recordOf({ id: 'comment-2', when: '2026-03-02T00:00:00Z' })];

describe('records of earlier runs', () => {
  test('of a new pull request there are none, for one request', async () => {
    const given = await connectStandIn();
    expect(await found(given, { before: null })).toEqual({ ids: [], isKnown: true });
    expect(requested(given)).toHaveLength(1);
  });

  test('on this head and the one before, all of them; the newest of one id', async () => {
    const given = await connectStandIn();
    const before = tip(given);
    const head = push(given, 'a');
    addCheck(given.standIn.world, before, { text: textOf([...one, ...two]) });
    const newer = recordOf({ ...two[0], until: '2026-03-09' });
    addCheck(given.standIn.world, head, { text: textOf([newer]) });
    addCheck(given.standIn.world, head, { text: 'torn <!-- model-budget-waivers:v1 {"pull -->' });
    expect(await found(given, { before })).toEqual({ ids: ['comment-1', 'comment-2'], isKnown: true });
    const { records } = await carriedRecords(
      given.github,
      { number: 1, headSha: head, before },
      { check: checkOf(githubActions, head), id: 'default' },
    );
    expect(records[1]?.until).toBe('2026-03-09');
  });

  test('on the head that our comment speaks of, after a push by force', async () => {
    const given = await connectStandIn();
    const before = tip(given);
    addCheck(given.standIn.world, before, { text: textOf(one) });
    const bot = { login: 'github-actions[bot]', app: githubActions };
    addComment(given.standIn.world, 1, bot, `Text.\n\n<!-- model-budget:v1 id=default head=${before} -->`);
    given.repository.commit('feature/one', { b: 'x' }, { from: 'main' });
    expect(await found(given)).toEqual({ ids: ['comment-1'], isKnown: true });
  });

  test('on the newest commit of the pull request that has any', async () => {
    const given = await connectStandIn();
    addCheck(given.standIn.world, tip(given), { text: textOf(one) });
    addCheck(given.standIn.world, push(given, 'a'), { text: textOf(two) });
    addCheck(given.standIn.world, push(given, 'b'), { text: null });
    push(given, 'c');
    expect(await found(given)).toEqual({ ids: ['comment-2'], isKnown: true });
  });

  test('a run that knew of none ends the search, one that spoke of another pull request does not', async () => {
    const given = await connectStandIn();
    addCheck(given.standIn.world, tip(given), { text: textOf(one) });
    const head = push(given, 'a');
    addCheck(given.standIn.world, head, { text: textOf([recordOf({ id: 'comment-9', pullRequest: 2 })], [2]) });
    expect(await found(given)).toEqual({ ids: ['comment-1'], isKnown: true });
    addCheck(given.standIn.world, head, { text: textOf([], [1]) });
    expect(await found(given)).toEqual({ ids: [], isKnown: true });
  });

  test.each<[string, object]>([
    ['another App', { app: ownApp }],
    ['another name', { name: 'model-budget (other)' }],
  ])('of %s are none', async (_, changed) => {
    const given = await connectStandIn();
    addCheck(given.standIn.world, tip(given), { text: textOf(one), ...changed });
    expect((await found(given)).ids).toEqual([]);
  });

  test('an App finds its own; who cannot write checks finds those of workflows', async () => {
    const given = await connectStandIn();
    addCheck(given.standIn.world, tip(given), { text: textOf(one), app: ownApp });
    addCheck(given.standIn.world, tip(given), { text: textOf(two) });
    expect((await found(given, {}, checkOf(ownApp, tip(given)))).ids).toEqual(['comment-1']);
    const refused = { ...checkOf(ownApp, tip(given)), id: null, appId: null, appSlug: null, refused: true };
    expect(await found(given, {}, refused)).toEqual({ ids: ['comment-2'], isKnown: false });
  });

  test('a commit that is gone holds none', async () => {
    const given = await connectStandIn();
    addCheck(given.standIn.world, tip(given), { text: textOf(one) });
    expect(await found(given, { before: 'f'.repeat(40) })).toEqual({ ids: ['comment-1'], isKnown: true });
  });

  test('where GitHub does not answer nothing is known, and nothing is written that says so', async () => {
    const given = await connectStandIn({ faults: [{ method: 'GET', path: /check-runs/, status: 500, times: 9 }] });
    expect(await found(given)).toEqual({ ids: [], isKnown: false });
    expect(given.log).toEqual([expect.stringMatching(/^waivers of #1 cannot be read, so that none counts: 500/)]);
    expect(keptText(given.github, [{ pullRequests: [], records: [] }])).toBeUndefined();
  });

  test('a search looks at so many commits and no more', async () => {
    const given = await connectStandIn();
    for (let at = 0; at < 30; at += 1) push(given, `f${at}`);
    expect(await found(given)).toEqual({ ids: [], isKnown: true });
    expect(requested(given).filter((path) => path.includes('/check-runs')).length).toBeLessThanOrEqual(21);
  });
});

/** What holds of the one record that is made of the comment. */
async function verified(
  change: (given: StandInConnection) => Parameters<typeof recordOfComment>,
  app: AppIdentity = githubActions,
) {
  const given = await connectStandIn({ roles });
  const record = recordOfComment(...change(given));
  const own = { check: checkOf(app, tip(given)), id: 'default' };
  const reader = waiverReader(given.github, own);
  const { waivers, records, notes } = await reader.verified([record], 'maintain');
  expect(given.standIn.violations).toEqual([]);
  expect(records.length === 1).toBe(waivers.length === 1);
  return waivers.length === 1 ? 'counts' : notes[0];
}

const no = (words: string) => `A waiver of latency by \`maintainer\` no longer counts: ${words}`;

describe('a waiver by a comment', () => {
  test('counts while the comment stands as it was written', async () => {
    expect(await verified(({ standIn }) => [comment(standIn.world, 1, 'maintainer')])).toBe('counts');
  });

  test('that was deleted', async () => {
    const gone = verified(({ standIn }) => {
      const given = comment(standIn.world, 1, 'maintainer');
      standIn.state.comments.splice(0, 1);
      return [given];
    });
    expect(await gone).toBe(no('the comment was deleted'));
  });

  test('that was edited, even to the same text', async () => {
    const edited = verified(({ standIn }) => {
      const given = comment(standIn.world, 1, 'maintainer');
      given.updatedAt = new Date(Date.parse(given.createdAt) + 5000).toISOString().replace('.000', '');
      return [given];
    });
    expect(await edited).toBe(no('the comment was edited'));
  });

  test.each<[string, string, Parameters<typeof recordOfComment>[1]]>([
    ['the comment does not say it', 'said something else', { why: 'another reason' }],
    ['the comment does not say it', 'is of another metric', { metric: 'size' }],
    ['the comment does not say it', 'selects more', { model: '**' }],
    ['the comment is of another time', 'is older', { when: '2020-01-01T00:00:00Z' }],
    ['the comment is on another pull request', 'is from elsewhere', { pullRequest: 2 }],
  ])('%s: the record %s', async (words, _, changed) => {
    const result = await verified(({ standIn }) => [comment(standIn.world, 1, 'maintainer'), changed]);
    if (changed?.metric === 'size') expect(result).toBe(no(words).replace('latency', 'size'));
    else expect(result).toBe(no(words));
  });

  test('a record may end before the day that the comment wished, never after', async () => {
    const said = '/budget accept latency until 2026-05-05 because the new camera needs it';
    const until = (day: string) =>
      verified(({ standIn }) => [comment(standIn.world, 1, 'maintainer', said), { until: day }]);
    expect(await until('2026-05-04')).toBe('counts');
    expect(await until('2026-05-05')).toBe('counts');
    expect(await until('2026-05-06')).toBe(no('the comment does not say it'));
  });

  test('by somebody else', async () => {
    expect(await verified(({ standIn }) => [comment(standIn.world, 1, 'writer'), { who: 'maintainer' }])).toBe(
      no('the comment is by somebody else'),
    );
  });

  test.each(['writer', 'stranger'])('by %s, whose role does not allow it now', async (login) => {
    expect(await verified(({ standIn }) => [comment(standIn.world, 1, login)])).toBe(
      no('`waivers.who` asks for the permission "maintain"').replace('maintainer', login),
    );
  });

  test('of which GitHub says nothing does not count, and is kept', async () => {
    for (const path of [/issues\/comments\/\d+$/, /permission$/]) {
      const given = await connectStandIn({ roles, faults: [{ method: 'GET', path, status: 502, times: 9 }] });
      const record = recordOfComment(comment(given.standIn.world, 1, 'maintainer'));
      const reader = waiverReader(given.github, { check: checkOf(githubActions, tip(given)), id: 'default' });
      const { waivers, records, notes } = await reader.verified([record], 'maintain');
      expect([waivers, records]).toEqual([[], [record]]);
      expect(notes[0]).toContain('does not count in this run: GitHub does not say whether it still holds (502');
      expect(given.log).toEqual(notes);
    }
  });
});

describe('a waiver by a button', () => {
  const button = { id: 'button-7' };
  test('counts in checks of an App of our own alone', async () => {
    const given = ({ standIn }: StandInConnection) => [comment(standIn.world, 1, 'maintainer'), button] as const;
    expect(await verified((one) => [...given(one)], ownApp)).toBe('counts');
    expect(await verified((one) => [...given(one)])).toBe(
      no('it was given by a button, which a workflow does not have'),
    );
  });

  test('of somebody who may not any more does not', async () => {
    expect(await verified(({ standIn }) => [comment(standIn.world, 1, 'writer'), button], ownApp)).toContain(
      '`waivers.who` asks',
    );
  });
});

describe('a range', () => {
  const facts = { number: 1, headRef: 'feature/one', baseRef: 'main' };

  test('has the waivers of all pull requests that it stands for, and the one just given', async () => {
    const given = await connectStandIn();
    const headSha = tip(given);
    const other = recordOf({ id: 'comment-2', pullRequest: 2 });
    const third = recordOf({ id: 'comment-3', pullRequest: 3 });
    addCheck(given.standIn.world, headSha, { text: textOf([...one, other, third], [1, 2, 3]) });
    const fresh = recordOf({ id: 'comment-5', when: '2026-03-05T00:00:00Z' });
    const options = { check: checkOf(githubActions, headSha), id: 'default', given: [fresh] };
    const reader = waiverReader(given.github, options);
    const subject = { kind: 'pull-request', facts: { ...facts, headSha } } as const;
    const range = { base: { ref: 'main', sha: '' }, head: { ref: '', sha: headSha }, mergeBase: '' };
    const own = await reader.ofRange({ ...range, pullRequest: 1, alike: [2] }, subject);
    expect([own.pullRequests, own.records.map(({ id }) => id)]).toEqual([
      [1, 2],
      ['comment-1', 'comment-2', 'comment-5'],
    ]);
    const sets = [own, await reader.ofRange({ ...range, pullRequest: 3 }, subject)];
    const kept = decodeRecords(keptText(given.github, sets)!)!;
    expect([kept.pullRequests, kept.records.length]).toEqual([[1, 2, 3], 4]);
  });

  test('of a merge group has those of the pull requests that it merges, not of others with the same commits', async () => {
    const given = await connectStandIn({
      pullRequests: [
        { number: 1, head: { ref: 'feature/one' }, base: 'main' },
        { number: 2, head: { ref: 'stacked' }, base: 'main' },
        { number: 3, head: { ref: 'feature/one' }, base: 'release' },
      ],
    });
    const { repository, standIn } = given;
    const head = tip(given);
    repository.commit('stacked', { s: 'x' }, { from: 'feature/one' });
    repository.commit('release', { r: 'x' }, { from: 'main' });
    const numbers = [1, 2, 3];
    const records = numbers.map((pullRequest) => recordOf({ id: `comment-${pullRequest}`, pullRequest }));
    addCheck(standIn.world, head, { text: textOf(records, numbers) });
    const baseSha = standIn.world.git(['rev-parse', 'main']).toString().trim();
    const reader = waiverReader(given.github, { check: checkOf(githubActions, head), id: 'default' });
    const ofGroup = async (headRef: string) => {
      const subject = { kind: 'merge-group', headSha: head, headRef, baseSha, baseRef: 'main' } as const;
      const range = { base: { ref: 'main', sha: baseSha }, head: { ref: headRef, sha: head }, mergeBase: baseSha };
      const set = await reader.ofRange({ ...range, pullRequest: null }, subject);
      return set.records.map(({ id }) => id);
    };
    expect(await ofGroup(`gh-readonly-queue/main/pr-1-${baseSha}`)).toEqual(['comment-1']);
    expect(await ofGroup('some/branch')).toEqual(['comment-1']);
    // Of another branch's queue: only the commits speak.
    expect(await ofGroup(`gh-readonly-queue/release/pr-3-${baseSha}`)).toEqual(['comment-1']);
    expect(standIn.violations).toEqual([]);
  });

  test('of a merge group that nobody knows the pull requests of has none', async () => {
    const { github, log } = connect({ apiUrl: 'http://127.0.0.1:9' });
    const reader = waiverReader(github, { check: checkOf(githubActions, ''), id: 'default' });
    const subject = { kind: 'merge-group', headSha: 'a', headRef: 'b', baseSha: 'c', baseRef: 'main' } as const;
    const range = { base: { ref: 'main', sha: 'c' }, head: { ref: 'b', sha: 'a' }, mergeBase: 'c' };
    expect(await reader.ofRange({ ...range, pullRequest: null }, subject)).toEqual({ pullRequests: [], records: [] });
    expect(log[0]).toMatch(/^the pull requests of the merge group are not known/);
  });
});
