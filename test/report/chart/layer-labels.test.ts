import { expect, test } from 'vitest';
import { layerLabels } from '../../../src/report/chart/layer-labels.ts';
import { textPixels } from '../../../src/report/chart/font-widths.ts';
import { fontSize } from '../../../src/report/chart/theme.ts';

const named = (...names: readonly string[]) => names.map((name) => ({ name, rows: [] }));
const pixels = (letters: number) => letters * textPixels('e', fontSize.text);

test('names keep what tells most, and all are shortened alike', () => {
  const names = named('/encoder/layer.3/attention/self/query/MatMul', '/encoder/layer.4/attention/self/query/MatMul');
  expect(layerLabels(names, pixels(27))).toEqual(['…/layer.3/…/self/query/MatMul', '…/layer.4/…/self/query/MatMul']);
});

test('names that would look the same so are shortened in another way', () => {
  const names = ['intermediate', 'output', 'attention/output'].map((part) => `/encoder/layer.12/${part}/dense/MatMul`);
  const labels = layerLabels(named(...names), pixels(24));
  expect(new Set(labels).size).toBe(3);
  labels.forEach((label, index) => {
    expect(names[index]!.endsWith(label.replace('…', ''))).toBe(true);
    expect(textPixels(label, fontSize.text)).toBeLessThanOrEqual(pixels(24));
  });
});
