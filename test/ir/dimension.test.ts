import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  add,
  ceilDivide,
  equal,
  floorDivide,
  maximum,
  minimum,
  multiply,
  print,
  symbol,
} from '../../src/ir/dimension.ts';
import type { Dimension } from '../../src/ir/dimension.ts';

const h = symbol('h');

describe('divisions', () => {
  test('in a row are one', () => {
    const halved = [1, 2, 3].reduce<Dimension>((size) => floorDivide(size, 2), h);
    expect(print(halved)).toBe('floor(h/8)');
    expect(equal(halved, floorDivide(h, 8))).toBe(true);
  });

  test('that round up in a row are one too', () => {
    // As convolutions of stride 2 with a pad of 1: floor((h-1)/2)+1 each.
    const halved = [1, 2, 3].reduce<Dimension>((size) => add(floorDivide(add(size, -1), 2), 1), h);
    expect(print(halved)).toBe('floor((h+7)/8)');
    expect(equal(halved, ceilDivide(h, 8))).toBe(true);
  });

  test('take out what divides', () => {
    expect(print(floorDivide(add(multiply(h, 4), 1), 2))).toBe('2*h');
    expect(print(floorDivide(add(multiply(h, 4), add(symbol('w'), 7)), 2))).toBe('floor((w+1)/2)+2*h+3');
    expect(print(floorDivide(add(h, 2), 2))).toBe('floor(h/2)+1');
  });
});

test('a bound is only taken into one that holds it as it is', () => {
  expect(print(minimum(maximum(h, 4), 4))).toBe('4');
  expect(print(minimum(add(maximum(h, 4), -1), 4))).toBe('min(4,max(4,h)-1)');
});

type Step = readonly [
  name: string,
  (size: Dimension, number: number) => Dimension,
  (size: number, number: number) => number,
];

const steps: readonly Step[] = [
  ['+', add, (size, number) => size + number],
  ['-', (size, number) => add(size, -number), (size, number) => size - number],
  ['×', multiply, (size, number) => size * number],
  ['/', floorDivide, (size, number) => Math.floor(size / number)],
  ['/ up', ceilDivide, (size, number) => Math.ceil(size / number)],
  ['max', maximum, Math.max],
  ['min', minimum, Math.min],
];

/** The printed form as JavaScript: it is made of numbers, `h`, `w`, + - * / and floor, max, min. */
function valueOf(text: string, numbers: { readonly h: number; readonly w: number }): number {
  expect(text).toMatch(/^(?:floor|max|min|[hw\d()+\-*/,])+$/);
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  const evaluate = new Function('h', 'w', 'floor', 'max', 'min', `return ${text}`) as (...values: unknown[]) => number;
  return evaluate(numbers.h, numbers.w, Math.floor, Math.max, Math.min);
}

test('what is printed has the value of what was computed', () => {
  const step = fc.tuple(fc.constantFrom(...steps), fc.integer({ min: 1, max: 9 }));
  const size = fc.integer({ min: 1, max: 300 });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 7 }), fc.boolean(), size, size, (chain, both, height, width) => {
      const start = both ? add(h, multiply(symbol('w'), 2)) : h;
      const symbolic = chain.reduce<Dimension>((left, [[, apply], number]) => apply(left, number), start);
      const expected = chain.reduce(
        (left, [[, , apply], number]) => apply(left, number),
        both ? height + 2 * width : height,
      );
      // max and min take every symbol to be at least 1 and every division at least 0: negative sizes are not held.
      fc.pre(chain.every((_, index) => partial(chain.slice(0, index + 1), both ? height + 2 * width : height) >= 0));
      expect(valueOf(print(symbolic), { h: height, w: width })).toBe(expected);
    }),
    { numRuns: 2000 },
  );
});

function partial(chain: readonly (readonly [Step, number])[], start: number): number {
  return chain.reduce((left, [[, , apply], number]) => apply(left, number), start);
}
