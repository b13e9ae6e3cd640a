import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fittingPath, fittingStretches } from '../../src/report/path-parts.ts';

const within = (longest: number) => (text: string) => text.length <= longest;

test.each([
  ['/encoder/layer.12/attention/self/query/MatMul', 60, '/encoder/layer.12/attention/self/query/MatMul'],
  ['/encoder/layer.12/attention/self/query/MatMul', 36, '…/layer.12/…/self/query/MatMul'],
  ['/encoder/layer.12/attention/self/query/MatMul', 27, '…/layer.12/…/query/MatMul'],
  ['/encoder/layer.12/attention/self/query/MatMul', 16, '…/query/MatMul'],
  // What `block.0` says is in the part behind it.
  ['/features/features.4/block/block.0/block.0.0/Conv', 30, '…/features.4/…/block.0.0/Conv'],
  ['layers.2/blocks.3/attn/qkv/MatMul', 31, 'layers.2/blocks.3/…/qkv/MatMul'],
  ['/encoder/layer.7/output/LayerNorm/LayerNormalization', 33, '…/layer.7/…/LayerNormalization'],
  ['/encoder/output/LayerNorm/LayerNormalization', 33, '…/LayerNorm/LayerNormalization'],
  ['/encoder/layer.7/output/LongName_of_a_part/LayerNormalization', 32, '…/layer.7/…/LayerNormalization'],
])('%s in %i letters', (name, longest, expected) => {
  expect(fittingPath(name, within(longest))).toBe(expected);
});

test('names that hardly fit part by part are for others to cut', () => {
  expect(fittingPath('/a_long_name_without_parts', within(10))).toBeUndefined();
  expect(fittingPath('/somewhere/in_a_long_part/Conv', within(8))).toBeUndefined();
  expect(fittingPath('/a'.repeat(300), within(50))).toBeUndefined();
});

test('all parts together are the name, and what is shown fits', () => {
  const part = fc.oneof(fc.constantFrom('/', '//', 'block.0', 'block.0.1', '…'), fc.string({ maxLength: 12 }));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), fc.nat(60), (parts, longest) => {
      const name = parts.join('/');
      const stretches = fittingStretches(name, within(longest));
      if (stretches === undefined) return;
      expect(stretches.map(({ text }) => text).join('')).toBe(name);
      expect(fittingPath(name, within(longest))!.length).toBeLessThanOrEqual(longest);
    }),
  );
});
