/** What a review says where a part of the pair was not measured. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { additiveMetrics } from '../../src/compare/comparison.ts';
import { renderMarkdown } from '../../src/report/markdown.ts';
import { renderText } from '../../src/report/text.ts';
import type { ReviewedSide } from '../../src/review.ts';
import { fileSide, reviewPairs } from './input.ts';

const residual = 'cnn-residual.onnx';
const bytes = readFileSync(join(import.meta.dirname, '../../fixtures/models', residual));
/** Its operator `Clip` is called as none is. */
const withUnknownOperator = fileSide(
  Uint8Array.from(Buffer.from(bytes.toString('latin1').replaceAll('Clip', 'Clop'), 'latin1')),
);
const unbound = 'transformer-block.onnx';
const closed = (size: number): ReviewedSide => fileSide(new TextEncoder().encode('GGUF'.padEnd(size, '\u0003')));

describe('rows add up to every total that has a change', () => {
  test.each<[string, string | ReviewedSide | null, string | ReviewedSide | null]>([
    ['a head without a value for a dimension', residual, unbound],
    ['a base without a value for a dimension', unbound, residual],
    ['neither with a value', unbound, unbound],
    ['a removed one without a value', unbound, null],
    ['an added one without a value', null, unbound],
    ['a format that cannot be parsed, grown', closed(100), closed(140)],
    ['a format that cannot be parsed, new', null, closed(140)],
    ['a base that is known by its size alone', { error: 'not to be had', fileBytes: 5 }, residual],
    ['a base that is not known at all', { error: 'not to be had' }, residual],
  ])('%s', (_, base, head) => {
    const { totals, layers } = reviewPairs([{ base, head }]).models[0]!.targets[0]!;
    for (const metric of additiveMetrics) {
      const { delta } = totals[metric];
      if (delta === null) continue;
      expect(layers.reduce((sum, row) => sum + row.delta[metric], 0)).toBeCloseTo(delta, 9);
    }
  });
});

test('what was removed passes, whether it could be read or not', () => {
  const report = reviewPairs([{ base: unbound, head: null }]);
  expect(report).toMatchObject({ verdict: 'pass', models: [{ status: 'removed', verdict: 'pass' }] });
  expect(report.models[0]!.errors).toHaveLength(1);
});

describe('unknown operators', () => {
  test('of the head are told with the share of the nodes that is covered', () => {
    const markdown = renderMarkdown(reviewPairs([{ base: residual, head: withUnknownOperator }]));
    expect(markdown).toMatch(/Unknown operators, whose cost is missing: `Clop` ×\d+ \(coverage \d+% of the nodes\)/);
  });

  test('of the base are a warning, since the change looks larger than it is', () => {
    const report = reviewPairs([{ base: withUnknownOperator, head: residual }]);
    const words = /base: unknown operators, whose cost is missing: `Clop` ×\d+/;
    expect(report.models[0]!.warnings).toEqual([expect.stringMatching(words)]);
    expect(renderMarkdown(report)).toMatch(words);
    expect(renderText(report)).toContain('base: unknown operators');
  });

  test('of both are told once', () => {
    const report = reviewPairs([{ base: withUnknownOperator, head: withUnknownOperator }]);
    expect(report.models[0]!.warnings).toEqual([]);
  });
});

test('a base that could not be read is not said to be empty', () => {
  const report = reviewPairs([{ base: { error: 'not to be had' }, head: residual }]);
  for (const text of [renderMarkdown(report), renderText(report)]) {
    expect(text).toContain('not measured');
    expect(text).not.toContain('come from');
    expect(text).not.toContain('added');
  }
});
