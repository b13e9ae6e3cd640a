import { expect, test } from 'vitest';
import { mersenneTwister } from '../../../src/schedule/npu/mersenne-twister.ts';
import { encodedBytes } from '../../../src/schedule/npu/weights/encoded-size.ts';
import type { WeightOrder, WeightVolume } from '../../../src/schedule/npu/weights/order.ts';
import { walkWeights } from '../../../src/schedule/npu/weights/order.ts';

const order: WeightOrder = {
  ...{ traversal: 'depth-first', activationBits: 8, blockDepth: 16, outputMicroDepth: 8, inputMicroDepth: 8 },
  ...{ cores: 1, dilationY: 1, dilationX: 1 },
};

function volume(outputs: number, inputs: number, value: (index: number) => number): WeightVolume {
  return {
    ...{ outputs, inputs, height: 1, width: 1, strides: { output: inputs, y: 0, x: 0, input: 1 } },
    values: Int16Array.from({ length: outputs * inputs }, (_, index) => value(index)),
  };
}

const whole = ({ outputs }: WeightVolume) => ({ from: 0, to: outputs, core: 0 });

function walked(weights: WeightVolume, changed: Partial<WeightOrder> = {}): number[] {
  const seen: number[] = [];
  walkWeights(weights, { ...order, ...changed }, whole(weights), (weight) => seen.push(weight));
  return seen;
}

test('micro-blocks that are not full hold zeros', () => {
  const weights = volume(3, 5, () => 1);
  const seen = walked(weights);
  expect(seen.length % 64).toBe(0);
  expect(seen.filter((weight) => weight !== 0)).toHaveLength(15);
});

test('output channels are read together, a micro-block of input channels at a time', () => {
  // Weight = 10 · output + input.
  const weights = volume(8, 8, (index) => 10 * Math.floor(index / 8) + (index % 8));
  expect(walked(weights).slice(0, 10)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 10, 11]);
});

test('every second output channel belongs to the second core', () => {
  const weights = volume(4, 8, (index) => 1 + Math.floor(index / 8));
  const seen: number[] = [];
  walkWeights(weights, { ...order, cores: 2 }, { from: 0, to: 4, core: 1 }, (weight) => seen.push(weight));
  expect([...new Set(seen)].sort()).toEqual([0, 2, 4]);
});

test('noise does not shrink, equal weights do, runs of zeros all the more', () => {
  const next = mersenneTwister();
  const bytesOf = (value: (index: number) => number) => {
    const weights = volume(64, 256, value);
    return encodedBytes(weights, order, whole(weights));
  };
  const noise = bytesOf(() => (next() % 255) - 127);
  const narrow = bytesOf(() => (next() % 15) - 7);
  const sparse = bytesOf(() => (next() % 8 === 0 ? (next() % 255) - 127 : 0));
  const plain = 64 * 256;
  expect(noise / plain).toBeGreaterThan(1);
  expect(noise / plain).toBeLessThan(1.02);
  // 15 values are close to 3.9 bits each.
  expect(narrow / plain).toBeGreaterThan(Math.log2(15) / 8);
  expect(narrow / plain).toBeLessThan(0.52);
  // A bit for each zero run's step and eight for each of the others, at the most.
  expect(sparse / plain).toBeLessThan(0.25);
  expect(bytesOf(() => 3) / plain).toBeLessThan(0.15);
  expect(noise % 16).toBe(0);
});
