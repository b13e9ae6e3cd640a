import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseLink, printLink } from '../../../src/report/viewer/state/link.ts';
import { parseIndices, printIndices } from '../../../src/report/viewer/state/index-ranges.ts';
import { facetNames, firstViewState, type ViewState } from '../../../src/report/viewer/state/view-state.ts';
import { moduleOf, pageOf } from './pages.ts';

const page = pageOf({}, [moduleOf('a', [0, 1, moduleOf('a/b', [2, 3])]), moduleOf('c', [4, 5, 6, 7]), 8, 9]);
const rowCount = page.report.models[0]!.targets[0]!.layers.length;

const text = fc.string({ unit: 'binary', maxLength: 40 }).filter((one) => !/\p{Cs}/u.test(one));
const rows = fc.uniqueArray(fc.nat(rowCount - 1)).map((all) => new Set(all));
const column = text.filter((one) => one !== '');
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const range = fc
  .record({ column, above: fc.option(finite), below: fc.option(finite) })
  .filter(({ above, below }) => above !== null || below !== null)
  .filter(({ above, below }) => !Object.is(above, -0) && !Object.is(below, -0));
const facets = fc
  .dictionary(
    fc.constantFrom(...facetNames),
    fc.uniqueArray(
      text.filter((one) => one !== ''),
      { minLength: 1 },
    ),
  )
  .map((all) => Object.fromEntries(Object.entries(all).map(([name, values]) => [name, new Set(values)])));
const state: fc.Arbitrary<ViewState> = fc.record({
  model: fc.constant(0),
  target: fc.constant(0),
  table: fc.record({
    sort: fc.option(fc.record({ column, descending: fc.boolean(), absolute: fc.boolean() })),
    search: text,
    facets,
    ranges: fc.array(range, { maxLength: 3 }),
    columns: fc.option(
      fc.uniqueArray(
        text.filter((one) => one !== ''),
        { minLength: 1, maxLength: 8 },
      ),
    ),
    grouped: fc.boolean(),
    openModules: fc.uniqueArray(fc.constantFrom('a', 'a/b', 'c')).map((ids) => new Set(ids)),
    openRows: rows,
  }),
  selection: rows,
  focus: fc.option(fc.nat(rowCount - 1)),
  panels: fc.uniqueArray(fc.constantFrom('table', 'graph', 'what-if')),
  edits: text,
  settings: fc.dictionary(fc.constantFrom('charts', 'graph'), fc.jsonValue()).map((one) => ({ ...one })),
});

describe('a link', () => {
  test('gives back the state that it was made of', () => {
    fc.assert(
      fc.property(state, (one) => {
        // JSON writes -0 as 0.
        const settings = JSON.parse(JSON.stringify(one.settings)) as ViewState['settings'];
        expect(parseLink(`#${printLink(one, page)}`, page)).toEqual({ ...one, settings });
      }),
    );
  });

  test('is empty for the page as it begins', () => {
    expect(printLink(firstViewState, page)).toBe('');
    expect(parseLink('', page)).toEqual(firstViewState);
  });

  test('tells rows as ranges', () => {
    const selection = new Set([3, 0, 1, 2, 9]);
    expect(decodeURIComponent(printLink({ ...firstViewState, selection }, page))).toBe('rows=0-3,9');
  });

  test('that says nonsense is read as far as it makes sense', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (garbage) => {
        const read = parseLink(`#${garbage}`, page);
        expect(Math.max(-1, ...read.selection)).toBeLessThan(rowCount);
      }),
    );
    const link =
      '#model=7&target=-1&rows=0-99999999,x,5-3&focus=1e9&open=77&sort=latency&where=1<2<3<4&where=x&columns=%25zz' +
      '&charts.={&panels=<b> table&edits=int8';
    const read = parseLink(link, page);
    expect(read).toMatchObject({ model: 0, target: 0, focus: null, settings: {}, panels: ['table'], edits: 'int8' });
    expect(read.table).toMatchObject({ sort: null, ranges: [], columns: null });
    expect(read.selection.size).toBe(rowCount);
  });
});

test('ranges of indices', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(500)), (all) => {
      expect([...parseIndices(printIndices(all), 501)]).toEqual(all.toSorted((a, b) => a - b));
    }),
  );
  expect(printIndices([5, 1, 2, 3])).toBe('1-3,5');
  expect([...parseIndices('2-4,9', 4)]).toEqual([2, 3]);
});
