import { describe, expect, test } from 'vitest';
import type { DiffRow } from '../../src/compare/comparison.ts';
import { renderMarkdown } from '../../src/report/markdown.ts';
import { layer, modelReport, report, row, targetReport, total, totals } from './reports.ts';

const cost = (op: string, name: string, latencySeconds: number) => layer({ op, name: `${name}/${op}`, latencySeconds });

/** The lines of the comment on a model that takes 40 ms. */
function remarksOf(layers: readonly DiffRow[], head: number | null = 40e-3): readonly string[] {
  const figures = totals({ latencySeconds: total(40e-3, head) });
  const models = [modelReport({ targets: [targetReport({ layers, totals: figures })] })];
  const lines = renderMarkdown(report({ models })).replaceAll('\u00a0', ' ').split('\n');
  return lines.filter((line) => line.includes('Conversions between types'));
}

const quantize = cost('QuantizeLinear', 'a', 1e-3);
const dequantize = cost('DequantizeLinear', 'b', 2e-3);
const cast = cost('Cast', 'c', 1e-3);
const convolution = cost('Conv', 'd', 20e-3);

describe('layers that only convert between types', () => {
  test('are summed up in one remark, wherever they stand', () => {
    const layers = [row([], [quantize]), row([convolution], [convolution, dequantize]), row([], [cast])];
    expect(remarksOf(layers)).toEqual(['- Conversions between types: 3 layers, 4.00 ms, 10% of the latency']);
  });

  test('are counted beside those that were there', () => {
    const layers = [row([cast], [cast]), row([], [dequantize])];
    expect(remarksOf(layers)).toEqual([
      '- Conversions between types: 2 layers (1 before), 3.00 ms, 7.5% of the latency',
    ]);
  });

  test.each<[string, readonly DiffRow[]]>([
    ['no more of them than before', [row([cast], [quantize]), row([dequantize], [])]],
    ['next to no time', [row([], [cost('Cast', 'a', 0.3e-3)]), row([], [cost('Cast', 'b', 0.4e-3)])]],
    ['other layers', [row([], [convolution])]],
  ])('are no news: %s', (_, layers) => {
    expect(remarksOf(layers)).toEqual([]);
  });

  test('are told from two percent of the latency on', () => {
    expect(remarksOf([row([], [cost('Cast', 'a', 0.8e-3)])])).toHaveLength(1);
    expect(remarksOf([row([], [cost('Cast', 'a', 0.79e-3)])])).toHaveLength(0);
  });

  test('have no share of a latency that nobody knows', () => {
    expect(remarksOf([row([], [quantize])], null)).toEqual([]);
  });
});
