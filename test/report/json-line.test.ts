import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonLine } from '../../src/report/json-line.ts';
import { hostileText } from './hostile-text.ts';

test('is the same document when parsed, and holds nothing that a terminal obeys', () => {
  fc.assert(
    fc.property(hostileText, hostileText, (key, name) => {
      const line = jsonLine({ [key]: [name] });
      expect(JSON.parse(line)).toEqual({ [key]: [name] });
      expect(line).not.toMatch(/[\p{Cc}\u2028-\u202e\u2066-\u2069\u200b-\u200f]/u);
    }),
  );
  expect(jsonLine('a\u009b31m\u202e')).toBe(String.raw`"a\u009b31m\u202e"`);
});
