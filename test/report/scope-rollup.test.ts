import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contributionChange } from '../../src/report/contribution-words.ts';
import { contributionsOf } from '../../src/report/contributions.ts';
import type { DiffRow } from '../../src/compare/comparison.ts';
import type { Phrase } from '../../src/report/phrase.ts';
import { groupRepeats, type Contribution } from '../../src/report/repeats.ts';
import { rollUpScopes } from '../../src/report/scope-rollup.ts';
import { noAddress } from '../../src/report/source-words.ts';
import { whereTable, whereTitle } from '../../src/report/where-table.ts';
import { additive, layer, row, targetReport } from './reports.ts';

/** A layer that takes `growth` milliseconds longer; names differ in letters, so that none are copies. */
function grown(name: string, growth: number, change = 'widened 8→9'): DiffRow {
  const cost = (latencySeconds: number) => layer({ name, latencySeconds });
  return row([cost(5e-3)], [cost(5e-3 + growth / 1e3)], {
    match: { status: 'resized', evidence: 'scope', confidence: 0.9 },
    changes: [change],
  });
}

const letters = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => String.fromCharCode(97 + index));

function rolledUp(layers: readonly DiffRow[], room: number): readonly Contribution[] {
  const groups = groupRepeats(layers);
  const size = ({ delta }: Contribution): number => Math.abs(delta.latencySeconds);
  return rollUpScopes(groups, groups, 'latencySeconds', room)
    .toSorted((a, b) => size(b) - size(a))
    .slice(0, room);
}

/** One part of a phrase as plain text. */
function wordsOf(part: Phrase[number]): string {
  if (typeof part === 'string') return part;
  if ('said' in part) return part.said;
  return 'strong' in part ? part.strong : part.name;
}

const names = (rows: readonly Contribution[]): readonly string[] => rows.map(({ name }) => name);

describe('changed layers of one scope', () => {
  const stages = [
    grown('neck/resize', 30),
    ...letters(9).map((name) => grown(`backbone/three/${name}/conv`, 2)),
    ...letters(9).map((name) => grown(`backbone/four/${name}/conv`, 1)),
    grown('head', 0.5),
  ];

  test('are one row where the table has fewer, beside the layers that are news by themselves', () => {
    const rows = rolledUp(stages, 4);
    expect(names(rows)).toEqual(['neck/resize', 'backbone/three/*', 'backbone/four/*', 'head']);
    expect(rows.map(({ rows: inside }) => inside.length)).toEqual([1, 9, 9, 1]);
    expect(rows[1]!.delta.latencySeconds).toBeCloseTo(18e-3, 9);
  });

  test('keep as much detail as there are rows', () => {
    const rows = rolledUp(stages, 12);
    expect(rows).toHaveLength(12);
    expect(rows.filter(({ kind }) => kind === 'layers').length).toBeGreaterThan(6);
    const shown = rows.reduce((sum, { delta }) => sum + delta.latencySeconds, 0);
    expect(shown).toBeGreaterThan(0.9 * 57.5e-3);
  });

  test('stay rows of their own where these fit or tell enough', () => {
    const [few, enough] = [stages.slice(0, 12), [grown('a/b', 100), ...stages]];
    for (const [layers, room] of [
      [few, 12],
      [enough, 12],
    ] as const) {
      // prettier-ignore
      const groups = groupRepeats(layers);
      expect(rollUpScopes(groups, groups, 'latencySeconds', room)).toBe(groups);
    }
  });

  test.each([
    ['counters', letters(20).map((name) => `Conv_${name}`)],
    ['one scope for the whole model', letters(20).map((name) => `model/${name}`)],
    ['a leading separator', letters(20).map((name) => `/${name}`)],
    ['nothing but separators', letters(20).map((_, index) => '/'.repeat(index + 1))],
  ])('stay apart where names say nothing: %s', (_, all) => {
    const groups = groupRepeats(all.map((name) => grown(name, 1)));
    expect(rollUpScopes(groups, groups, 'latencySeconds', 5)).toBe(groups);
  });

  test('are found by dots too, and by the first of the names that TFLite joins', () => {
    const dotted = letters(6).flatMap((name) => [grown(`enc.${name}`, 1), grown(`dec.${name}`, 1)]);
    expect(names(rolledUp(dotted, 2)).toSorted()).toEqual(['dec.*', 'enc.*']);
    const joined = letters(6).flatMap((name) => [grown(`m/a/${name};m/z/q`, 1), grown(`m/b/${name};m/z/q`, 1)]);
    expect(names(rolledUp(joined, 2)).toSorted()).toEqual(['m/a/*', 'm/b/*']);
  });

  test('are called the rest where a layer of theirs has a row of its own', () => {
    const rows = rolledUp(
      [grown('a/big', 10), ...letters(9).flatMap((name) => [grown(`a/${name}`, 1), grown(`b/${name}`, 1)])],
      3,
    );
    expect(rows.map(({ name, kind }) => [name, kind])).toEqual([
      ['a/big', 'layers'],
      ['a/*', 'rest of scope'],
      ['b/*', 'scope'],
    ]);
  });

  test('that are the rest of their scope say so, and what changed most often', () => {
    const inside = letters(8).map((name, index) =>
      grown(`stage/${name}`, 1 + (8 - index) / 100, index < 7 ? 'widened 8→9' : 'kernel 3→5'),
    );
    const rows = rolledUp([...inside, ...letters(3).map((name) => grown(`tail/${name}`, 1.5))], 6);
    const rest = rows.find(({ kind }) => kind === 'rest of scope')!;
    expect(rest.name).toBe('stage/*');
    expect(contributionChange(rest).map(wordsOf).join('')).toBe('6 more layers: widened 8→9 ×5, kernel 3→5');
  });
});

test('whatever the names, the rows of the table add up and hold every row once', () => {
  const scope = fc.constantFrom('a', 'b', 'c', 'stage', '', '.', ';', '/');
  const name = fc.array(scope, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'));
  const layers = fc.array(fc.tuple(name, fc.double({ min: -1, max: 1, noNaN: true })), { maxLength: 60 });
  fc.assert(
    fc.property(layers, fc.integer({ min: 1, max: 12 }), (all, most) => {
      const rows = all.map(([one, growth]) => grown(one, growth));
      const target = targetReport({ layers: rows });
      const { shown, others } = contributionsOf(target, most);
      const kept = [...shown.flatMap((contribution) => contribution.rows), ...others];
      expect(new Set(kept)).toEqual(new Set(rows));
      expect(kept).toHaveLength(rows.length);
      expect(shown.length).toBeLessThanOrEqual(most);
      for (const metric of additive) {
        const sum = (parts: readonly { delta: DiffRow['delta'] }[]) =>
          parts.reduce((total, { delta }) => total + delta[metric], 0);
        expect(sum(shown) + sum(others)).toBeCloseTo(sum(rows), 9);
      }
    }),
  );
});

test('printed figures add up to the printed total', () => {
  const layers = letters(26).flatMap((name, index) => [
    grown(`backbone/stage${index % 3}/${name}/conv`, 1 + index / 7),
    grown(`neck/${name}/conv`, -0.3 - index / 11),
  ]);
  const target = targetReport({ layers });
  expect(whereTitle(target, 12)).toBeDefined();
  const block = whereTable(target, 12, noAddress);
  const cells = (block.kind === 'table' ? block.table.rows : []).map((cell) => {
    const text = wordsOf(cell[2]![0]!);
    return text === '–' ? 0 : Number.parseFloat(text.replace('−', '-'));
  });
  expect(cells.length).toBeGreaterThan(3);
  expect(cells.slice(0, -1).reduce((sum, value) => sum + value, 0)).toBeCloseTo(cells.at(-1)!, 6);
});
