import { expect, test } from 'vitest';
import { failedResult } from '../../src/github/judged.ts';
import { UserError } from '../../src/errors.ts';

const lastLine = (error: unknown) => failedResult(error).summary.trimEnd().split('\n').at(-1);

test('a run without a report fails, and says why in one line in which nothing acts', () => {
  const result = failedResult(new UserError('no\n\n</details> <!-- x --> @all \u202e'));
  expect([result.conclusion, result.annotations]).toEqual(['failure', []]);
  expect(result.summary).toBe(
    `### ${result.title}\n\nSo it does not pass:\n\n    no </details> <!- - x - -> @all \ufffd\n`,
  );
});

test("a user's mistake, an answer of GitHub's and a defect are told apart, and each is bounded", () => {
  expect(lastLine(new UserError('wrong'))).toBe('    wrong');
  expect(lastLine(Object.assign(new Error('Server Error'), { status: 502 }))).toBe(
    "    GitHub's API does not answer as it should: 502 Server Error",
  );
  expect(lastLine(new TypeError('x is not a function'))).toBe(
    '    a defect of the program: TypeError: x is not a function',
  );
  expect(lastLine('thrown')).toBe('    a defect of the program: thrown');
  expect(lastLine(new UserError('x'.repeat(9000)))!.length).toBeLessThan(500);
});
