import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { headOf, livePullRequest, rangesOf, subjectOf, type Subject } from '../../src/github/range.ts';
import { changesOf, rangeFiles } from '../../src/github/range-models.ts';
import { deleteRef, setRef } from '../stand-in/git.ts';
import { workflowToken, type StandInOptions } from '../stand-in/options.ts';
import { connectStandIn, requested } from './connection.ts';

async function bench(options: Partial<StandInOptions> = {}) {
  const given = await connectStandIn(options);
  const { git } = given.repository;
  const sha = (name: string) => git(['rev-parse', name]).toString().trim();
  const subject = (number = 1, overrides: object = {}): Subject => {
    const { baseRef, headRef } = given.standIn.state.pullRequests.find((one) => one.number === number)!;
    const facts = { number, headSha: sha(`refs/heads/${headRef}`), headRef, baseRef, ...overrides };
    return { kind: 'pull-request', facts };
  };
  return { ...given, git, sha, subject };
}

describe('the range of a pull request', () => {
  test('is from the merge base, with the tip of the base now', async () => {
    const given = await bench();
    const mergeBase = given.sha('refs/heads/main');
    const tip = given.repository.commit('main', { 'later.txt': 'later' });
    const head = given.sha('refs/heads/feature/one');
    const [range, ...others] = await rangesOf(given.github, given.subject());
    const { compared, ...commits } = range!;
    expect([commits, others]).toEqual([
      {
        ...{ pullRequest: 1, base: { ref: 'main', sha: tip }, head: { ref: 'feature/one', sha: head }, mergeBase },
        fileCount: compared?.changes.length,
      },
      [],
    ]);
    // Of three dots: what main has got since is none of it.
    expect(compared?.changes.map(({ path }) => path)).not.toContain('later.txt');
    expect(compared?.changes).not.toEqual([]);
    expect(given.standIn.violations).toEqual([]);
  });

  test('takes one look at the pull request, the tip and the comparison, where somebody has just looked', async () => {
    const given = await bench();
    const live = (await livePullRequest(given.github, 1))!;
    const github = { ...given.github, tips: new Map<string, string>() };
    const before = given.standIn.requests.length;
    const [range] = await rangesOf(github, { kind: 'pull-request', facts: live, live });
    const list = await changesOf({ github, store: given.store }, range!, rangeFiles({ github }, range!));
    expect('changes' in list && list.changes).toEqual(range?.compared?.changes);
    const paths = requested(given).slice(before);
    expect(paths.map((path) => path.replace(/\?.*|[0-9a-f]{40}\.\.\.[0-9a-f]{40}/g, ''))).toEqual([
      ...['GET pulls', 'GET git/ref/heads%2Fmain', 'GET compare/'],
    ]);
    await rangesOf(github, { kind: 'pull-request', facts: live, live });
    expect(requested(given).filter((path) => path.includes('git/ref'))).toHaveLength(1);
  });

  test('is counted by GitHub at its own head only', async () => {
    const given = await bench();
    const live = (await livePullRequest(given.github, 1))!;
    const older = given.sha('refs/heads/main');
    const facts = { ...live, headSha: older };
    const [range] = await rangesOf(given.github, { kind: 'pull-request', facts, live });
    expect(range?.fileCount).toBeUndefined();
  });

  test('takes the branch, though a tag has its name', async () => {
    const given = await bench();
    const tip = given.sha('refs/heads/main');
    const other = given.repository.commit('elsewhere', { 'x.txt': 'x' }, { from: 'main' });
    setRef(given.git, 'refs/tags/main', other);
    setRef(given.git, 'refs/heads/heads/main', other);
    const [range] = await rangesOf(given.github, given.subject());
    expect(range?.base.sha).toBe(tip);
  });

  test('takes a branch of any name', async () => {
    const name = 'release/1.x#%2e&ä';
    const given = await bench({ pullRequests: [{ number: 1, head: { ref: 'feature/one' }, base: name }] });
    const tip = given.repository.commit(name, { 'later.txt': 'later' }, { from: 'main' });
    const [range] = await rangesOf(given.github, given.subject());
    expect(range?.base).toEqual({ ref: name, sha: tip });
  });

  test('takes the base that it has now, not that of the event', async () => {
    const given = await bench();
    given.repository.commit('release', { 'r.txt': 'r' }, { from: 'main' });
    const [range] = await rangesOf(given.github, given.subject(1, { baseRef: 'release' }));
    expect(range?.base.ref).toBe('main');
  });

  test('keeps the head of the event, which is the one that the check is on', async () => {
    const given = await bench();
    const subject = given.subject();
    given.repository.commit('feature/one', { 'more.txt': 'more' });
    const [range] = await rangesOf(given.github, subject);
    expect(range?.head.sha).toBe(headOf(subject));
  });

  test('of a base that is gone, or that shares nothing, is one line of error', async () => {
    const given = await bench();
    const subject = given.subject();
    given.repository.reset('main', given.repository.commit('root', { 'x.txt': 'x' }));
    await expect(rangesOf(given.github, subject)).rejects.toThrow(
      /^[0-9a-f]{12} and [0-9a-f]{12} have no common ancestor/,
    );
    deleteRef(given.git, 'refs/heads/main');
    const failed = rangesOf(given.github, subject);
    await expect(failed).rejects.toThrow(UserError);
    await expect(failed).rejects.toThrow('the tip of the base branch "main" cannot be read: 404');
  });

  test('has the tip of the branch where the ref is not given out', async () => {
    const given = await bench({ faults: [{ path: /\/git\/ref\//, status: 403, body: { message: 'No' }, times: 9 }] });
    const [range] = await rangesOf(given.github, given.subject());
    expect(range?.base).toEqual({ ref: 'main', sha: given.sha('refs/heads/main') });
  });

  test('of a server that fails is no range at all', async () => {
    const given = await bench({ faults: [{ path: /\/compare\//, status: 500, body: { message: 'No' } }] });
    await expect(rangesOf(given.github, given.subject())).rejects.toThrow(
      /the merge base of .* cannot be read: 500 No/,
    );
  });
});

describe('other pull requests with the same head', () => {
  const pullRequests: NonNullable<StandInOptions['pullRequests']> = [
    { number: 1, head: { ref: 'feature/one' }, base: 'main' },
    { number: 2, head: { ref: 'same' }, base: 'release' },
    { number: 3, head: { ref: 'same', fork: 'eve/detector' }, base: 'main' },
    { number: 4, head: { ref: 'feature/one' }, base: 'release', state: 'closed' },
    { number: 5, head: { ref: 'other' }, base: 'main' },
    { number: 6, head: { ref: 'same' }, base: 'main' },
  ];

  async function several(options: Partial<StandInOptions> = {}) {
    const given = await bench({ pullRequests, ...options });
    const head = given.sha('refs/heads/feature/one');
    setRef(given.git, 'refs/heads/same', head);
    setRef(given.git, 'refs/forks/eve/same', head);
    given.repository.commit('other', { 'o.txt': 'o' }, { from: 'main' });
    given.repository.commit('release', { 'r.txt': 'r' }, { from: 'main' });
    return given;
  }

  test('come after the own one, open ones only, from other branches too, one for each base', async () => {
    const given = await several();
    const ranges = await rangesOf(given.github, given.subject());
    const own = ranges[0];
    const others = ranges.slice(1).toSorted((a, b) => a.pullRequest! - b.pullRequest!);
    expect([own?.pullRequest, own?.base.ref, own?.alike?.toSorted()]).toEqual([1, 'main', [3, 6]]);
    expect(others.map(({ pullRequest, base }) => [pullRequest, base.ref, base.sha])).toEqual([
      [2, 'release', given.sha('refs/heads/release')],
    ]);
  });

  test('are not looked at where the token may not list them, and the log says so', async () => {
    const token = workflowToken({ contents: 'read', checks: 'write' });
    const given = await several({ private: true, tokens: { 'a-token': token } });
    const ranges = await rangesOf(given.github, given.subject());
    expect(ranges.map(({ pullRequest }) => pullRequest)).toEqual([1]);
    expect(given.log).toEqual([
      'this token may not list pull requests: others with the same head commit are not looked at',
    ]);
  });

  test.each([
    [403, 'API rate limit exceeded for installation ID 1.'],
    [403, 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.'],
    [429, 'Too many requests'],
    [500, 'Server Error'],
  ])('are not forgotten because GitHub has no time: %i %s', async (status, message) => {
    const given = await several();
    given.standIn.faults.add({ path: /\/pulls\?/, status, body: { message } });
    await expect(rangesOf(given.github, given.subject())).rejects.toThrow(message);
  });
});

describe('the subject of a run', () => {
  test('is the pull request of an event, without a question', async () => {
    const given = await bench();
    const facts = { number: 1, headSha: 'a'.repeat(40), headRef: 'x', baseRef: 'main' };
    expect(await subjectOf(given.github, { kind: 'pull-request', ...facts })).toMatchObject({
      kind: 'pull-request',
      facts,
    });
    expect(requested(given)).toEqual([]);
  });

  test('is looked up by its number', async () => {
    const given = await bench();
    const subject = await subjectOf(given.github, { kind: 'pull-request-number', number: 1 });
    expect(headOf(subject)).toBe(given.sha('refs/heads/feature/one'));
    await expect(subjectOf(given.github, { kind: 'pull-request-number', number: 9 })).rejects.toThrow(
      new UserError('pull request #9 cannot be read: is the number right, and may the token read it?'),
    );
  });

  test('is no closed pull request', async () => {
    const given = await bench({
      pullRequests: [{ number: 1, head: { ref: 'feature/one' }, base: 'main', state: 'closed' }],
    });
    await expect(subjectOf(given.github, { kind: 'pull-request-number', number: 1 })).rejects.toThrow(
      new UserError('pull request #1 is not open'),
    );
    expect((await livePullRequest(given.github, 1))?.isOpen).toBe(false);
  });

  test('is a merge group with its own base, one range without a pull request', async () => {
    const given = await bench();
    const [baseSha, headSha] = [given.sha('refs/heads/main'), given.sha('refs/heads/feature/one')];
    given.repository.commit('main', { 'later.txt': 'later' });
    const trigger = { kind: 'merge-group', headSha, headRef: 'queue', baseSha, baseRef: 'main' } as const;
    const subject = await subjectOf(given.github, trigger);
    expect(headOf(subject)).toBe(headSha);
    expect(await rangesOf(given.github, subject)).toMatchObject([
      {
        pullRequest: null,
        base: { ref: 'main', sha: baseSha },
        head: { ref: 'queue', sha: headSha },
        mergeBase: baseSha,
      },
    ]);
  });
});
