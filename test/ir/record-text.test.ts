// Whatever record goes in comes out: Maps, Sets, numbers that JSON lacks, keys that look like the format's own.
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InvariantError, UserError } from '../../src/errors.ts';
import { parseRecordText, recordText } from '../../src/ir/record-text.ts';

const hostileKeys = [
  '$',
  '$$',
  '$map',
  '$set',
  '$number',
  '$$map',
  '__proto__',
  'constructor',
  '',
  '\u2028',
  '</script>',
];

const leaf = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.double(),
  fc.constantFrom(-0, Infinity, -Infinity, NaN, 1e21, 5e-324),
  fc.boolean(),
  fc.constant(null),
);
const key = fc.oneof(fc.string(), fc.constantFrom(...hostileKeys));

const record = fc.letrec((tie) => ({
  any: fc.oneof({ maxDepth: 5 }, leaf, tie('list'), tie('plain'), tie('map'), tie('set')),
  list: fc.array(tie('any'), { maxLength: 5 }),
  plain: fc
    .array(fc.tuple(key, tie('any')), { maxLength: 5 })
    // A record is never made by assignment, so that `__proto__` is a key as any other.
    .map((members) => Object.fromEntries(members)),
  map: fc.array(fc.tuple(tie('any'), tie('any')), { maxLength: 4 }).map((pairs) => new Map(pairs)),
  set: fc.array(tie('any'), { maxLength: 4 }).map((values) => new Set(values)),
})).any;

test('any record comes back', () => {
  fc.assert(
    fc.property(record, (given) => {
      // Not by `toStrictEqual`, which takes a member `constructor` for the real one.
      expect(isDeepStrictEqual(parseRecordText(recordText(given)), given)).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

test('the text says the same record in the same way', () => {
  fc.assert(
    fc.property(record, (given) => {
      expect(recordText(parseRecordText(recordText(given)))).toBe(recordText(given));
    }),
  );
});

test('equal parts are written once, and are one object again', () => {
  const layer = { name: 'backbone/stage3/0/conv', shape: [1, 96, 28, 28], operator: 'Conv' };
  const text = recordText({ base: [layer, { ...layer }], head: [{ ...layer }] });
  expect(text.match(/backbone/g)).toHaveLength(1);
  const read = parseRecordText(text) as Record<'base' | 'head', readonly object[]>;
  expect(read.base[0]).toBe(read.head[0]);
});

test('members that are not there are left out', () => {
  expect(parseRecordText(recordText({ one: 1, none: undefined }))).toStrictEqual({ one: 1 });
});

test.each([
  ['a function', { of: () => 1 }],
  ['bytes', { of: new Uint8Array(2) }],
  ['a date', { of: new Date(0) }],
])('%s is no part of a record', (_, given) => {
  expect(() => recordText(given)).toThrow(InvariantError);
});

test.each(['', '{', '[]', '{}', '[{"$":3}]', '[{"$":0}]', '[{"$what":1}]', '[{"$map":3}]', '[1,{"$":"0"}]'])(
  '%j is refused',
  (text) => {
    expect(() => parseRecordText(text)).toThrow(UserError);
  },
);
