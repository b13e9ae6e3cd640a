import { describe, expect, test } from 'vitest';
import { adviceOn } from '../../src/action/advice.ts';

const refused = { kind: 'refused', reason: '403' } as const;
const written = { kind: 'written', url: 'https://github.com/x' } as const;

describe('advice', () => {
  test('is not given where nothing was refused', () => {
    for (const comment of [
      null,
      written,
      { kind: 'failed', reason: '500' } as const,
      { kind: 'left', reason: 'x' } as const,
    ]) {
      expect(adviceOn({ contentsRefused: false, checkRefused: false, comment, isFork: true })).toEqual([]);
    }
  });

  test('is all permissions, with those that are missing marked', () => {
    expect(adviceOn({ contentsRefused: false, checkRefused: true, comment: refused, isFork: false })).toEqual([
      [
        "This token may not write the comment nor write the check run; the verdict is the job's. Add to the workflow:",
        '```yaml',
        'permissions:',
        '  contents: read',
        '  pull-requests: write   # missing',
        '  checks: write   # missing',
        '```',
      ].join('\n'),
    ]);
    const [one] = adviceOn({ contentsRefused: false, checkRefused: false, comment: refused, isFork: false });
    expect(one).toContain('may not write the comment;');
    expect(one).toContain('  checks: write\n');
  });

  test('names the event that a fork needs', () => {
    const [, fork] = adviceOn({ contentsRefused: false, checkRefused: true, comment: written, isFork: true });
    expect(fork).toContain('`pull_request_target`');
  });
});
