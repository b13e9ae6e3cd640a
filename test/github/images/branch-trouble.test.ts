import nock from 'nock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hostImages } from '../../../src/github/images/index.ts';
import { digest, forbidden, gitData, invalid, notFound, picture, type GitData } from './git-data.ts';
import { added, imageRequest } from './image-requests.ts';

beforeEach(() => {
  nock.disableNetConnect();
});

afterEach(() => {
  nock.cleanAll();
});

/** One chart, and nobody but the branch to show it. */
const request = imageRequest({ report: added(), isPrivate: true });

const ours = /^pr-12\/[0-9a-f]{40}\.png$/;

describe('when two runs write at once', () => {
  const other = `pr-7/${digest('other')}.png`;

  test('both make the branch: the second one follows the first', async () => {
    const data = gitData();
    data.intercept = ({ method, path }, earlier) => {
      if (method === 'POST' && path === '/refs' && earlier === 0) data.push([other]);
      return undefined;
    };
    const { images, remarks } = await hostImages(data.github, request);
    expect([images.size, remarks]).toEqual([1, []]);
    expect(data.tip()!.paths).toContain(other);
    expect(data.tip()!.paths.filter((path) => ours.test(path))).toHaveLength(2);
    expect(data.bodies('POST /blobs')).toHaveLength(2);
  });

  test('both follow the same commit: the second one starts again from the first', async () => {
    const data = gitData();
    data.push([`pr-3/${digest('a')}.png`]);
    data.intercept = ({ method }, earlier) => {
      if (method === 'PATCH' && earlier < 2) data.push([other], `Charts\n\nCommits: ${earlier + 2}\n`);
      return undefined;
    };
    expect((await hostImages(data.github, request)).remarks).toEqual([]);
    expect(data.tip()!.paths).toContain(other);
    expect(data.tip()!.message).toContain('Commits: 4');
    expect(data.bodies('PATCH /refs')).toHaveLength(3);
  });

  test('the other run wrote the same pictures: nothing is left to do', async () => {
    const data = gitData();
    data.intercept = ({ method, path }, earlier) => {
      if (method !== 'POST' || path !== '/refs' || earlier > 0) return undefined;
      const [sent] = data.bodies('POST /trees') as readonly { tree: readonly { path: string; sha: string }[] }[];
      data.push(
        [],
        'Charts\n\nCommits: 1\n',
        sent!.tree.slice(1).map((file) => ({ ...picture(file.path), sha: file.sha })),
      );
      return undefined;
    };
    expect((await hostImages(data.github, request)).images.size).toBe(1);
    expect(data.bodies('POST /trees')).toHaveLength(1);
  });

  test('without end: it gives up and says so', async () => {
    const data = gitData();
    data.push([other]);
    data.intercept = ({ method }) => {
      if (method === 'PATCH') data.push([other], `x ${data.requests.length}`);
      return undefined;
    };
    const { images, remarks } = await hostImages(data.github, request);
    expect(images.size).toBe(0);
    expect(remarks[0]).toMatch(/^charts on the branch model-budget-charts: 422 Update is not a fast forward/);
    expect(data.bodies('PATCH /refs')).toHaveLength(4);
  });
});

describe('where it may not be written', () => {
  test.each([
    ['403', forbidden],
    ['404', notFound],
  ])('a %s for the first picture ends it, and says what to add', async (status, answer) => {
    const data = gitData();
    data.intercept = ({ method }) => (method === 'POST' ? answer : undefined);
    const { images, fallback, remarks } = await hostImages(data.github, { ...request, charts: 'branch' });
    expect([images.size, fallback]).toEqual([0, 'mermaid']);
    expect(remarks[0]).toContain(status);
    expect(remarks[0]).toContain('`permissions: { contents: write, pull-requests: write, checks: write }`');
    expect(data.writes()).toEqual(['POST /blobs']);
  });

  test.each(['GET /ref', 'POST /trees', 'POST /commits', 'POST /refs'])('a failing %s is a remark', async (route) => {
    const data = gitData();
    data.intercept = ({ method, path }) =>
      `${method} ${path}` === route ? [500, { message: 'Server\nError' }] : undefined;
    const { images, remarks } = await hostImages(data.github, request);
    expect(images.size).toBe(0);
    expect(remarks[0]).toMatch(/^charts on the branch model-budget-charts: 500 Server Error/);
    expect(data.tip()).toBeUndefined();
  });

  test('a rule against the branch is not tried again', async () => {
    const data = gitData();
    data.intercept = ({ path, method }) =>
      method === 'POST' && path === '/refs'
        ? invalid('Repository rule violations found\n\nCannot create ref')
        : undefined;
    const { remarks } = await hostImages(data.github, request);
    expect(remarks[0]).toContain('Repository rule violations found Cannot create ref');
    expect(data.bodies('POST /refs')).toHaveLength(1);
  });
});

describe('a branch of that name with something else on it is left alone', () => {
  const file = picture(`pr-3/${digest('a')}.png`);
  test.each([
    ['a source file', [file, picture('src/index.ts')], '"src"'],
    ['another picture', [file, picture('logo.png')], '"logo.png"'],
    ['a folder of a like name', [picture('pr-0/x.png')], '"pr-0"'],
    ['a link', [{ ...file, mode: '120000' }], file.path],
    ['a submodule', [{ ...file, mode: '160000', type: 'commit' }], file.path],
    ['an executable', [{ ...picture('README.md'), mode: '100755' }], '"README.md"'],
    ['a name with line breaks', [picture('a\n::error::b')], '"a\\n::error::b"'],
  ])('%s', async (_, entries, named) => {
    const data = gitData();
    const sha = data.push([], 'Mine', entries);
    const { images, remarks } = await hostImages(data.github, request);
    expect(images.size).toBe(0);
    expect(remarks[0]).toContain('left alone, since something else is on it');
    expect(remarks[0]).toContain(named);
    expect(remarks[0]).not.toContain('\n');
    expect([data.writes(), data.tip()!.sha]).toEqual([[], sha]);
  });

  test('more files than GitHub lists', async () => {
    const data = gitData();
    data.push([file.path]);
    data.truncated = true;
    expect((await hostImages(data.github, request)).remarks[0]).toContain('more files than GitHub lists');
    expect(data.writes()).toEqual([]);
  });

  test('put there while we drew', async () => {
    const data = gitData();
    data.intercept = ({ method, path }) => {
      if (method === 'POST' && path === '/refs') data.push(['src/index.ts'], 'Mine');
      return undefined;
    };
    expect((await hostImages(data.github, request)).remarks[0]).toContain('left alone');
    expect(data.tip()!.message).toBe('Mine');
  });
});

describe('the history begins anew', () => {
  const kept = `pr-3/${digest('a')}.png`;

  function full(): GitData {
    const data = gitData();
    data.push([kept], 'Charts of pull request 3\n\nCommits: 20\n');
    return data;
  }

  test('after twenty commits, with everything that is on the branch', async () => {
    const data = full();
    expect((await hostImages(data.github, request)).images.size).toBe(1);
    expect(data.tip()).toMatchObject({ parents: [], message: 'Charts of pull request 12\n\nCommits: 1\n' });
    expect(data.tip()!.paths).toContain(kept);
    expect(data.bodies('PATCH /refs')).toEqual([{ sha: data.tip()!.sha, force: true }]);
  });

  test('but not over a commit that somebody made meanwhile', async () => {
    const data = full();
    const other = `pr-7/${digest('other')}.png`;
    data.intercept = ({ method, path }, earlier) => {
      if (method === 'POST' && path === '/commits' && earlier === 0)
        data.push([kept, other], 'Charts\n\nCommits: 21\n');
      return undefined;
    };
    expect((await hostImages(data.github, request)).images.size).toBe(1);
    expect(data.tip()!.paths).toEqual(expect.arrayContaining([kept, other]));
    expect(data.bodies('PATCH /refs')).toEqual([{ sha: data.tip()!.sha, force: false }]);
  });

  test('unless forced updates are forbidden', async () => {
    const data = full();
    const before = data.tip()!.sha;
    data.intercept = ({ body }) => (body.force === true ? invalid('Repository rule violations found') : undefined);
    expect((await hostImages(data.github, request)).images.size).toBe(1);
    expect(data.tip()).toMatchObject({ parents: [before] });
    expect(data.tip()!.message).toContain('Commits: 21');
  });
});
