// Blocks and cycles against Arm's compiler: ethos-u-vela 5.2.0 with --enable-debug-db, tables perf_debug_main (blocks) and
// perf (npu_cycles). Rows without weight buffers, chained operations or cascades, feature maps in SRAM; layers of MobileNet,
// EfficientNet and of networks made for this comparison.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Port } from '../../../src/schedule/npu/architecture.ts';
import { chooseBlock } from '../../../src/schedule/npu/ethos-u85/block.ts';
import { cyclesOf, outputCyclesPerElement } from '../../../src/schedule/npu/ethos-u85/cycles.ts';
import { channelBytesPerCycle, transferBytes } from '../../../src/schedule/npu/ethos-u85/ports.ts';
import { accessCycles } from '../../../src/schedule/npu/ethos-u85/traffic.ts';
import type { U85WeightOrder } from '../../../src/schedule/npu/ethos-u85/weight-walk.ts';
import { walkU85Weights } from '../../../src/schedule/npu/ethos-u85/weight-walk.ts';
import type { FeatureMap, OutputStep, Work, WorkKind } from '../../../src/schedule/npu/ethos-u85/work.ts';
import { unitFilter } from '../../../src/schedule/npu/operation.ts';
import { parseTarget } from '../../../src/schedule/target-file.ts';
import type { U85Geometry } from '../../../src/schedule/target.ts';

const hardware = join(import.meta.dirname, '../../../hardware');

function geometryOf(macs: string): U85Geometry {
  const file = `ethos-u85-${macs}.yml`;
  const { geometry } = parseTarget(readFileSync(join(hardware, file), 'utf8'), file)[0]!.units[0]!;
  if (geometry.kind !== 'u85') throw new Error(`${file} is no Ethos-U85`);
  return geometry;
}

const geometries = new Map(['128', '256', '512', '1024', '2048'].map((macs) => [macs, geometryOf(macs)]));

/** SRAM and, where constants are read, the memory behind it, in cycles. */
const port = (memory: string, bytesPerCycle: number, burstBytes: number, latency: number): Port => ({
  ...{ memory, bytesPerCycle, burstBytes, readLatencyCycles: latency, writeLatencyCycles: latency },
  ...{ readsUnderWay: 16, writesUnderWay: 16 },
});
const systems: Readonly<Record<string, { readonly sram: Port; readonly constantLatency: number }>> = {
  SYS_Flash_Low: { sram: port('sram', 32, 64, 8), constantLatency: 32 },
  SYS_Flash_High: { sram: port('sram', 32, 64, 32), constantLatency: 64 },
  SYS_DRAM_Mid: { sram: port('sram', 32, 64, 32), constantLatency: 500 },
  SYS_DRAM_High: { sram: port('sram', 64, 64, 32), constantLatency: 500 },
};

const extentOf = (text: string) => {
  const [height = 0, width = 0, depth = 0] = text.split('x').map(Number);
  return { height, width, depth };
};

/** `rows x columns x channels / bits`, `b`: in bricks. */
function mapOf(text: string, sram: Port): FeatureMap {
  const [extent = '', storage = ''] = text.split('/');
  return { ...extentOf(extent), bits: Number.parseInt(storage, 10), bricks: storage.endsWith('b'), port: sram };
}

type Row = readonly [
  macs: string,
  system: string,
  kind: WorkKind,
  inputs: string,
  output: string,
  filter: string,
  outputBlock: string,
  inputBlock: string,
  cycles: number,
];

const rows: readonly Row[] = [
  ['128', 'SYS_Flash_Low', 'convolution', '1x1x128/8b', '1x1x640/8', '1x1/1', '1x2x512', '1x2x64', 6403],
  ['128', 'SYS_Flash_Low', 'depthwise', '7x7x672/8b', '4x4x672/8b', '5x5/2', '4x4x32', '11x11x32', 19193],
  ['128', 'SYS_Flash_Low', 'matmul', '1x128x128/8b 1x64x128/8b', '1x128x64/8', '1x1/1', '1x32x32', '1x32x64', 8912],
  ['128', 'SYS_Flash_Low', 'pool', '128x1x128/8b', '1x1x128/8', '128x1/1', '1x1x128', '8x1x128', 5296],
  ['128', 'SYS_Flash_Low', 'reduce-extreme', '23x23x128/8b', '1x23x128/8b', '23x1/1', '1x23x16', '8x24x16', 17642],
  ['128', 'SYS_Flash_Low', 'reduce-sum', '1x128x128/32', '1x128x1/32', '1x1/1', '1x32x16', '1x32x32', 4535],
  ['256', 'SYS_Flash_High', 'convolution', '1x1x128/8b', '1x1x640/8', '1x1/1', '1x4x512', '1x4x64', 6609],
  ['256', 'SYS_Flash_High', 'depthwise', '56x56x32/8b', '56x56x32/8b', '3x3/1', '18x14x16', '20x16x16', 38990],
  ['256', 'SYS_Flash_High', 'elementwise', '4x2x16/32b 4x2x16/32b', '4x2x16/32b', '1x1/1', '4x32x16', '4x32x16', 64],
  ['256', 'SYS_Flash_High', 'matmul', '1x128x128/8b 1x64x128/8b', '1x128x64/8', '1x1/1', '1x64x32', '1x64x64', 5056],
  ['256', 'SYS_Flash_High', 'reduce-extreme', '23x23x128/8b', '1x23x128/8b', '23x1/1', '1x24x32', '8x24x32', 9741],
  ['512', 'SYS_DRAM_Mid', 'convolution', '1x1x256/8b', '1x1x1001/8', '1x1/1', '2x2x1008', '2x2x64', 27807],
  ['512', 'SYS_DRAM_Mid', 'pool', '4x4x256/8b', '1x1x256/8b', '4x4/1', '2x2x256', '5x5x256', 1496],
  ['512', 'SYS_DRAM_Mid', 'reduce-sum', '1x1x1001/32', '1x1x1/32b', '1x1/1', '2x2x16', '2x2x32', 5268],
  [
    '1024',
    'SYS_DRAM_High',
    'elementwise',
    '56x56x32/8b 1x1x32/8b',
    '56x56x32/8b',
    '1x1/1',
    '56x32x16',
    '56x32x16',
    6272,
  ],
  ['1024', 'SYS_DRAM_High', 'matmul', '1x128x128/8b 1x64x128/8b', '1x128x64/8', '1x1/1', '1x128x64', '1x128x64', 2240],
  ['1024', 'SYS_DRAM_High', 'pool', '128x1x128/8b', '1x1x128/8', '128x1/1', '2x4x128', '9x4x128', 5212],
  ['2048', 'SYS_DRAM_High', 'convolution', '1x1x256/8b', '1x1x1001/8', '1x1/1', '2x2x1024', '2x2x64', 25590],
  ['2048', 'SYS_DRAM_High', 'pool', '4x4x256/8b', '1x1x256/8b', '4x4/1', '4x4x256', '8x8x256', 1414],
];

function workOf([, system, kind, inputs, output, filter]: Row): Work {
  const { sram } = systems[system]!;
  const [taps = '', stride = ''] = filter.split('/');
  const [height = 1, width = 1] = taps.split('x').map(Number);
  const maps = inputs.split(' ').map((text) => mapOf(text, sram));
  const written = mapOf(output, sram);
  const step: OutputStep = {
    ...{ kind: 'arithmetic', inputs: kind === 'elementwise' ? maps.length : 1 },
    ...{ inputBits: maps[0]!.bits, outputBits: written.bits },
  };
  const strides = { strideY: Number(stride), strideX: Number(stride) };
  return { kind, filter: { ...unitFilter, ...strides, height, width }, inputs: maps, output: written, steps: [step] };
}

test.each(rows)('%s MACs, %s: %s of %s to %s by %s', (...row) => {
  const [macs, system, kind, , , , outputBlock, inputBlock, cycles] = row;
  const geometry = geometries.get(macs)!;
  const work = workOf(row);
  const block = chooseBlock({ ...work, sparse: false }, geometry)!;
  expect(block.output).toEqual(extentOf(outputBlock));
  expect(block.input).toEqual(extentOf(inputBlock));
  const hasScales = kind === 'convolution' || kind === 'depthwise';
  const scaleLatencyCycles = hasScales ? systems[system]!.constantLatency : 0;
  const { total } = cyclesOf(work, block, { geometry, scaleLatencyCycles, first: true, last: true });
  expect(total).toBe(cycles);
});

describe('the output unit', () => {
  const geometry = geometries.get('256')!;
  const arithmetic = (inputs: number, inputBits: number, outputBits: number): OutputStep => ({
    ...{ kind: 'arithmetic', inputs, inputBits, outputBits },
  });
  const map = mapOf('8x8x16/8b', systems.SYS_DRAM_Mid!.sram);
  const rate = (...steps: OutputStep[]) =>
    outputCyclesPerElement({ kind: 'convolution', filter: unitFilter, inputs: [map], output: map, steps }, geometry);

  test('clamps while it writes', () => {
    expect(rate(arithmetic(1, 8, 8), { kind: 'activation', slow: false })).toBe(0.25);
  });

  test('takes chained operations one after the other', () => {
    // A convolution, and an addition of bytes behind it: 0.25 + 0.25.
    expect(rate(arithmetic(1, 8, 8), arithmetic(2, 8, 8))).toBe(0.5);
  });

  test('is slower with results of 32 bits that stay in a chaining buffer', () => {
    // 0.5 for the held result, 0.25 for what is written.
    expect(rate(arithmetic(1, 8, 32), arithmetic(1, 8, 8))).toBe(0.75);
  });

  test('divides in 33 cycles', () => {
    expect(rate({ kind: 'divide' })).toBe(33);
  });
});

describe('memories', () => {
  const geometry = geometries.get('256')!;
  const dram: Port = { ...port('dram', 12, 128, 500), readsUnderWay: 64 };

  test('give a reader what its transfers under way cover', () => {
    // 128 words are 16 bursts of 128 B; of the 2048 B that arrive every 500 cycles 80% are reached.
    expect(channelBytesPerCycle('weights', dram, geometry)).toBeCloseTo(3.2768, 10);
    // 16 words are 2 bursts.
    expect(channelBytesPerCycle('scales', dram, geometry)).toBeCloseTo(0.4096, 10);
  });

  test('move whole bursts for runs that are shorter', () => {
    // Pixels of 3 bytes: each fills 3 of 128.
    const image = { ...mapOf('8x8x3/8', dram), depth: 3 };
    expect(transferBytes(image, 192, { height: 8, width: 8, depth: 2 }, 'read')).toBe((192 * 128) / 2);
  });

  test('are as slow as their busiest channel', () => {
    const transfer = { role: 'weights', port: dram, channel: 'weights', bytes: 32768 } as const;
    // 32768 B at 12 B a cycle would be 2730 cycles.
    expect(accessCycles([transfer], geometry).get('dram')).toBe(10000);
  });
});

describe('weights', () => {
  const order: U85WeightOrder = {
    ...{ traversal: 'part-kernel', activationBits: 8, blockDepth: 16, outputMicroDepth: 8, inputMicroDepth: 16 },
    ...{ cores: 1, strideY: 1, strideX: 1, dilationY: 1, dilationX: 1, macs: 256, sparse: false },
  };
  const walk = (
    changes: object,
    volume: { readonly height: number; readonly inputs: number; readonly outputs: number },
  ) => {
    const { height, inputs, outputs } = volume;
    const values = new Int16Array(outputs * height * height * inputs).fill(1);
    const strides = { output: height * height * inputs, y: height * inputs, x: inputs, input: 1 };
    let [ones, all] = [0, 0];
    const range = { from: 0, to: outputs, core: 0 };
    walkU85Weights({ values, outputs, height, width: height, inputs, strides }, { ...order, ...changes }, range, {
      weight: (weight) => {
        all++;
        ones += weight;
      },
      zeros: (count) => {
        all += count;
      },
    });
    return { ones, all };
  };

  test('part-kernel: 9 taps are filled up to 10, 3 channels to 16, 12 outputs to 16', () => {
    expect(walk({}, { height: 3, inputs: 3, outputs: 12 })).toEqual({ ones: 9 * 3 * 12, all: 10 * 16 * 16 });
  });

  test('depth first: 40 channels are filled up to 64', () => {
    const deep = { traversal: 'depth-first', inputMicroDepth: 64 } as const;
    expect(walk(deep, { height: 1, inputs: 40, outputs: 8 })).toEqual({ ones: 40 * 8, all: 64 * 8 });
  });

  test('two streams share the output channels', () => {
    expect(walk({ cores: 2 }, { height: 3, inputs: 3, outputs: 16 }).ones).toBe((9 * 3 * 16) / 2);
  });
});
