import { describe, expect, test } from 'vitest';
import type { DiffRow } from '../../../src/compare/comparison.ts';
import type { OptimizeDocument } from '../../../src/report/optimize-document.ts';
import { changeTable, choosePlace, type Store } from '../../../src/report/viewer/state/store.ts';
import type { TableView } from '../../../src/report/viewer/state/view-state.ts';
import { csvText, inertCell } from '../../../src/report/viewer/table/export.ts';
import { createKeyboard } from '../../../src/report/viewer/table/keys.ts';
import { createTableModel, type TableModel } from '../../../src/report/viewer/table/table-model.ts';
import { parseValue, printRange } from '../../../src/report/viewer/table/values.ts';
import type { WhatIfAnswer } from '../../../src/report/viewer/worker/protocol.ts';
import { layer, overheadRow, row } from '../reports.ts';
import { moduleOf, pageOf, storeOf } from './pages.ts';

const conv = (name: string, seconds: number, more: Partial<DiffRow> = {}): DiffRow =>
  row([layer({ name, latencySeconds: 1e-3 })], [layer({ name, latencySeconds: seconds })], more);

const layers: readonly DiffRow[] = [
  conv('a/0/conv', 1e-3),
  conv('a/0/relu', 4e-3, { match: { status: 'resized', evidence: 'scope', confidence: 0.9 } }),
  row([], [layer({ name: 'a/1/Resize', op: 'Resize', unit: 'cpu', latencySeconds: 2e-3, bound: 'vector' })]),
  row([layer({ name: 'b/old', latencySeconds: 5e-3 })], []),
  row([layer({ name: 'b/fused' })], [layer({ name: 'b/fused', nodes: ['b/conv', 'b/act'] })]),
  overheadRow(12),
];

const modules = [moduleOf('a', [moduleOf('a/0', [0, 1]), moduleOf('a/1', [2])]), moduleOf('b', [3, 4]), 5];

function tableOf(change: Partial<TableView> = {}): { readonly store: Store; readonly model: TableModel } {
  const store = storeOf(pageOf({ layers }, modules));
  changeTable(store, change);
  return { store, model: createTableModel(store) };
}

const order = { column: 'order', descending: false, absolute: false };
const shownRows = (change: Partial<TableView>) => tableOf({ sort: order, ...change }).model.passing.value;
const keys = ({ lines }: TableModel) => lines.value.map(({ key }) => key);

describe('filters', () => {
  test.each<[string, Partial<TableView>, readonly number[]]>([
    ['nothing chosen', {}, [0, 1, 2, 3, 4, 5]],
    ['an operator', { facets: { op: new Set(['Resize']) } }, [2]],
    ['a unit and what changed', { facets: { unit: new Set(['npu']), changed: new Set(['changed']) } }, [1, 3]],
    ['a status', { facets: { status: new Set(['resized', 'removed']) } }, [1, 3]],
    ['a bound', { facets: { bound: new Set(['vector']) } }, [2]],
    ['a cause', { facets: { cause: new Set(['compute']) } }, [0, 1, 2, 3, 4]],
    ['an empty choice', { facets: { op: new Set() } }, [0, 1, 2, 3, 4, 5]],
    ['a part of a name', { search: ' RELU ' }, [1]],
    ['a glob', { search: 'a/*/conv' }, [0]],
    ['the name of a source node', { search: 'b/act' }, [4]],
    ['a glob that is too long', { search: '*'.repeat(500) }, []],
    ['more than a value', { ranges: [{ column: 'latency-head', above: 2e-3, below: null }] }, [1]],
    ['less than a change', { ranges: [{ column: 'latency-change', above: null, below: 0 }] }, [3]],
    ['a range', { ranges: [{ column: 'latency-head', above: 1e-3, below: 3e-3 }] }, [2, 4]],
    ['a column that there is not', { ranges: [{ column: 'colour', above: 1, below: null }] }, [0, 1, 2, 3, 4, 5]],
  ])('%s', (_, change, expected) => {
    expect(shownRows(change)).toEqual(expected);
  });
});

describe('order', () => {
  const sortedBy = (column: string, descending: boolean, absolute = false) =>
    keys(tableOf({ sort: { column, descending, absolute } }).model);

  test('the largest change first, until somebody chooses', () => {
    expect(keys(tableOf().model)).toEqual(['r3', 'r1', 'r2', 'r0', 'r4', 'r5']);
  });

  test('by value, what has none last either way', () => {
    expect(sortedBy('latency-change', true)).toEqual(['r1', 'r2', 'r0', 'r4', 'r5', 'r3']);
    expect(sortedBy('latency-head', false)).toEqual(['r0', 'r2', 'r4', 'r1', 'r3', 'r5']);
    expect(sortedBy('latency-head', true)).toEqual(['r1', 'r2', 'r4', 'r0', 'r3', 'r5']);
  });

  test('by words', () => {
    expect(sortedBy('name', false).slice(0, 3)).toEqual(['r0', 'r1', 'r2']);
    expect(sortedBy('op', true)[0]).toBe('r2');
  });
});

describe('a what-if', () => {
  const answerOf = (name: string, latencySeconds: number): WhatIfAnswer => {
    const nothing = { latencySeconds: 0, energyJoules: 0, macs: 0, parameters: 0, weightsBytes: 0, fileBytes: 0 };
    const document = { base: { fileBytes: 0 }, head: { fileBytes: 0 } } as OptimizeDocument;
    const changes = new Map([[name, { ...nothing, name, latencySeconds }]]);
    return { document, changes, added: nothing, memoryTimeline: null, assumed: [] };
  };
  const show = (store: Store, answer: WhatIfAnswer) => void (store.whatIf.value = { state: 'there', answer });

  test('leaves lines alone that are sorted and filtered by other columns', () => {
    const sort = { column: 'latency-head', descending: true, absolute: false };
    const { store, model } = tableOf({ sort, ranges: [{ column: 'latency-head', above: 1e-3, below: null }] });
    const before = model.lines.value;
    expect(keys(model)).toEqual(['r1', 'r2', 'r4']);
    show(store, answerOf('a/0/relu', -3.5e-3));
    expect(model.shownColumns.value.map(({ id }) => id)).toContain('latency-edited');
    expect(model.lines.value).toBe(before);
  });

  test('sorts and filters by its own columns', () => {
    const sort = { column: 'latency-edited', descending: true, absolute: false };
    const { store, model } = tableOf({ sort, ranges: [{ column: 'latency-effect', above: null, below: 0 }] });
    expect(keys(model)).toEqual(['r0', 'r1', 'r2', 'r3', 'r4', 'r5']);
    show(store, answerOf('a/0/relu', -3.5e-3));
    expect(keys(model)).toEqual(['r1']);
    show(store, answerOf('b/fused', -1e-3));
    expect(keys(model)).toEqual(['r4']);
  });
});

describe('modules', () => {
  const grouped = (change: Partial<TableView> = {}) => tableOf({ sort: order, grouped: true, ...change });

  test('stand for their rows until they are opened', () => {
    expect(keys(grouped().model)).toEqual(['ma', 'mb', 'r5']);
    const open = grouped({ openModules: new Set(['a', 'a/1']) }).model;
    expect(keys(open)).toEqual(['ma', 'ma/0', 'ma/1', 'r2', 'mb', 'r5']);
    expect(open.lines.value.map(({ level }) => level)).toEqual([1, 2, 2, 3, 1, 1]);
  });

  test('hold what passes the filters, and go where nothing does', () => {
    const { model } = grouped({ facets: { op: new Set(['Resize']) }, openModules: new Set(['a']) });
    expect(keys(model)).toEqual(['ma', 'ma/1']);
  });

  test('are ordered by what their rows are together', () => {
    const sort = { column: 'latency-change', descending: true, absolute: false };
    expect(keys(grouped({ sort, openModules: new Set(['a']) }).model)).toEqual(['ma', 'ma/0', 'ma/1', 'r5', 'mb']);
  });

  test('a chain of ten thousand', () => {
    let inner = moduleOf('m0', [0]);
    for (let depth = 1; depth < 10_000; depth += 1) inner = moduleOf(`m${depth}`, [inner]);
    const store = storeOf(pageOf({ layers }, [inner, 1, 2, 3, 4, 5]));
    const openModules = new Set(Array.from({ length: 10_000 }, (_, depth) => `m${depth}`));
    changeTable(store, { grouped: true, openModules });
    expect(createTableModel(store).lines.value).toHaveLength(10_006);
  });
});

test('a fused row opens into its nodes, each on the side that has it', () => {
  const { model } = tableOf({ sort: order, openRows: new Set([0, 4]), search: 'fused' });
  const parts = model.lines.value.flatMap((line) => (line.kind === 'part' ? [[line.name, line.side]] : []));
  expect(parts).toEqual([
    ['b/conv', 'head'],
    ['b/act', 'head'],
    ['b/fused', 'base'],
  ]);
});

describe('the keyboard', () => {
  function keyboardOf(change: Partial<TableView> = {}) {
    const { store, model } = tableOf({ sort: order, ...change });
    const keyboard = createKeyboard(
      model,
      () => 3,
      () => undefined,
    );
    const press = (key: string, more: Partial<KeyboardEvent> = {}) =>
      keyboard.press({ key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...more } as KeyboardEvent);
    const pressAll = (...all: readonly string[]) => all.forEach((key) => press(key));
    return { store, model, press, pressAll };
  }

  test('moves the line, and the details with it', () => {
    const { store, model, pressAll } = keyboardOf();
    pressAll('ArrowDown', 'ArrowDown');
    expect([model.active.value, store.focus.value]).toEqual(['r2', 2]);
    pressAll('PageDown');
    expect(model.active.value).toBe('r5');
    pressAll('ArrowDown', 'Home', 'ArrowUp');
    expect(model.active.value).toBe('r0');
    pressAll('End');
    expect(store.focus.value).toBe(5);
    expect(store.selection.value.size).toBe(0);
  });

  test('selects lines, ranges and all', () => {
    const { store, press, pressAll } = keyboardOf();
    pressAll('ArrowDown', ' ');
    press('ArrowDown', { shiftKey: true });
    press('ArrowDown', { shiftKey: true });
    expect([...store.selection.value]).toEqual([1, 2, 3]);
    pressAll('Enter');
    expect([...store.selection.value]).toEqual([3]);
    press('a', { ctrlKey: true });
    expect(store.selection.value.size).toBe(6);
    pressAll('Escape');
    expect(store.selection.value.size).toBe(0);
  });

  test('opens and closes modules, and selects all that is in one', () => {
    const { store, model, pressAll } = keyboardOf({ grouped: true });
    pressAll('ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowRight');
    expect(model.active.value).toBe('r0');
    pressAll('ArrowLeft', ' ');
    expect([model.active.value, [...store.selection.value]]).toEqual(['ma/0', [0, 1]]);
    pressAll('ArrowLeft', 'ArrowLeft', 'ArrowLeft');
    expect(keys(model)).toEqual(['ma', 'mb', 'r5']);
  });

  test('finds what is typed', () => {
    const { model, pressAll } = keyboardOf();
    pressAll('r', 'e', 's');
    expect(model.active.value).toBe('r2');
  });

  test('leaves to the browser what means nothing here', () => {
    const { press } = keyboardOf();
    expect([press('Tab'), press('F5'), press('r', { ctrlKey: true }), press('c', { ctrlKey: true })]).toEqual([
      ...[false, false, false, false],
    ]);
  });
});

test('another target keeps filters and forgets rows', () => {
  const { store } = tableOf({ search: 'conv', openRows: new Set([4]) });
  store.selection.value = new Set([1]);
  store.focus.value = 1;
  choosePlace(store, 0, 0);
  expect([store.selection.value.size, store.focus.value, store.table.value.openRows.size]).toEqual([0, null, 0]);
  expect(store.table.value.search).toBe('conv');
});

test('values are written as people write them', () => {
  const columns = tableOf().store.columns.value;
  const numbers = (id: string) => {
    const column = columns.byId.get(id);
    if (column?.kind !== 'numbers') throw new Error(`no column ${id}`);
    return column;
  };
  const change = numbers('latency-change');
  expect(parseValue('-0.2 ms', change)).toBe(-2e-4);
  expect(parseValue(' 0 ', change)).toBe(0);
  expect(parseValue('5%', numbers('latency-ratio'))).toBe(0.05);
  expect(parseValue('3M', numbers('macs-head'))).toBe(3e6);
  expect(() => parseValue('5', change)).toThrow('it has no unit');
  expect(printRange({ column: 'latency-change', above: -2e-4, below: 0 }, change)).toBe(
    'Latency change > \u2212200 µs and < 0',
  );
});

test('a name is no formula of a spreadsheet, and a cell stays a cell', () => {
  expect(['=1+1', '+1', '-1', '@x', ' =1', 'conv'].map(inertCell)).toEqual([
    ...["'=1+1", "'+1", "'-1", "'@x", "' =1", 'conv'],
  ]);
  expect(
    csvText([
      ['a,b', 'say "x"'],
      ['1', ''],
    ]),
  ).toBe('\ufeff"a,b","say ""x"""\r\n1,\r\n');
});
