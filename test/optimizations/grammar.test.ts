import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePhrases, printPhrases, type EditPhrase } from '../../src/optimizations/grammar.ts';

describe('the grammar of what-ifs', () => {
  it.each<[string, Partial<EditPhrase>]>([
    ['int8', { name: 'int8', on: { kind: 'all' } }],
    ['palettize 4 on top:5', { words: { value: '4', options: new Map() }, on: { kind: 'top', count: 5 } }],
    [
      'w4 group=32 on op:MatMul',
      { words: { options: new Map([['group', '32']]) }, on: { kind: 'operator', operator: 'MatMul' } },
    ],
    ['prune 0.5 on backbone/*', { on: { kind: 'glob', pattern: 'backbone/*' } }],
    ['prune 0.5 on "a layer; with = \\" and \\\\"', { on: { kind: 'glob', pattern: 'a layer; with = " and \\' } }],
    ['resize "my input:1x3x224x224"', { words: { value: 'my input:1x3x224x224', options: new Map() } }],
    ['resize x:1x3x224x224', { words: { value: 'x:1x3x224x224', options: new Map() } }],
    ['int8 on "op:Conv"', { on: { kind: 'glob', pattern: 'op:Conv' } }],
    ['int8 on "on"', { on: { kind: 'glob', pattern: 'on' } }],
  ])('reads %s', (text, expected) => {
    expect(parsePhrases(text)).toEqual([expect.objectContaining(expected)]);
  });

  it('reads several edits, whatever stands between them', () => {
    const names = parsePhrases(' int8 on a/*;\n\tpalettize 4;; fold ;').map(({ name }) => name);
    expect(names).toEqual(['int8', 'palettize', 'fold']);
  });

  it.each([
    ['', 'no edit is given'],
    [' ; ', 'no edit is given'],
    ['palettize 4 8', 'takes one value, not `4` and `8`'],
    ['w4 group=32 group=64', 'given `group=` twice'],
    ['int8 on', 'is followed by one glob'],
    ['int8 on a b', 'quote a glob with spaces'],
    ['int8 on top:0', 'a whole number'],
    ['int8 on top:many', 'a whole number'],
    ['int8 on "a', 'a double quote is not closed'],
    ['"int8"', 'no name of an edit'],
    ['group=4', 'no name of an edit'],
    ['int8; '.repeat(65), 'more than 64 edits'],
    ['x'.repeat(4001), 'longer than 4000 characters'],
  ])('refuses %j in one line', (text, message) => {
    expect(() => parsePhrases(text)).toThrow(message);
  });

  it('reads what it prints', () => {
    const word = fc.string({ maxLength: 12 });
    const selection = fc.oneof(
      fc.constant({ kind: 'all' } as const),
      fc.record({ kind: fc.constant('glob' as const), pattern: word }),
      fc.record({ kind: fc.constant('operator' as const), operator: word }),
      fc.record({ kind: fc.constant('top' as const), count: fc.integer({ min: 1, max: 999_999 }) }),
    );
    const words = fc.record(
      {
        value: word,
        options: fc
          .dictionary(fc.stringMatching(/^[a-z]{1,6}$/), word)
          .map((options) => new Map(Object.entries(options))),
      },
      { requiredKeys: ['options'] },
    );
    const phrase = fc.record({ name: fc.constantFrom('int8', 'prune'), words, on: selection });
    fc.assert(
      fc.property(fc.array(phrase, { minLength: 1, maxLength: 4 }), (phrases) => {
        expect(parsePhrases(printPhrases(phrases))).toEqual(phrases);
      }),
    );
  });
});
