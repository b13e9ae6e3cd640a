import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InvariantError } from '../../../src/errors.ts';
import { base64, bytesOfBase64 } from '../../../src/report/html/base64.ts';

// RFC 4648, section 10.
test.each([
  ['', ''],
  ['f', 'Zg=='],
  ['fo', 'Zm8='],
  ['foo', 'Zm9v'],
  ['foob', 'Zm9vYg=='],
  ['fooba', 'Zm9vYmE='],
  ['foobar', 'Zm9vYmFy'],
])('%j is %j', (text, encoded) => {
  expect(base64(new TextEncoder().encode(text))).toBe(encoded);
});

test('as Node.js has it, and back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const text = base64(bytes);
      expect(text).toBe(Buffer.from(bytes).toString('base64'));
      expect(bytesOfBase64(text)).toEqual(bytes);
    }),
  );
});

test('other letters are refused', () => {
  expect(() => bytesOfBase64('Zm9v-mFy')).toThrow(InvariantError);
});
