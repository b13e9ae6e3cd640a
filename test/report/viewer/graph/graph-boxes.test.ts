import { expect, test } from 'vitest';
import type { ModuleLayout, PageEdge, PageModule } from '../../../../src/report/html/document.ts';
import { boxLabel, pictureOf, wireLabel } from '../../../../src/report/viewer/graph/graph-boxes.ts';
import { indexModules } from '../../../../src/report/viewer/rows/module-index.ts';
import { readGraphSettings } from '../../../../src/report/viewer/graph/settings.ts';
import { layer, overheadRow, row, targetReport } from '../../reports.ts';

const slow = layer({ name: 'a/conv', latencySeconds: 4e-3, unit: 'npu' });
const target = targetReport({
  layers: [
    row([slow], [slow]),
    row([], [layer({ name: 'a/new', latencySeconds: 1e-3, unit: 'cpu', fallback: 'no kernel' })]),
    row([layer({ name: 'old', latencySeconds: 2e-3 })], []),
    overheadRow(10),
  ],
});
const inner: PageModule = { kind: 'module', id: 'a', title: 'a', children: [0, 1] };
const root: PageModule = { kind: 'module', id: '', title: '', children: [inner, 2, 3] };
const layoutOf = (count: number): ModuleLayout => ({
  ...{ width: 100, height: 100, wires: [] },
  boxes: Array.from({ length: count }, (_, index) => ({ x: 0, y: 50 * index, width: 190, height: 44 })),
});
const drawn = {
  index: indexModules(root),
  layouts: new Map([
    ['', layoutOf(3)],
    ['a', layoutOf(2)],
  ]),
  target,
  answer: null,
};

test('a module has the sums of its rows, what became of them and where they run', () => {
  const picture = pictureOf(drawn, readGraphSettings({}));
  const [module, removed, overhead] = picture.boxes;
  expect(module).toMatchObject({
    ...{ name: 'a', kind: '2 layers', rows: [0, 1], status: 'changed', figures: '4.00 ms → 5.00 ms' },
    ...{ units: ['npu', 'cpu'], isFallback: true, headShare: 1 },
  });
  expect(module?.counts).toEqual({ added: 1, removed: 0, changed: 0, same: 1 });
  expect(removed).toMatchObject({ name: 'old', status: 'removed', figures: '2.00 ms → –', headShare: 0 });
  expect(overhead).toMatchObject({ kind: '', figures: '–' });
  expect(boxLabel(module!, picture.metric)).toContain('1 added');
  expect(boxLabel(removed!, picture.metric)).toContain('removed');
});

test('boxes of the open module are coloured by the metric or its change', () => {
  const value = pictureOf(drawn, readGraphSettings({ module: 'a', paint: 'value' }));
  expect(value.boxes.map(({ shade }) => shade)).toEqual(['shade-6', 'shade-1']);
  const change = pictureOf(drawn, readGraphSettings({ module: 'a', paint: 'change' }));
  expect(change.boxes.map(({ shade }) => shade)).toEqual(['turn-0', 'turn-more-3']);
  expect(change.boxOfRow.get(1)).toBe(1);
});

test('hostile names are one short visible line', () => {
  const name = `${'\u202e<img onerror=x>'.repeat(700)}\u0000`;
  const hostile = targetReport({ layers: [row([], [layer({ name, op: '\n<b>' })])] });
  const only: PageModule = { kind: 'module', id: '', title: '', children: [0] };
  const { boxes } = pictureOf(
    { index: indexModules(only), layouts: new Map([['', layoutOf(1)]]), target: hostile, answer: null },
    readGraphSettings(null),
  );
  expect(boxes[0]!.name.length).toBeLessThanOrEqual(200);
  expect(boxes[0]!.name + boxes[0]!.kind).not.toMatch(/[\u202e\n\0]/);
});

test('a wire tells shape and type of its first tensor, and how many more', () => {
  const edge: PageEdge = { from: 0, to: 1, tensor: 't', shape: [1, 8, 4], dtype: 'int8', bytes: 32, side: 'both' };
  expect(wireLabel([edge])).toBe('1×8×4 int8');
  expect(wireLabel([{ ...edge, shape: [], dtype: null }, edge, edge])).toBe('scalar +2');
  expect(wireLabel([{ ...edge, shape: null }])).toBe('? int8');
  expect(wireLabel([])).toBe('');
});
