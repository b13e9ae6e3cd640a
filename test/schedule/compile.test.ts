import { describe, expect, test } from 'vitest';
import { InvariantError } from '../../src/errors.ts';
import { compile } from '../../src/schedule/compile.ts';
import type { Arena, Kernel } from '../../src/schedule/schedule.ts';
import type { Target } from '../../src/schedule/target.ts';
import type { ModelGiven, Tensor } from './models.ts';
import { modelOf, node, prepared } from './models.ts';
import { prepare } from '../../src/passes/index.ts';
import { toyCpu, toyNpu } from './toy-targets.ts';

const image: Tensor = ['float32', 1, 8, 16, 16];

/** A residual block: 8 channels of 16 × 16, which is 2048 B in int8 and 8192 B in float32. */
const block: ModelGiven = {
  inputs: { x: image },
  constants: { w1: ['float32', 8, 8, 3, 3], b1: ['float32', 8], w2: ['float32', 8, 8, 1, 1] },
  nodes: [
    node('Conv', ['x', 'w1', 'b1'], 'a', { pads: [1, 1, 1, 1] }),
    node('Relu', ['a'], 'r'),
    node('Conv', ['r', 'w2'], 'c'),
    node('Add', ['c', 'r'], 'y'),
  ],
  outputs: ['y'],
  overheadBytes: 123,
};

const streams = (kernel: Kernel | undefined) =>
  kernel?.streams.map(({ memory, role, readBytes, writeBytes }) => [memory, role, readBytes, writeBytes]);

function placements(arena: Arena | undefined) {
  return arena?.placements.map(({ tensor, address, bytes, firstKernel, lastKernel }) => [
    tensor,
    address,
    bytes,
    firstKernel,
    lastKernel,
  ]);
}

describe('on the toy CPU', () => {
  const { kernels, arenas, sizes } = compile(prepared(block), toyCpu);

  test('kernels', () => {
    expect(kernels.map(({ fused, nodes, algorithm, type }) => [fused.join(' + '), nodes, algorithm, type])).toEqual([
      ['Conv + Relu', ['a', 'r'], 'im2col-gemm', 'float32'],
      ['Conv', ['c'], 'gemm', 'float32'],
      ['Add', ['y'], 'elementwise', 'float32'],
    ]);
  });

  test('work', () => {
    // 3x3: 256 positions × 8 × 8 × 9; 1x1: 256 × 8 × 8. Bias and Relu: two additions for each of 2048 outputs.
    expect(kernels.map(({ macs, vector }) => [macs, vector])).toEqual([
      [147456, [{ operation: 'add', elements: 4096 }]],
      [16384, []],
      [0, [{ operation: 'add', elements: 2048 }]],
    ]);
  });

  test('tiles: everything fits the cache of 64 KiB', () => {
    // 18 × 18 × 8 inputs, 576 weights and 2048 outputs of 4 B.
    expect(kernels[0]?.tile).toEqual({ OY: 16, OX: 16, K: 8, C: 8, steps: 1, onChipBytes: 4 * (2592 + 576 + 2048) });
    expect(kernels[2]?.tile).toBeNull();
  });

  test('streams: every operand once', () => {
    expect(kernels.map(streams)).toEqual([
      [
        ['dram', 'input', 8192, 0],
        ['dram', 'weights', 576 * 4 + 8 * 4, 0],
        ['dram', 'output', 0, 8192],
      ],
      [
        ['dram', 'input', 8192, 0],
        ['dram', 'weights', 256, 0],
        ['dram', 'output', 0, 8192],
      ],
      [
        ['dram', 'input', 16384, 0],
        ['dram', 'output', 0, 8192],
      ],
    ]);
  });

  test('addresses: weights at the bottom, then the activations', () => {
    // Weights: 2304 at 0, 32 at 2304, 256 at 2336 (a multiple of 16), which end at 2592. Behind, the largest first, all of
    // 8192 B: x (kernel 0) at 0; r (0–2) above x; c (1–2) where x was; y (2) above both.
    expect(placements(arenas[0])).toEqual([
      ['w1', 0, 2304, 0, 2],
      ['b1', 2304, 32, 0, 2],
      ['w2', 2336, 256, 0, 2],
      ['x', 2592, 8192, 0, 0],
      ['c', 2592, 8192, 1, 2],
      ['r', 2592 + 8192, 8192, 0, 2],
      ['y', 2592 + 16384, 8192, 2, 2],
    ]);
    expect(arenas).toMatchObject([
      { memory: 'dram', peakBytes: 2592 + 24576, lowerBoundBytes: 2592 + 24576, peakKernel: 2 },
    ]);
    expect(arenas[0]?.liveBytes).toEqual([2592 + 16384, 2592 + 16384, 2592 + 24576]);
  });

  test('sizes add up to the file', () => {
    expect(kernels.map(({ parameters, weightsBytes, fileBytes }) => [parameters, weightsBytes, fileBytes])).toEqual([
      [584, 2336, 2336],
      [64, 256, 256],
      [0, 0, 0],
    ]);
    expect(sizes).toEqual({
      fileBytes: 2592 + 123,
      downloadBytes: null,
      weightsBytes: 2592,
      parameters: 648,
      macs: 163840,
      overheadBytes: 123,
    });
  });
});

describe('on the toy NPU', () => {
  test('activations and weights lie in their own memories; what overflows is told', () => {
    const { arenas, kernels } = compile(prepared(block), toyNpu);
    // In int8: x, r, c and y of 2048 B each; three are alive at the Add, and the SRAM has 4096 B.
    expect(
      arenas.map(({ memory, peakBytes, lowerBoundBytes, capacityBytes }) => [
        memory,
        peakBytes,
        lowerBoundBytes,
        capacityBytes,
      ]),
    ).toEqual([
      ['sram', 6144, 6144, 4096],
      ['flash', 576 + 32 + 64, 672, 1048576],
    ]);
    expect(kernels.every(({ assumed, type }) => assumed && type === 'int8')).toBe(true);
  });

  test('tiles fit the buffer of 1 KiB', () => {
    const { kernels } = compile(prepared(block), toyNpu);
    // 3x3: all weights (576 B) leave 448 B: a row takes 2 × 3 × 18 × 8 = 864 B, half a row of 8 outputs 2 × 3 × 10 × 8 = 480 B,
    // a quarter 2 × 3 × 6 × 8 + 4 × 8 = 320 B, and one more row 2 × 6 × 8 + 32 = 128 B: 1024 B with two rows. 8 × 4 tiles.
    expect(kernels[0]?.tile).toEqual({ OY: 2, OX: 4, K: 8, C: 8, steps: 32, onChipBytes: 1024 });
    // Rows: 8 tiles of 4 for 18; columns: 4 tiles of 6 for 18: 32/18 × 24/18 of the 2048 B.
    expect(streams(kernels[0])?.[0]).toEqual(['sram', 'input', Math.round(2048 * (32 / 18) * (24 / 18)), 0]);
  });

  test('what overflows is spilled where there is a place for it', () => {
    const target: Target = { ...toyNpu, plan: { ...toyNpu.plan, spill: 'flash' } };
    const { arenas, kernels } = compile(prepared(block), target);
    // Largest first, then by first use: x at 0, r at 2048, c at 0; y would end at 6144.
    expect(placements(arenas.find(({ memory }) => memory === 'sram'))).toEqual([
      ['x', 0, 2048, 0, 0],
      ['c', 0, 2048, 1, 2],
      ['r', 2048, 2048, 0, 2],
    ]);
    expect(placements(arenas.find(({ memory }) => memory === 'flash'))?.at(-1)).toEqual(['y', 672, 2048, 2, 2]);
    expect(kernels[2]?.outputs).toEqual([{ tensor: 'y', buffer: 'y', bytes: 2048, memory: 'flash' }]);
    expect(streams(kernels[2])).toContainEqual(['flash', 'output', 0, 2048]);
  });

  test('feature maps in bricks take whole ones', () => {
    // 8 of 16 channels: r, c take 4096 B, x and y are the model's own.
    const target: Target = { ...toyNpu, plan: { ...toyNpu.plan, brickChannels: 16 } };
    const { arenas } = compile(prepared(block), target);
    expect(arenas[0]?.liveBytes).toEqual([2048 + 4096, 4096 + 4096, 4096 + 4096 + 2048]);
  });

  test('an element-wise result is written over an operand that nobody needs later', () => {
    const target: Target = { ...toyNpu, plan: { ...toyNpu.plan, inPlaceElementwise: true } };
    const { arenas, kernels } = compile(prepared(block), target);
    expect(arenas[0]?.peakBytes).toBe(4096);
    // c and r both end here; c comes first.
    expect(kernels[2]?.outputs).toEqual([{ tensor: 'y', buffer: 'c', bytes: 2048, memory: 'sram' }]);
  });

  test('weights that stay on chip are read there', () => {
    // 600 B: the first 576, then 24 of the 32 B of biases.
    const target: Target = {
      ...toyNpu,
      plan: { ...toyNpu.plan, residentWeights: { memory: 'buffer', usableBytes: 600 } },
    };
    const { arenas, kernels } = compile(prepared(block), target);
    expect(streams(kernels[0])).toContainEqual(['buffer', 'weights', 600, 0]);
    expect(streams(kernels[0])).toContainEqual(['flash', 'weights', 8, 0]);
    expect(streams(kernels[1])?.filter(([memory]) => memory === 'buffer')).toEqual([]);
    expect(arenas.find(({ memory }) => memory === 'buffer')?.peakBytes).toBe(600);
  });
});

test('weights that two kernels share are counted once and read twice', () => {
  const given: ModelGiven = {
    inputs: { x: ['float32', 4, 8] },
    constants: { w: ['float32', 8, 8] },
    nodes: [node('MatMul', ['x', 'w'], 'a'), node('MatMul', ['a', 'w'], 'y')],
    outputs: ['y'],
  };
  const { kernels, sizes, arenas } = compile(prepared(given), toyCpu);
  expect(kernels.map(({ parameters, fileBytes }) => [parameters, fileBytes])).toEqual([
    [64, 256],
    [0, 0],
  ]);
  expect(kernels.map((kernel) => streams(kernel)?.find(([, role]) => role === 'weights')?.[2])).toEqual([256, 256]);
  expect(sizes).toMatchObject({ parameters: 64, weightsBytes: 256, overheadBytes: 0 });
  expect(arenas[0]?.placements.filter(({ tensor }) => tensor === 'w')).toHaveLength(1);
});

test('a gather reads the rows that it writes, not the table', () => {
  const given: ModelGiven = {
    inputs: { ids: ['int64', 1, 4] },
    constants: { table: ['float32', 1000, 8] },
    nodes: [node('Gather', ['table', 'ids'], 'y')],
    outputs: ['y'],
  };
  const [kernel] = compile(prepared(given), toyCpu).kernels;
  // 4 rows of 8 floats.
  expect(streams(kernel)?.find(([, role]) => role === 'weights')).toEqual(['dram', 'weights', 128, 0]);
  expect(kernel?.parameters).toBe(8000);
});

test('what a loop reads from outside stays until the loop has ended', () => {
  const given = prepared({
    inputs: { x: ['float32', 4] },
    nodes: [node('Exp', ['x'], 'a'), node('Neg', ['a'], 'b'), node('Abs', ['b'], 'c'), node('Exp', ['c'], 'y')],
    outputs: ['y'],
  });
  const nodes = given.graph.nodes.map((one) => (['b', 'c'].includes(one.id) ? { ...one, repetitions: 10 } : one));
  const { kernels, arenas } = compile({ ...given, graph: { ...given.graph, nodes } }, toyCpu);
  const a = arenas[0]?.placements.find(({ tensor }) => tensor === 'a');
  // `a` is read by kernel 1 in each of the ten runs of kernels 1 and 2.
  expect([a?.firstKernel, a?.lastKernel]).toEqual([0, 2]);
  expect(kernels.map(({ repetitions }) => repetitions)).toEqual([1, 10, 10, 1]);
});

test('repetitions multiply the work', () => {
  const given = prepared({
    inputs: { x: ['float32', 4, 8] },
    constants: { w: ['float32', 8, 8] },
    nodes: [node('MatMul', ['x', 'w'], 'y')],
    outputs: ['y'],
  });
  const nodes = given.graph.nodes.map((one) => ({ ...one, repetitions: 5 }));
  const { kernels, sizes } = compile({ ...given, graph: { ...given.graph, nodes } }, toyCpu);
  expect(kernels).toMatchObject([{ macs: 5 * 256, executedMacs: 5 * 256, repetitions: 5, parameters: 64 }]);
  expect(sizes.macs).toBe(1280);
});

test('unbound dimensions are the caller’s to report', () => {
  const model = modelOf(block);
  const unbound = [{ input: 'x', axis: 2, symbol: 'h', declared: '1x8xhx16' }];
  const given = { ...prepare(model, { dims: new Map(), inputs: new Map() }), unbound };
  expect(() => compile(given, toyCpu)).toThrow(InvariantError);
});

test('a model without nodes has no kernels', () => {
  const { kernels, sizes, arenas } = compile(
    prepared({ inputs: { x: ['float32', 4] }, nodes: [], outputs: ['x'] }),
    toyCpu,
  );
  expect(kernels).toEqual([]);
  expect(sizes.macs).toBe(0);
  expect(arenas[0]?.peakBytes).toBe(16);
});

test('names do not matter: a renamed network gets the same schedule', () => {
  const rename = (name: string) => (name === '' ? '' : `z${name.length}${name}`);
  const renamed: ModelGiven = {
    ...block,
    inputs: { [rename('x')]: image },
    constants: Object.fromEntries(
      Object.entries(block.constants ?? {}).map(([name, tensor]) => [rename(name), tensor]),
    ),
    nodes: block.nodes.map((one) => ({ ...one, in: one.in.map(rename), out: one.out.map(rename) })),
    outputs: block.outputs.map(rename),
  };
  for (const target of [toyCpu, toyNpu]) {
    const [before, after] = [block, renamed].map((given) => compile(prepared(given), target));
    const addresses = (arenas: readonly Arena[] | undefined) =>
      arenas?.map((arena) => arena.placements.map(({ address }) => address));
    expect(addresses(after?.arenas)).toEqual(addresses(before?.arenas));
    expect(after?.kernels.map(streams)).toEqual(before?.kernels.map(streams));
  }
});

test('a model that only passes its input on keeps its nodes', () => {
  const given = prepared({ inputs: { x: ['float32', 4] }, nodes: [node('Identity', ['x'], 'y')], outputs: ['y'] });
  const { kernels } = compile(given, toyCpu);
  expect(kernels.flatMap(({ nodes }) => nodes)).toEqual(['y']);
});
