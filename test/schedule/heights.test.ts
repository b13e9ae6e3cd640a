import fc from 'fast-check';
import { expect, test } from 'vitest';
import { heights } from '../../src/schedule/heights.ts';

test('agrees with a plain array', () => {
  const places = 37;
  const stretch = fc
    .tuple(fc.nat(places - 1), fc.nat(places - 1))
    .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
  const steps = fc.array(fc.tuple(stretch, fc.nat(100)), { maxLength: 60 });
  fc.assert(
    fc.property(steps, (list) => {
      const tree = heights(places);
      const plain = new Array<number>(places).fill(0);
      for (const [[first, last], height] of list) {
        expect(tree.highest(first, last)).toBe(Math.max(...plain.slice(first, last + 1)));
        tree.raise(first, last, height);
        for (let i = first; i <= last; i++) plain[i] = Math.max(plain[i]!, height);
      }
    }),
  );
});
