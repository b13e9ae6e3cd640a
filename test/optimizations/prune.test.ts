import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prepare } from '../../src/passes/index.ts';
import { fixture, fixtureNames } from '../formats/models.ts';
import { modelOf } from '../schedule/models.ts';
import type { NodeGiven, Tensor } from '../schedule/models.ts';
import { edit, expectInferred, macsOf, noBindings, parametersOf, shapeOf } from './editing.ts';

const conv = (from: string, to: string, attributes: NodeGiven['attributes'] = {}): NodeGiven => ({
  ...{ op: 'Conv', in: [from, `${to}.w`, `${to}.b`], out: [to] },
  attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1], ...attributes },
});

function filters(to: string, made: number, taken: number): Record<string, Tensor> {
  return { [`${to}.w`]: ['float32', made, taken, 3, 3], [`${to}.b`]: ['float32', made] };
}

/** As torch exports nn.Conv2d, MaxPool2d, ConvTranspose2d, Upsample and torch.cat; widths 16, 32, 64. */
const unet = modelOf({
  inputs: { x: ['float32', 1, 3, 32, 32] },
  constants: {
    ...{ ...filters('d1', 16, 3), ...filters('d2', 32, 16), ...filters('mid', 64, 32) },
    ...{ ...filters('u2', 32, 64), ...filters('u1', 16, 48), ...filters('y', 2, 16) },
    ...{ 'up2.w': ['float32', 64, 32, 2, 2], 'up2.b': ['float32', 32], 'y.w': ['float32', 2, 16, 1, 1] },
  },
  values: { scales: { dtype: 'float32', elements: [1, 1, 2, 2] } },
  nodes: [
    ...[conv('x', 'd1'), pool('d1', 'p1'), conv('p1', 'd2'), pool('d2', 'p2'), conv('p2', 'mid')],
    { op: 'ConvTranspose', in: ['mid', 'up2.w', 'up2.b'], out: ['up2'], attributes: { strides: [2, 2] } },
    { op: 'Concat', in: ['up2', 'd2'], out: ['c2'], attributes: { axis: 1 } },
    conv('c2', 'u2'),
    { op: 'Resize', in: ['u2', '', 'scales'], out: ['up1'], attributes: { mode: 'linear' } },
    { op: 'Concat', in: ['up1', 'd1'], out: ['c1'], attributes: { axis: 1 } },
    ...[conv('c1', 'u1'), conv('u1', 'y', { kernel_shape: [1, 1], pads: [0, 0, 0, 0] })],
  ],
  outputs: ['y'],
});

function pool(from: string, to: string): NodeGiven {
  return { op: 'MaxPool', in: [from], out: [to], attributes: { kernel_shape: [2, 2], strides: [2, 2] } };
}

const residual = modelOf({
  inputs: { x: ['float32', 1, 3, 8, 8] },
  constants: { ...filters('a', 8, 3), ...filters('b', 8, 8), ...filters('y', 4, 8) },
  nodes: [conv('x', 'a'), conv('a', 'b'), { op: 'Add', in: ['a', 'b'], out: ['s'] }, conv('s', 'y')],
  outputs: ['y'],
});

describe('prune', () => {
  it('carries channels through concats, as removing them in torch does', () => {
    // 57,234 and 14,474: parameters of the network and of the one with half the widths, counted by torch.
    expect(parametersOf(prepare(unet, noBindings))).toBe(57234);
    const { prepared, steps } = edit(unet, 'prune 0.5');
    expect(parametersOf(prepared)).toBe(14474);
    expectInferred(prepared.graph);
    expect(steps[0]?.touched).toEqual(['d1', 'd2', 'mid', 'up2', 'u2', 'u1']);
    expect(steps[0]?.notApplied).toEqual([{ node: 'y', reason: 'its channels are those of the output y' }]);
  });

  it('prunes one side of a concat alone', () => {
    const edited = edit(unet, 'prune 0.25 on d2');
    expect(shapeOf(edited, 'c2')).toEqual([1, 56, 16, 16]);
    const weight = edited.weights.find(({ from }) => from.name === 'u2.w')!;
    expect(weight.to.shape).toEqual([32, 56, 3, 3]);
    const ranked = [{ weight: unet.graph.initializers.get('d2.w'), axis: 0, start: 0, width: 1 }];
    expect(weight.change).toMatchObject({
      axes: [
        {
          axis: 1,
          runs: [
            { channels: 32, kept: 32, ranked: [] },
            { channels: 32, width: 1, kept: 24, ranked },
          ],
        },
      ],
    });
  });

  it('prunes all layers that a sum ties together, or none', () => {
    const both = edit(residual, 'prune 0.5 on a,b');
    expect(shapeOf(both, 's')).toEqual([1, 4, 8, 8]);
    const { steps, weights, prepared } = edit(residual, 'prune 0.5 on b');
    expect(weights).toEqual([]);
    expect(parametersOf(prepared)).toBe(parametersOf(prepare(residual, noBindings)));
    expect(steps[0]?.notApplied).toEqual([
      { node: 'b', reason: 'its channels are tied to those of a, which is not selected' },
    ]);
  });

  it('follows a Flatten, a depthwise convolution and groups', () => {
    const model = modelOf({
      inputs: { x: ['float32', 1, 3, 4, 4] },
      constants: {
        ...{ ...filters('a', 8, 3), ...filters('d', 8, 1), ...filters('g', 12, 4) },
        ...{ 'y.w': ['float32', 5, 12 * 16], 'y.b': ['float32', 5] },
      },
      values: { shape: { dtype: 'int64', elements: [1, 192] } },
      nodes: [
        ...[conv('x', 'a'), conv('a', 'd', { group: 8 }), conv('d', 'g', { group: 2 })],
        { op: 'Reshape', in: ['g', 'shape'], out: ['f'] },
        { op: 'Gemm', in: ['f', 'y.w', 'y.b'], out: ['y'], attributes: { transB: 1 } },
      ],
      outputs: ['y'],
    });
    const edited = edit(model, 'prune 0.3');
    // Each of two groups of `g` reads 4 channels, of which 1 goes, and makes 6, of which 1 goes.
    expect(shapeOf(edited, 'a')).toEqual([1, 6, 4, 4]);
    expect(shapeOf(edited, 'g')).toEqual([1, 10, 4, 4]);
    expect(edited.prepared.graph.initializers.get('y.w')?.shape).toEqual([5, 160]);
    expectInferred(edited.prepared.graph);
  });

  it.each([
    [
      'GroupNormalization',
      [{ op: 'GroupNormalization', in: ['a', 'scale', 'offset'], out: ['n'], attributes: { num_groups: 2 } }],
    ],
    [
      'Reshape, InstanceNormalization, Reshape',
      [
        { op: 'Reshape', in: ['a', 'grouped'], out: ['g'] },
        { op: 'InstanceNormalization', in: ['g', 'scale', 'offset'], out: ['i'] },
        { op: 'Reshape', in: ['i', 'image'], out: ['n'] },
      ],
    ],
  ] satisfies [string, NodeGiven[]][])('as many channels go from each group of a %s', (_, normalization) => {
    const model = modelOf({
      inputs: { x: ['float32', 1, 3, 4, 4] },
      constants: {
        ...{ ...filters('a', 12, 3), ...filters('y', 5, 12), scale: ['float32', 2], offset: ['float32', 2] },
        weight: ['float32', 12, 1, 1],
      },
      values: {
        grouped: { dtype: 'int64', elements: [0, 2, -1] },
        image: { dtype: 'int64', elements: [1, 12, 4, 4] },
      },
      nodes: [conv('x', 'a'), ...normalization, { op: 'Mul', in: ['n', 'weight'], out: ['m'] }, conv('m', 'y')],
      outputs: ['y'],
    });
    const edited = edit(model, 'prune 0.4');
    // Of six in each of two groups two go.
    expect(shapeOf(edited, 'm')).toEqual([1, 8, 4, 4]);
    const { initializers } = edited.prepared.graph;
    expect(['scale', 'weight', 'y.w'].map((name) => initializers.get(name)?.shape)).toEqual([
      [2],
      [8, 1, 1],
      [5, 8, 3, 3],
    ]);
    expectInferred(edited.prepared.graph);
  });

  it('says what it does not follow', () => {
    const model = modelOf({
      inputs: { x: ['float32', 1, 6, 8] },
      constants: { w: ['float32', 8, 12], v: ['float32', 12, 4] },
      values: { heads: { dtype: 'int64', elements: [1, 6, 3, 4] }, flat: { dtype: 'int64', elements: [1, 6, 12] } },
      nodes: [
        { op: 'MatMul', in: ['x', 'w'], out: ['q'] },
        { op: 'Reshape', in: ['q', 'heads'], out: ['h'] },
        { op: 'Reshape', in: ['h', 'flat'], out: ['f'] },
        { op: 'MatMul', in: ['f', 'v'], out: ['y'] },
      ],
      outputs: ['y'],
    });
    expect(edit(model, 'prune 0.5').steps[0]?.notApplied[0]?.reason).toBe(
      'its channels reach `Reshape` h, which splits them into heads or groups',
    );
  });

  it('refuses shares that are none', () => {
    for (const text of ['prune', 'prune 1', 'prune 0', 'prune half', 'prune 0.5 by=2']) {
      expect(() => edit(residual, text)).toThrow(/prune/);
    }
  });
});

describe('of every fixture and any share', () => {
  const models = new Map(fixtureNames.map((name) => [name, prepare(fixture(name), noBindings)]));

  it('sizes are those of inference, and nothing grows', () => {
    const share = fc.integer({ min: 1, max: 99 }).map((hundredths) => (hundredths / 100).toFixed(2));
    fc.assert(
      fc.property(fc.constantFrom(...models.keys()), share, (name, text) => {
        const prepared = models.get(name)!;
        if (prepared.unbound.length > 0) return;
        const { prepared: pruned, weights } = edit(prepared, `prune ${text}`);
        expect(macsOf(pruned.graph)).toBeLessThanOrEqual(macsOf(prepared.graph));
        expect(parametersOf(pruned)).toBeLessThanOrEqual(parametersOf(prepared));
        if (weights.length > 0 && prepared.unresolved.length === 0) expectInferred(pruned.graph);
      }),
      { numRuns: 40 },
    );
  });
});
