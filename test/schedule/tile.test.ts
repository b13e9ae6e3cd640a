import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loopNest } from '../../src/operators/counting.ts';
import type { LoopNest } from '../../src/operators/work.ts';
import { tileNest } from '../../src/schedule/tile.ts';
import { filledBytes } from '../../src/schedule/bursts.ts';
import type { TilingCosts } from '../../src/schedule/nest-cuts.ts';

/** Every element one byte, every byte one second. */
const costs = (onChipBytes: number, more: Partial<TilingCosts> = {}): TilingCosts => ({
  inputBytesPerElement: 1,
  weightBytesPerElement: 1,
  outputBytesPerElement: 1,
  onChipBytes,
  secondsPerActivationByte: 1,
  secondsPerWeightByte: 1,
  burstBytes: 1,
  ...more,
});

describe('a convolution', () => {
  // 3x3, 16 -> 32 channels on 8 × 8 outputs: input 10 × 10 × 16 = 1600 B, weights 32 × 16 × 9 = 4608 B, output 2048 B.
  const nest = loopNest({ K: 32, C: 16, OY: 8, OX: 8, FY: 3, FX: 3 });

  test('that fits is one tile, each operand read once', () => {
    const tiling = tileNest(nest, costs(1600 + 4608 + 2048));
    expect(tiling).toMatchObject({ inputReads: 1, weightReads: 1 });
    expect(tiling.tile).toEqual({ OY: 8, OX: 8, K: 32, C: 16, steps: 1, onChipBytes: 8256 });
  });

  test('one byte less: filters are cut, the input stays', () => {
    // Half of the filters twice (2 × 2304 B) beside the whole input (1600 B) and half of the output (1024 B): 7232 B.
    const tiling = tileNest(nest, costs(8255));
    expect(tiling.tile).toEqual({ OY: 8, OX: 8, K: 16, C: 16, steps: 2, onChipBytes: 7232 });
    expect(tiling).toMatchObject({ inputReads: 1, weightReads: 1, inputTransfers: 1, weightTransfers: 2 });
  });

  test('with little memory the dearer operand is read less often', () => {
    // 1500 B. Dear input: with one filter at once (2 × 144 B) a tile of 4 × 4 outputs takes 2 × 6 × 6 × 16 + 16 B: 1456 B in
    // all. Two tiles in each direction read 12 rows or columns for 10: 1.44 times the input, 4 times the weights.
    const dearInput = tileNest(nest, costs(1500, { secondsPerActivationByte: 100 }));
    expect(dearInput.tile).toEqual({ OY: 4, OX: 4, K: 1, C: 16, steps: 4 * 32, onChipBytes: 1456 });
    expect(dearInput.inputReads).toBeCloseTo(1.44, 12);
    expect(dearInput.weightReads).toBe(4);
    // Cheap input: the sums of four whole output maps stay (4 × 64 × 4 B) while one input channel after the other passes
    // with its weights (2 × 100 + 2 × 36 B). The input passes for each of 8 parts of the filters, the weights once.
    const cheapInput = tileNest(nest, costs(1500, { secondsPerActivationByte: 0.01 }));
    expect(cheapInput.tile).toEqual({ OY: 8, OX: 8, K: 4, C: 1, steps: 8 * 16, onChipBytes: 1296 });
    expect(cheapInput).toMatchObject({ inputReads: 8, weightReads: 1 });
  });

  test('a matrix product is cut like a convolution with one column', () => {
    // 64 × 64 by 64 × 64: 4096 B each. With 8 KiB: all weights (4096), and R rows take 2 × 64 R + 64 R = 192 R: 21 rows,
    // evened out to 4 tiles of 16 rows: 4096 + 3072 = 7168 B. Each operand is read once.
    const tiling = tileNest(loopNest({ OY: 64, K: 64, C: 64 }), costs(8192));
    expect(tiling.tile).toEqual({ OY: 16, OX: 1, K: 64, C: 64, steps: 4, onChipBytes: 7168 });
    expect(tiling).toMatchObject({ inputReads: 1, weightReads: 1 });
  });

  test('sums over parts of the input channels stay on chip in 32 bits', () => {
    // One row of 1024 inputs by 1024 × 8 weights with 4 KiB. All of C: 1024 + 2 × ... weights 8192 B never fit; C in
    // halves of 512: 2 × 512 + 2 × 4096 > 4096; quarters of 256: 2 × 256 + 2 × 2048 + 8 × 4 = 4640 > 4096; eighths of 128:
    // 2 × 128 + 2 × 1024 + 32 = 2336 B.
    const tiling = tileNest(loopNest({ OY: 1, K: 8, C: 1024 }), costs(4096));
    expect(tiling.tile).toEqual({ OY: 1, OX: 1, K: 8, C: 128, steps: 8, onChipBytes: 2336 });
    expect(tiling).toMatchObject({ inputReads: 1, weightReads: 1 });
  });

  test('channels stay together where bursts are longer than a few of them', () => {
    // 64 maps of 32 × 32 from 34 × 34, a byte each, with 16 KiB. Bursts of one byte: 8 whole maps at a time (2 × 9248 B are
    // too many), each byte moved once but for no shared row. Bursts of 64 bytes: eight bytes of a run would be an eighth.
    const nest = loopNest({ G: 64, OY: 32, OX: 32, FY: 3, FX: 3 });
    const short = tileNest(nest, costs(16_384));
    expect(short.tile).toMatchObject({ OY: 32, OX: 32, K: 4 });
    expect(short).toMatchObject({ inputReads: 1, inputTransfers: 16 * 34 * 34, outputTransfers: 16 * 32 * 32 });
    const long = tileNest(nest, costs(16_384, { burstBytes: 64 }));
    expect(long.tile!.K).toBe(64);
    const { OY, OX } = long.tile!;
    expect(long.outputTransfers).toBe(Math.ceil(32 / OY) * Math.ceil(32 / OX) * (OX < 32 ? OY : 1));
    expect(long.inputReads).toBeLessThan(2);
  });

  test('a depthwise tile has the channels of its outputs: nothing is read twice but shared rows', () => {
    // 3x3 on 32 channels of 8 × 8: input 10 × 10 × 32 = 3200 B, weights 288 B, output 2048 B: 5536 B in all. 3000 B:
    // halves of 16 channels take 2 × 1600 B, too much; with 8 channels the whole image is 2 × 800 + 2 × 72 + 512 = 2256 B.
    const tiling = tileNest(loopNest({ G: 32, K: 1, C: 1, OY: 8, OX: 8, FY: 3, FX: 3 }), costs(3000));
    expect(tiling.tile).toEqual({ OY: 8, OX: 8, K: 8, C: 1, steps: 4, onChipBytes: 2256 });
    expect(tiling).toMatchObject({ inputReads: 1, weightReads: 1 });
  });

  test('fewer than eight channels at once only where eight do not fit', () => {
    // 7x7, 8 -> 8 channels, 1 × 1 output: 8 × 8 × 49 = 3136 B of weights. With 400 B: two buffers for one input channel
    // (98 B), for its weights of two output channels (196 B), and two sums of 4 B.
    const tiling = tileNest(loopNest({ K: 8, C: 8, FY: 7, FX: 7 }), costs(400));
    expect(tiling.tile).toMatchObject({ K: 2, C: 1, onChipBytes: 302, steps: 32 });
  });
});

test('recurrent weights that stay on chip are read once, others in every step', () => {
  const nest = loopNest({ K: 32, C: 32, sequentialSteps: 10 });
  expect(tileNest(nest, costs(2048)).weightReads).toBe(1);
  expect(tileNest(nest, costs(512)).weightReads).toBe(10);
});

describe('any nest', () => {
  const size = fc.integer({ min: 1, max: 70 });
  const filter = fc.integer({ min: 1, max: 4 });
  const nests = fc
    .record({
      B: filter,
      G: filter,
      K: size,
      C: size,
      OY: size,
      OX: size,
      FY: filter,
      FX: filter,
      strideY: filter,
      strideX: filter,
    })
    .map(loopNest);

  test('fits the memory, covers the nest, and reads every operand at least once', () => {
    fc.assert(
      fc.property(nests, fc.integer({ min: 600, max: 1 << 18 }), (nest, onChipBytes) => {
        const { tile, inputReads, weightReads } = tileNest(nest, costs(onChipBytes));
        const depthwise = nest.G > 1 && nest.C === 1;
        const [K, groups] = depthwise ? [nest.G * nest.K, 1] : [nest.K, nest.G];
        const covered =
          Math.ceil(nest.OY / tile!.OY) *
          Math.ceil(nest.OX / tile!.OX) *
          Math.ceil(K / tile!.K) *
          Math.ceil(nest.C / tile!.C);
        expect(tile!.onChipBytes).toBeLessThanOrEqual(onChipBytes);
        expect(tile!.steps).toBe(covered * groups * nest.B);
        expect(inputReads).toBeGreaterThanOrEqual(1);
        expect(weightReads).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  test('two rows that do not fit together are cut, or their columns are', () => {
    const nest = loopNest({ ...{ B: 1, G: 1, K: 3, C: 5, OY: 2, OX: 15 }, FY: 4, FX: 2, strideY: 3, strideX: 1 });
    expect(tileNest(nest, costs(600)).tile!.onChipBytes).toBeLessThanOrEqual(600);
  });

  test('reads no more with more memory', () => {
    fc.assert(
      fc.property(nests, fc.integer({ min: 600, max: 1 << 16 }), (nest, onChipBytes) => {
        const bytes = (memory: number) => {
          const { inputReads, weightReads } = tileNest(nest, costs(memory));
          const { B, G, K, C, OY, OX, FY, FX, strideY, strideX } = nest;
          const input = B * G * C * ((OY - 1) * strideY + FY) * ((OX - 1) * strideX + FX);
          return input * inputReads + G * K * C * FY * FX * weightReads;
        };
        expect(bytes(2 * onChipBytes)).toBeLessThanOrEqual(bytes(onChipBytes) * (1 + 1e-9));
      }),
    );
  });

  test('takes hardly more time with more memory, however long bursts are', () => {
    const burst = fc.constantFrom(4, 32, 64, 128);
    fc.assert(
      fc.property(nests, burst, fc.integer({ min: 600, max: 1 << 16 }), (nest, burstBytes, onChipBytes) => {
        const [less, more] = [onChipBytes, 2 * onChipBytes].map((memory) => bytesInBursts(nest, memory, burstBytes));
        // Runs count by their mean length: where tiles get larger, the mean may come to lie just above a burst.
        expect(more).toBeLessThanOrEqual(less! * 1.25);
      }),
    );
  });
});

function bytesInBursts(nest: LoopNest, onChipBytes: number, burst: number): number {
  const tiling = tileNest(nest, costs(onChipBytes, { burstBytes: burst }));
  const { B, G, K, C, OY, OX, FY, FX, strideY, strideX } = nest;
  const input = B * G * C * ((OY - 1) * strideY + FY) * ((OX - 1) * strideX + FX);
  const moved = (bytes: number, transfers: number) => filledBytes(bytes, transfers, burst);
  const outputs = moved(B * G * K * OY * OX, tiling.outputTransfers);
  return moved(input * tiling.inputReads, tiling.inputTransfers) + outputs + G * K * C * FY * FX * tiling.weightReads;
}
