import { describe, expect, test } from 'vitest';
import type { ModuleLayout, PageModule } from '../../../../src/report/html/document.ts';
import { pointOnLine } from '../../../../src/report/viewer/graph/graph-wires.tsx';
import { between, boxAt, boxesIn } from '../../../../src/report/viewer/graph/hit.ts';
import { indexModules } from '../../../../src/report/viewer/rows/module-index.ts';
import { readGraphSettings, withoutPin, withPin } from '../../../../src/report/viewer/graph/settings.ts';
import { shadeOf, turnOf } from '../../../../src/report/viewer/graph/shades.ts';
import { stepFrom } from '../../../../src/report/viewer/graph/walk.ts';

const box = (x: number, y: number) => ({ x, y, width: 100, height: 40 });
const wire = (from: number, to: number) => ({ from, to, edges: [], points: [] });

describe('boxes under a pointer', () => {
  const boxes = [box(0, 0), box(50, 20), box(300, 300)];
  test('the topmost one, or none', () => {
    expect([boxAt(boxes, { x: 60, y: 30 }), boxAt(boxes, { x: 5, y: 5 }), boxAt(boxes, { x: 200, y: 5 })]).toEqual([
      1, 0, -1,
    ]);
  });
  test('those that a rubber band touches, wherever it was begun', () => {
    expect(boxesIn(boxes, between({ x: 320, y: 320 }, { x: 140, y: 50 }))).toEqual([1, 2]);
  });
});

describe('arrow keys', () => {
  // 0 leads to 1 and 2 beside it; both lead to 3. 4 hangs on nothing.
  const layout: ModuleLayout = {
    ...{ width: 0, height: 0 },
    boxes: [box(60, 0), box(0, 100), box(120, 100), box(60, 200), box(400, 100)],
    wires: [wire(-1, 0), wire(0, 1), wire(0, 2), wire(1, 3), wire(2, 3), wire(3, -1)],
  };
  test('go down and up along the wires', () => {
    expect(stepFrom(layout, 0, 'down')).toBe(1);
    expect(stepFrom(layout, 2, 'down')).toBe(3);
    expect(stepFrom(layout, 2, 'up')).toBe(0);
  });
  test('go to the neighbours in execution order where no wire leads on', () => {
    expect(stepFrom(layout, 3, 'down')).toBe(4);
    expect(stepFrom(layout, 4, 'up')).toBe(3);
    expect(stepFrom(layout, 4, 'down')).toBe(4);
    expect(stepFrom(layout, 0, 'up')).toBe(0);
  });
  test('go sideways to what stands beside', () => {
    expect(stepFrom(layout, 1, 'right')).toBe(2);
    expect(stepFrom(layout, 2, 'left')).toBe(1);
    expect(stepFrom(layout, 1, 'left')).toBe(1);
  });
});

describe('the tree of modules', () => {
  const leaf: PageModule = { kind: 'module', id: 'a/b', title: 'b', children: [1, 2] };
  const inner: PageModule = { kind: 'repeat', id: 'a', title: 'a ×2', children: [leaf, 3] };
  const root: PageModule = { kind: 'module', id: '', title: '', children: [0, inner] };
  const index = indexModules(root);

  test('knows the way to a module, and the rows below it in order', () => {
    expect(index.pathTo('a/b').map(({ id }) => id)).toEqual(['', 'a', 'a/b']);
    expect(index.pathTo('nowhere')).toEqual([root]);
    expect(index.rowsOf(root)).toEqual([0, 1, 2, 3]);
    expect(index.moduleOfRow.get(3)).toBe('a');
  });

  test('may be as deep as names make it', () => {
    let deep: PageModule = { kind: 'module', id: 'x0', title: '', children: [7] };
    for (let level = 1; level < 50_000; level += 1) {
      deep = { kind: 'module', id: level === 49_999 ? '' : `x${level}`, title: '', children: [deep] };
    }
    const tall = indexModules(deep);
    expect(tall.rowsOf(deep)).toEqual([7]);
    expect(tall.pathTo('x0')).toHaveLength(50_000);
  });
});

test('steps of the scales: nothing, a little, the most', () => {
  expect([0, 1, 50, 100].map((value) => shadeOf(value, 100))).toEqual(['shade-0', 'shade-0', 'shade-3', 'shade-6']);
  expect(shadeOf(NaN, 100)).toBe('shade-none');
  expect(shadeOf(1, 0)).toBe('shade-none');
  expect([0, 0.1, 100, -100].map((change) => turnOf(change, 100))).toEqual([
    ...['turn-0', 'turn-more-1', 'turn-more-3', 'turn-less-3'],
  ]);
  expect(turnOf(NaN, 100)).toBe('shade-none');
});

test('settings are read from whatever a link holds', () => {
  const usual = readGraphSettings(undefined);
  expect(usual).toEqual({ module: '', metric: 'latency', paint: 'status', pins: [] });
  for (const hostile of [null, 3, 'x', [], { paint: 'red', pins: 'all', module: 7, metric: {} }]) {
    expect(readGraphSettings(hostile)).toEqual(usual);
  }
  const given = { module: 'a', metric: 'energy', paint: 'change', pins: [4, 4, -1, 1.5, 'x', 2] };
  expect(readGraphSettings(given)).toEqual({ ...given, pins: [4, 2] });
  expect(readGraphSettings(JSON.parse(JSON.stringify(withPin(usual, 5)))).pins).toEqual([5]);
  expect(withoutPin(withPin(usual, 5), 5)).toEqual(usual);
});

test('a label stands halfway along its line', () => {
  expect(pointOnLine([[0, 0], [10, 0], [10, 30]], 0.5)).toEqual([10, 10]); // prettier-ignore
  expect(pointOnLine([[3, 4]], 0.5)).toEqual([3, 4]);
  expect(pointOnLine([], 0.5)).toEqual([0, 0]);
});
