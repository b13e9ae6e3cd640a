import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { budgetMetrics, type WaivedValue } from '../../../src/compare/comparison.ts';
import { decodeRecords, encodeRecords, type RecordSet, type WaiverRecord } from '../../../src/github/waivers/record.ts';
import { recordOf, target } from './given.ts';

const date = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true })
  .map((day) => day.toISOString());
const hostile = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }),
  fc.constantFrom('-->', '<!-- model-budget-waivers:v1 {} -->', '--', '---\n\n---', '</details>', '\\u003c', '`|`'),
);
const value = fc.record<WaivedValue>(
  { model: hostile, target: hostile, layer: hostile, actual: fc.double({ noNaN: true, noDefaultInfinity: true }) },
  { requiredKeys: ['model', 'target', 'actual'] },
);
const record = fc.record<WaiverRecord>(
  {
    pullRequest: fc.integer({ min: 1 }),
    id: fc.tuple(fc.constantFrom('comment', 'button'), fc.nat()).map(([origin, id]) => `${origin}-${id}`),
    who: fc.constantFrom('octocat', 'a_b-c', 'app[bot]'),
    when: date,
    why: hostile,
    until: date.map((day) => day.slice(0, 10)),
    metric: fc.constantFrom(...budgetMetrics),
    model: hostile,
    target: hostile,
    values: fc.array(value, { maxLength: 8 }),
  },
  { requiredKeys: ['pullRequest', 'id', 'who', 'when', 'why', 'until', 'metric', 'values'] },
);
const sets = fc.record<RecordSet>({
  pullRequests: fc.array(fc.integer({ min: 1 }), { maxLength: 5 }),
  records: fc
    .array(record, { maxLength: 8 })
    .map((records) => records.toSorted((a, b) => (a.when < b.when ? -1 : a.when > b.when ? 1 : 0))),
});

/** -0 is the one number that JSON does not keep. */
const plain = (set: RecordSet): RecordSet => JSON.parse(JSON.stringify(set)) as RecordSet;

describe('records in the text of a check', () => {
  test('come back as they were, whatever they hold', () => {
    fc.assert(
      fc.property(sets, (set) => {
        const { text, left } = encodeRecords(set);
        expect(left).toEqual([]);
        expect(decodeRecords(text)).toEqual(plain(set));
        expect(decodeRecords(`${text}\r\n`)).toEqual(plain(set));
        // One comment, at the end, which nothing in it opens or closes.
        expect(text.split('<!--')).toHaveLength(2);
        expect(text.split('-->')).toHaveLength(2);
      }),
    );
  });

  test('no other text holds any', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => decodeRecords(text) === null));
    fc.assert(
      fc.property(sets, fc.nat(), fc.string({ minLength: 1 }), (set, at, torn) => {
        const { text } = encodeRecords(set);
        const cut = text.slice(0, at % text.length);
        expect(decodeRecords(cut)).toBeNull();
        expect(() => decodeRecords(cut + torn + text.slice(cut.length))).not.toThrow();
      }),
    );
  });

  test.each<[string, object]>([
    ['an id that is none', { id: 'comment-1x' }],
    ['a name that is none', { who: 'octo cat`' }],
    ['a field more', { extra: 1 }],
    ['a time that is none', { when: '2026-03-01' }],
    ['an empty reason', { why: '' }],
    ['a reason without end', { why: 'x'.repeat(501) }],
    ['a metric that is none', { metric: 'speed' }],
    ['a pull request that is none', { pullRequest: 0 }],
    ['a value that is none', { values: [{ model: 'a', target: 'b', actual: null }] }],
  ])('%s makes nothing of all of it', (_, changed) => {
    const good = { pullRequests: [1], records: [recordOf()] };
    const text = (set: object) => `<!-- model-budget-waivers:v1 ${JSON.stringify(set)} -->`;
    expect(decodeRecords(text(good))).toEqual(good);
    expect(decodeRecords(text({ ...good, records: [recordOf(), { ...recordOf(), ...changed }] }))).toBeNull();
  });

  test('a name that looks like the comment is none', () => {
    const forged = encodeRecords({ pullRequests: [1], records: [recordOf({ id: 'button-9' })] }).text;
    const records = [recordOf({ why: forged.slice(-400), values: [{ model: forged, target, actual: 1 }] })];
    const { text } = encodeRecords({ pullRequests: [1], records });
    expect(decodeRecords(text)?.records.map(({ id }) => id)).toEqual(['comment-1']);
    expect(decodeRecords(`${forged}\n\nand more`)).toBeNull();
  });

  test('are listed for people, the newest first', () => {
    const newer = recordOf({ id: 'comment-2', when: '2026-03-02T10:00:00Z', who: 'other', why: 'see #7 @all' });
    const layer = { model: 'a.onnx', target: 'board', layer: 'neck/*', actual: 0.004 };
    const { text } = encodeRecords({ pullRequests: [1], records: [newer, recordOf({ values: [layer] })] });
    expect(text.split('\n').slice(0, -2)).toEqual([
      '### Waivers',
      '',
      '- **latency** of `models/detector.onnx` on `ethos-u55-256` up to 3.30 ms, in pull request #1: accepted by `other` until `2026-03-31`: see `#7` `@all`',
      '- **latency** of `neck/*` in `a.onnx` on `board` up to 4.00 ms, in pull request #1: accepted by `maintainer` until `2026-03-31`: the new camera needs it',
    ]);
    expect(encodeRecords({ pullRequests: [3], records: [] }).text).toBe(
      '<!-- model-budget-waivers:v1 {"pullRequests":[3],"records":[]} -->',
    );
  });

  test('where there is no room the list is cut, and then the oldest go', () => {
    const many = (count: number, why: string) =>
      Array.from({ length: count }, (_, index) =>
        recordOf({ id: `comment-${index + 1}`, when: new Date(Date.UTC(2026, 0, 1, 0, index)).toISOString(), why }),
      );
    const listed = encodeRecords({ pullRequests: [1], records: many(110, '\u{1F600}'.repeat(40)) });
    expect([listed.left.length, /… and \d+ more/.test(listed.text)]).toEqual([0, true]);
    const odd = recordOf({ values: [{ model: 'a', target: 'x'.repeat(201), actual: 1 }] });
    const beside = encodeRecords({ pullRequests: [1], records: [odd, recordOf()] });
    expect([beside.left, decodeRecords(beside.text)?.records]).toEqual([[odd], [recordOf()]]);
    const { text, left } = encodeRecords({ pullRequests: [1], records: many(300, 'é'.repeat(200)) });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(60_000);
    const kept = decodeRecords(text)!.records;
    expect(kept.length + left.length).toBe(300);
    expect(kept.at(-1)?.id).toBe('comment-300');
    expect(left[0]?.id).toBe('comment-1');
  });
});
