// Edges of real reviews: what a row reads, on which side, in which shape and type.
import { describe, expect, test } from 'vitest';
import type { PageEdge, PageView } from '../../../src/report/html/document.ts';
import type { TargetReport } from '../../../src/report/report.ts';
import { reviewedPage } from './pages.ts';

const detectors = { base: 'detector-nearest.onnx', head: 'detector-cubic.onnx' };

function viewOf(base: string | null, head: string | null, target: string): { target: TargetReport; view: PageView } {
  const { report } = reviewedPage([{ base, head }], [target]).report;
  const { views } = reviewedPage([{ base, head }], [target]).report;
  return { target: report.models[0]!.targets[0]!, view: views[0]![0]! };
}

describe('a residual network', () => {
  const { target, view } = viewOf('cnn-residual.onnx', 'cnn-residual.onnx', 'rpi4-xnnpack');
  const nameOf = (row: number) => target.layers[row]!.name;

  test('both sides have every edge, between two rows, once', () => {
    expect(view.edges.length).toBeGreaterThan(10);
    expect(view.edges.map(({ side }) => side)).toEqual(view.edges.map(() => 'both'));
    const keys = view.edges.map(({ from, to, tensor }) => `${from} ${to} ${tensor}`);
    expect(new Set(keys).size).toBe(keys.length);
    for (const { from, to } of view.edges) expect(from).toBeLessThan(to);
  });

  test('every row but the first reads another one', () => {
    const rows = target.layers.flatMap(({ head }, row) => (head.some(({ nodes }) => nodes.length > 0) ? [row] : []));
    const reading = new Set(view.edges.map(({ to }) => to));
    expect(rows.filter((row) => !reading.has(row))).toEqual([0]);
  });

  test('a sum reads two rows', () => {
    const sums = target.layers.flatMap(({ head }, row) => (head[0]?.op === 'Add' ? [row] : []));
    for (const row of sums) {
      expect(
        view.edges.filter(({ to }) => to === row),
        nameOf(row),
      ).toHaveLength(2);
    }
  });

  test('bytes are those of the shape in its type', () => {
    const sizes: Readonly<Record<string, number>> = { float32: 4, int8: 1 };
    for (const { shape, dtype, bytes } of view.edges) {
      expect(shape!.reduce((count, size) => count * size, sizes[dtype!]!)).toBe(bytes);
    }
  });
});

test('an assumed type is the type of the edges', () => {
  const { view } = viewOf('cnn-residual.onnx', 'cnn-residual.onnx', 'ethos-u55-256');
  expect(new Set(view.edges.map(({ dtype }) => dtype))).toEqual(new Set(['int8']));
});

describe('a change', () => {
  test('tells which side an edge is of', () => {
    const { target, view } = viewOf('cnn-qdq.onnx', 'cnn-qdq-lost.onnx', 'ethos-u55-256');
    const isThere = { both: [true, true], base: [true, false], head: [false, true] };
    const has = ({ from, to }: PageEdge, side: 'base' | 'head') =>
      target.layers[from]![side].length > 0 && target.layers[to]![side].length > 0;
    for (const edge of view.edges) {
      const [base, head] = isThere[edge.side];
      if (base === true) expect(has(edge, 'base')).toBe(true);
      if (head === true) expect(has(edge, 'head')).toBe(true);
    }
  });

  test('renamed tensors are the same tensors', () => {
    const { view } = viewOf('cnn-residual.onnx', 'cnn-residual-renamed.onnx', 'rpi4-xnnpack');
    expect(new Set(view.edges.map(({ side }) => side))).toEqual(new Set(['both']));
  });

  test.each([
    ['added', null, 'cnn-residual.onnx', 'head'],
    ['removed', 'cnn-residual.onnx', null, 'base'],
  ])('%s: all edges are of the one side', (_, base, head, side) => {
    const { view } = viewOf(base, head, 'rpi4-xnnpack');
    expect(new Set(view.edges.map((edge) => edge.side))).toEqual(new Set([side]));
  });

  test('what falls back to the CPU keeps its neighbours', () => {
    const { target, view } = viewOf(detectors.base, detectors.head, 'ethos-u55-256');
    const fallen = target.layers.findIndex(({ changes }) => changes.includes('falls back to the CPU'));
    const touching = view.edges.filter(({ from, to }) => from === fallen || to === fallen);
    expect(touching.map(({ side }) => side)).toEqual(['both', 'both']);
  });
});
