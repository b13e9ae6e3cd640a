import { describe, expect, it } from 'vitest';
import { modelOf } from '../schedule/models.ts';
import { reshapedAnew } from '../../src/optimizations/inputs/reshape-target.ts';
import { edit, expectInferred, macsOf, shapeOf } from './editing.ts';

const network = modelOf({
  inputs: { x: ['float32', 1, 3, 8, 8] },
  constants: { w: ['float32', 4, 3, 3, 3], v: ['float32', 256, 5] },
  values: { flat: { dtype: 'int64', elements: [1, 256] } },
  nodes: [
    { op: 'Conv', in: ['x', 'w'], out: ['a'], attributes: { pads: [1, 1, 1, 1] } },
    { op: 'Reshape', in: ['a', 'flat'], out: ['f'] },
    { op: 'MatMul', in: ['f', 'v'], out: ['y'] },
  ],
  outputs: ['y'],
});

describe('batch', () => {
  it('goes through a Reshape that held a batch of 1', () => {
    const edited = edit(network, 'batch 4');
    expect(shapeOf(edited, 'y')).toEqual([4, 5]);
    expect(macsOf(edited.prepared.graph)).toBe(4 * macsOf(edit(network, 'batch 1').prepared.graph));
    expectInferred(edited.prepared.graph);
    expect(edited.prepared.assumptions).toEqual([
      'fixed sizes follow the input: Reshape f makes 4x256',
      'the first dimension of input x is the batch',
    ]);
  });

  it('keeps the size of the file and the parameters', () => {
    const given = edit(network, 'batch 1').prepared;
    const { model, parameters } = edit(network, 'batch 64').prepared;
    expect(model.files).toEqual(given.model.files);
    expect(parameters).toEqual(given.parameters);
  });

  it('takes whole numbers', () => {
    for (const text of ['batch', 'batch 0', 'batch x', 'batch 1.5']) expect(() => edit(network, text)).toThrow(/batch/);
  });
});

describe('resize', () => {
  it('makes anew what follows from the input', () => {
    const convolution = modelOf({
      inputs: { 'in:0': ['float32', 1, 3, 8, 8] },
      constants: { w: ['float32', 4, 3, 3, 3] },
      nodes: [{ op: 'Conv', in: ['in:0', 'w'], out: ['y'] }],
      outputs: ['y'],
    });
    expect(shapeOf(edit(convolution, 'resize in:0:1x3x16x12'), 'y')).toEqual([1, 4, 14, 10]);
    expect(() => edit(convolution, 'resize in:0:1x3x2x2')).toThrow(/Conv "y" would make/);
    expect(() => edit(convolution, 'resize in:0:1x5x8x8')).toThrow(/has weights for 3 channels and gets 5/);
  });

  it('names the first node that holds the old size', () => {
    expect(() => edit(network, 'resize x:1x3x16x16')).toThrow(
      'MatMul "y" cannot multiply 1x1024 by 256x5; its constant "v" was made for another size',
    );
  });

  it('refuses what is no size of an input', () => {
    expect(() => edit(network, 'resize z:1x3x16x16')).toThrow(/no input is named "z"/);
    expect(() => edit(network, 'resize x:3x16x16')).toThrow(/has 4 dimensions/);
    for (const text of ['resize', 'resize x', 'resize x:', 'resize x:0x3', 'resize :1x3']) {
      expect(() => edit(network, text)).toThrow(/resize/);
    }
  });
});

describe('the target of a Reshape', () => {
  it('follows where axes are kept or joined', () => {
    expect(reshapedAnew({ from: [1, 8, 14, 14], to: [1, 8, 196], input: [1, 8, 16, 16] }, 'any')).toEqual([1, 8, 256]);
    expect(reshapedAnew({ from: [1, 24, 5, 5], to: [1, 6, 4, 5, 5], input: [1, 24, 9, 7] }, 'any')).toEqual([
      ...[1, 6, 4, 9, 7],
    ]);
  });

  it('does not where an axis that changed is split', () => {
    expect(reshapedAnew({ from: [1, 196, 8], to: [1, 14, 14, 8], input: [1, 256, 8] }, 'any')).toBeUndefined();
    expect(reshapedAnew({ from: [10, 1, 512], to: [10, 8, 64], input: [10, 4, 512] }, 'batch')).toEqual([10, 32, 64]);
  });
});
