import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { filePrefix, nextFiles } from '../../../src/github/images/branch-files.ts';
import { digest, picture } from './git-data.ts';

function files(pullRequest: number, count: number, id?: string): readonly { path: string; sha: string }[] {
  const prefix = filePrefix(id === undefined ? { pullRequest } : { pullRequest, id });
  return Array.from({ length: count }, (_, index) => {
    const { path, sha } = picture(`${prefix}${digest(`${pullRequest} ${index}`)}.png`);
    return { path, sha };
  });
}

function numbers(list: readonly { path: string }[]): readonly number[] {
  return [...new Set(list.map(({ path }) => Number(/^pr-(\d+)\//.exec(path)![1])))].toSorted((a, b) => a - b);
}

test('an id of any text becomes part of a safe path', () => {
  expect(filePrefix({ pullRequest: 12 })).toBe('pr-12/');
  expect(filePrefix({ pullRequest: 12, id: 'default' })).toBe('pr-12/');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (id) => {
      fc.pre(id !== 'default');
      expect(filePrefix({ pullRequest: 12, id })).toMatch(/^pr-12\/[0-9a-f]{8}-$/);
    }),
  );
});

describe('when there are too many', () => {
  const current = Array.from({ length: 40 }, (_, index) => files(index + 1, 12)).flat();

  test('the lowest numbers go, never those of this pull request', () => {
    const next = nextFiles(current, files(3, 8), { pullRequest: 3 });
    // 8 of this one; 19 others of 12 each make 236, a twentieth would make 248.
    expect(next).toHaveLength(236);
    expect(numbers(next)).toEqual([3, ...Array.from({ length: 19 }, (_, index) => 22 + index)]);
  });

  test('numbers are compared as numbers', () => {
    const next = nextFiles([...files(9, 120), ...files(100, 120)], files(12, 8), { pullRequest: 12 });
    expect(numbers(next)).toEqual([12, 100]);
  });

  test('other invocations of this pull request keep theirs', () => {
    const next = nextFiles([...current, ...files(3, 12, 'nightly')], files(3, 8), { pullRequest: 3 });
    expect(next.filter(({ path }) => path.startsWith('pr-3/'))).toHaveLength(20);
  });
});

const someFiles = fc
  .uniqueArray(fc.record({ number: fc.integer({ min: 1, max: 60 }), count: fc.integer({ min: 1, max: 30 }) }), {
    selector: ({ number }) => number,
    maxLength: 40,
  })
  .map((groups) => groups.flatMap(({ number, count }) => files(number, count)));

test('what is shown is there once, the rest is bounded and sorted, and nothing is made up', () => {
  fc.assert(
    fc.property(someFiles, fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 12 }), (current, pr, count) => {
      const shown = [...files(pr, count), ...files(pr, 1)];
      const next = nextFiles(current, shown, { pullRequest: pr });
      const paths = next.map(({ path }) => path);
      expect(paths).toEqual([...new Set(paths)].toSorted());
      expect(paths.filter((path) => path.startsWith(`pr-${pr}/`))).toHaveLength(count);
      expect(next.length).toBeLessThanOrEqual(240);
      const known = new Map([...current, ...shown].map(({ path, sha }) => [path, sha]));
      expect(next.filter(({ path, sha }) => known.get(path) !== sha)).toEqual([]);
      const dropped = numbers(current.filter(({ path }) => !paths.includes(path))).filter((number) => number !== pr);
      const kept = numbers(next).filter((number) => number !== pr);
      expect(Math.max(0, ...dropped)).toBeLessThan(Math.min(Infinity, ...kept));
    }),
  );
});
