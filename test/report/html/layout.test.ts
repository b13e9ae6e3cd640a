// Pictures of modules: nothing overlaps, every edge is drawn where it crosses, and the same graph is drawn the same.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Box, ModuleLayout, PageEdge, PageModule } from '../../../src/report/html/document.ts';
import { layoutsOf } from '../../../src/report/html/layout.ts';
import { moduleTree } from '../../../src/report/html/modules.ts';
import { rowScopes } from '../../../src/report/html/scopes.ts';
import { layer, row } from '../reports.ts';

function edgesOf(pairs: readonly (readonly [number, number])[]): readonly PageEdge[] {
  const what = { tensor: 't', shape: [1], dtype: 'float32', bytes: 4, side: 'both' } as const;
  return pairs.map(([from, to]) => ({ from, to, ...what }));
}

/** `count` rows in one module. */
function flat(count: number): PageModule {
  return { kind: 'module', id: '', title: '', children: Array.from({ length: count }, (_, index) => index) };
}

function overlapping(boxes: readonly Box[]): boolean {
  const inOrder = boxes.toSorted((a, b) => a.y - b.y || a.x - b.x);
  return inOrder.some((one, index) =>
    inOrder
      .slice(index + 1)
      .some((other) => other.y < one.y + one.height && other.x < one.x + one.width && one.x < other.x + other.width),
  );
}

function outside({ width, height, boxes, wires }: ModuleLayout): boolean {
  const isOut = (x: number, y: number): boolean => x < 0 || y < 0 || x > width || y > height;
  return (
    boxes.some((box) => isOut(box.x, box.y) || isOut(box.x + box.width, box.y + box.height)) ||
    wires.some(({ points }) => points.some(([x, y]) => isOut(x, y)))
  );
}

const isOnBorder = ([x, y]: readonly [number, number], box: Box): boolean =>
  x >= box.x - 0.1 && x <= box.x + box.width + 0.1 && y >= box.y - 0.1 && y <= box.y + box.height + 0.1;

describe('a level', () => {
  const links = (count: number) =>
    fc.array(
      fc.tuple(fc.nat(count - 1), fc.nat(count - 1)).filter(([from, to]) => from !== to),
      { maxLength: 2 * count },
    );
  const level = fc
    .integer({ min: 1, max: 40 })
    .chain((count) => fc.tuple(fc.constant(count), count === 1 ? fc.constant([]) : links(count)));

  test('of any graph: boxes apart and inside, lines from box to box', () => {
    fc.assert(
      fc.property(level, ([count, pairs]) => {
        const layout = layoutsOf(flat(count), edgesOf(pairs)).get('')!;
        expect(layout.boxes).toHaveLength(count);
        expect(overlapping(layout.boxes)).toBe(false);
        expect(outside(layout)).toBe(false);
        for (const { from, to, points } of layout.wires) {
          expect(isOnBorder(points[0]!, layout.boxes[from]!)).toBe(true);
          expect(isOnBorder(points.at(-1)!, layout.boxes[to]!)).toBe(true);
        }
        expect(layout.wires.flatMap(({ edges }) => edges).toSorted((a, b) => a - b)).toEqual([...pairs.keys()]);
      }),
      { numRuns: 60 },
    );
  });

  test('a line around the boxes is inside the picture', () => {
    const pairs = [[0, 2], [1, 0], [0, 3], [0, 1], [3, 0], [2, 3], [3, 2]] as const; // prettier-ignore
    const layout = layoutsOf(flat(5), edgesOf(pairs)).get('')!;
    const across = layout.wires.flatMap(({ points }) => points.map(([x]) => x));
    expect(Math.min(...across)).toBeLessThan(Math.min(...layout.boxes.map(({ x }) => x)));
    expect(outside(layout)).toBe(false);
    expect(overlapping(layout.boxes)).toBe(false);
  });

  test('too large for dagre, or with too many long lines', () => {
    const chain = Array.from({ length: 999 }, (_, index) => [index, index + 1] as const);
    const dense = Array.from({ length: 100 }, (_, from) =>
      Array.from({ length: from }, (_, to) => [to, from] as const),
    ).flat();
    const wide = Array.from({ length: 500 }, (_, index) => [0, index + 1] as const);
    for (const [count, pairs] of [
      [1000, chain],
      [100, dense],
      [501, wide],
    ] as const) {
      const layout = layoutsOf(flat(count), edgesOf(pairs)).get('')!;
      expect(overlapping(layout.boxes)).toBe(false);
      expect(outside(layout)).toBe(false);
      expect(layout.wires).toHaveLength(pairs.length);
    }
  });

  test('what is read lies above what reads it', () => {
    const layout = layoutsOf(
      flat(4),
      edgesOf([
        [0, 1],
        [0, 2],
        [1, 3],
        [2, 3],
      ]),
    ).get('')!;
    const [top, left, right, bottom] = layout.boxes;
    expect(left!.y).toBe(right!.y);
    expect(top!.y).toBeLessThan(left!.y);
    expect(left!.y).toBeLessThan(bottom!.y);
  });
});

test('an edge is a line in the module that holds both ends, and crosses the borders of those inside', () => {
  const inner: PageModule = { kind: 'module', id: 'a', title: 'a', children: [0, 1] };
  const other: PageModule = { kind: 'module', id: 'b', title: 'b', children: [2, 3] };
  const root: PageModule = { kind: 'module', id: '', title: '', children: [inner, other, 4] };
  const layouts = layoutsOf(
    root,
    edgesOf([
      [0, 1],
      [1, 2],
      [1, 3],
      [3, 4],
    ]),
  );
  const wiresOf = (id: string) => layouts.get(id)!.wires.map(({ from, to, edges }) => [from, to, edges]);
  expect(wiresOf('')).toEqual([
    [0, 1, [1, 2]],
    [1, 2, [3]],
  ]);
  expect(wiresOf('a')).toEqual([
    [0, 1, [0]],
    [1, -1, [1, 2]],
  ]);
  expect(wiresOf('b')).toEqual([
    [-1, 0, [1]],
    [-1, 1, [2]],
    [1, -1, [3]],
  ]);
  for (const layout of layouts.values()) expect(outside(layout)).toBe(false);
});

describe('20,000 rows', () => {
  const names = Array.from(
    { length: 20_000 },
    (_, index) => `net/block.${Math.floor(index / 24)}/${index % 24 < 8 ? 'a' : 'b'}/n${index % 24}`,
  );
  const rows = names.map((name) => {
    const same = layer({ name, op: name.slice(-2) });
    return row([same], [same]);
  });
  const edges = edgesOf(
    names.flatMap((_, index) => [
      ...(index === 0 ? [] : [[index - 1, index] as const]),
      ...(index >= 24 && index % 24 === 0 ? [[index - 24, index] as const] : []),
    ]),
  );
  const draw = () => {
    const modules = moduleTree(rows, rowScopes(rows, { base: null, head: null }));
    return { modules, layouts: layoutsOf(modules, edges) };
  };

  test('are drawn, and drawn the same again', () => {
    const { modules, layouts } = draw();
    expect(modules.children[0]).toMatchObject({ kind: 'repeat', title: 'block.0…832 ×833' });
    // Two modules in each block, the blocks, their repeat, the last block and its module, and the whole.
    expect(layouts.size).toBeGreaterThan(2 * 833);
    expect([...layouts.values()].some(({ boxes }) => overlapping(boxes))).toBe(false);
    expect(draw()).toEqual({ modules, layouts });
  });
});
