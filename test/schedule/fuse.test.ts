import { describe, expect, test } from 'vitest';
import { compile } from '../../src/schedule/compile.ts';
import type { FusionRule, Target } from '../../src/schedule/target.ts';
import type { ModelGiven, NodeGiven, Tensor } from './models.ts';
import { node, prepared } from './models.ts';
import { toyCpu } from './toy-targets.ts';

const image: Tensor = ['float32', 1, 8, 4, 4];
const constants: NonNullable<ModelGiven['constants']> = {
  w: ['float32', 8, 8, 3, 3],
  v: ['float32', 8, 8, 3, 3],
  b: ['float32', 8, 1, 1],
  m: ['float32', 4, 4],
};
const convolution = (input: string, output: string, weight = 'w') =>
  node('Conv', [input, weight], output, { pads: [1, 1, 1, 1] });

/** The kernels' operators under these rules. */
function fused(rules: readonly FusionRule[], nodes: readonly NodeGiven[], more: Partial<ModelGiven> = {}) {
  const target: Target = { ...toyCpu, fusion: rules };
  const outputs = [nodes.at(-1)?.out[0] ?? ''];
  const given: ModelGiven = { inputs: { x: image }, constants, nodes, outputs, ...more };
  return compile(prepared(given), target).kernels.map((kernel) => kernel.fused.join(' + '));
}

describe('bias', () => {
  const nodes = [convolution('x', 'a'), node('Add', ['a', 'b'], 'y')];

  test('a product and the Add of a constant', () => {
    expect(fused(['bias'], nodes)).toEqual(['Conv + Add']);
    expect(fused([], nodes)).toEqual(['Conv', 'Add']);
  });

  test('not when the product is read elsewhere, or is a result', () => {
    expect(fused(['bias'], [...nodes, node('Mul', ['a', 'y'], 'z')])).toEqual(['Conv', 'Add', 'Mul']);
    expect(fused(['bias'], nodes, { outputs: ['a', 'y'] })).toEqual(['Conv', 'Add']);
  });

  test('not an Add of two activations', () => {
    expect(fused(['bias'], [convolution('x', 'a'), node('Add', ['a', 'x'], 'y')])).toEqual(['Conv', 'Add']);
  });
});

describe('activations', () => {
  const clamp = [convolution('x', 'a'), node('Relu', ['a'], 'y')];
  const curve = [convolution('x', 'a'), node('HardSwish', ['a'], 'y')];

  test('a clamp where the runtime has clamps only', () => {
    expect(fused(['activation-clamp'], clamp)).toEqual(['Conv + Relu']);
    expect(fused(['activation-clamp'], curve)).toEqual(['Conv', 'HardSwish']);
  });

  test('any of one input', () => {
    expect(fused(['activation-any'], clamp)).toEqual(['Conv + Relu']);
    expect(fused(['activation-any'], curve)).toEqual(['Conv + HardSwish']);
  });

  test('x × Sigmoid(x)', () => {
    const silu = [convolution('x', 'a'), node('Sigmoid', ['a'], 's'), node('Mul', ['a', 's'], 'y')];
    expect(fused(['activation-any'], silu)).toEqual(['Conv + Sigmoid + Mul']);
    expect(fused(['activation-any'], [...silu, node('Add', ['y', 'a'], 'z')])).toEqual([
      'Conv',
      'Sigmoid',
      'Mul',
      'Add',
    ]);
  });

  test('one activation, not two', () => {
    expect(fused(['activation-clamp'], [...clamp, node('Relu', ['y'], 'z')])).toEqual(['Conv + Relu', 'Relu']);
  });

  test('an addition has a clamp too, a pool has none', () => {
    expect(fused(['activation-clamp'], [node('Add', ['x', 'x'], 'a'), node('Relu', ['a'], 'y')])).toEqual([
      'Add + Relu',
    ]);
    const pool = [node('MaxPool', ['x'], 'a', { kernel_shape: [2, 2] }), node('Relu', ['a'], 'y')];
    expect(fused(['activation-clamp'], pool)).toEqual(['MaxPool', 'Relu']);
  });
});

describe('residual additions', () => {
  const nodes = [
    convolution('x', 'a'),
    convolution('a', 'c', 'v'),
    node('Add', ['c', 'a'], 's'),
    node('Relu', ['s'], 'y'),
  ];

  test('the Add of another feature map, and the activation behind', () => {
    expect(fused(['residual-add', 'activation-clamp'], nodes)).toEqual(['Conv', 'Conv + Add + Relu']);
  });

  test('of two products the first operand takes the sum, in whatever order they stand', () => {
    const [a, c] = [convolution('x', 'a'), convolution('x', 'c', 'v')];
    const target: Target = { ...toyCpu, fusion: ['residual-add'] };
    for (const both of [
      [a, c],
      [c, a],
    ]) {
      const nodes = [...both, node('Add', ['a', 'c'], 'y')];
      const { kernels } = compile(prepared({ inputs: { x: image }, constants, nodes, outputs: ['y'] }), target);
      expect(kernels.map(({ nodes: ids }) => ids)).toEqual([['c'], ['a', 'y']]);
      expect(kernels[1]?.inputs.map(({ tensor }) => tensor)).toEqual(['x', 'c']);
    }
  });

  test('the deeper of two products takes the sum', () => {
    const nodes = [
      convolution('x', 'a'),
      node('Relu', ['x'], 'r'),
      convolution('r', 'c', 'v'),
      node('Add', ['a', 'c'], 'y'),
    ];
    const target: Target = { ...toyCpu, fusion: ['residual-add'] };
    const { kernels } = compile(prepared({ inputs: { x: image }, constants, nodes, outputs: ['y'] }), target);
    expect(kernels.map(({ nodes: ids }) => ids)).toEqual([['a'], ['r'], ['c', 'y']]);
  });
});

describe('pads', () => {
  const padded = (mode: string) => [node('Pad', ['x', 'p'], 'a', { mode }), node('Conv', ['a', 'w'], 'y')];
  const values = { p: { dtype: 'int64', elements: [0, 0, 1, 1, 0, 0, 1, 1] } } as const;

  test('with zeros become part of the convolution that follows', () => {
    expect(fused(['pad'], padded('constant'), { values })).toEqual(['Conv']);
    expect(fused(['pad'], padded('reflect'), { values })).toEqual(['Pad', 'Conv']);
  });

  test('move nothing then', () => {
    const target: Target = { ...toyCpu, fusion: ['pad'] };
    const given: ModelGiven = { inputs: { x: image }, constants, values, nodes: padded('constant'), outputs: ['y'] };
    const [kernel] = compile(prepared(given), target).kernels;
    expect(kernel).toMatchObject({ name: 'y', nodes: ['a', 'y'], vector: [] });
    expect(kernel?.inputs).toMatchObject([{ tensor: 'x', bytes: 512 }]);
  });
});

describe('chains', () => {
  test('consecutive element-wise operators read and write once', () => {
    const nodes = [node('Exp', ['x'], 'a'), node('Neg', ['a'], 'c'), node('Add', ['c', 'x'], 'y')];
    expect(fused(['elementwise-chain'], nodes)).toEqual(['Exp + Neg + Add']);
  });

  test('two chains that meet become one', () => {
    const nodes = [node('Exp', ['x'], 'a'), node('Neg', ['x'], 'c'), node('Add', ['a', 'c'], 'y')];
    expect(fused(['elementwise-chain'], nodes)).toEqual(['Exp + Neg + Add']);
  });

  test('end where the shape changes', () => {
    const nodes = [node('Exp', ['b0'], 'a'), node('Add', ['a', 'x'], 'y')];
    expect(fused(['elementwise-chain'], nodes, { inputs: { x: image, b0: ['float32', 8, 1, 1] } })).toEqual([
      'Exp',
      'Add',
    ]);
  });

  test('of any length take linear time', () => {
    const nodes = Array.from({ length: 3000 }, (_, i) => node('Exp', [i === 0 ? 'x' : `t${i - 1}`], `t${i}`));
    const kernels = fused(['elementwise-chain'], nodes);
    expect(kernels).toHaveLength(Math.ceil(3000 / 32));
  });
});

describe('transposes beside a product', () => {
  const inputs: ModelGiven['inputs'] = { q: ['float32', 4, 8], k: ['float32', 4, 8] };

  test('are read or written with strides', () => {
    const before = [node('Transpose', ['k'], 't', { perm: [1, 0] }), node('MatMul', ['q', 't'], 'y')];
    const after = [node('MatMul', ['q', 'm8'], 'a'), node('Transpose', ['a'], 'y', { perm: [1, 0] })];
    expect(fused(['transpose-reshape'], before, { inputs })).toEqual(['MatMul']);
    expect(fused(['transpose-reshape'], after, { inputs, constants: { m8: ['float32', 8, 8] } })).toEqual(['MatMul']);
  });
});

describe('attention', () => {
  const inputs: ModelGiven['inputs'] = {
    q: ['float32', 2, 16, 8],
    k: ['float32', 2, 8, 16],
    v: ['float32', 2, 16, 8],
    mask: ['float32', 16, 16],
  };
  const nodes = [
    node('MatMul', ['q', 'k'], 's'),
    node('Mul', ['s', 'c'], 'scaled'),
    node('Add', ['scaled', 'mask'], 'masked'),
    node('Softmax', ['masked'], 'p', { axis: -1 }),
    node('MatMul', ['p', 'v'], 'y'),
  ];
  const given: ModelGiven = { inputs, constants: { c: ['float32'] }, nodes, outputs: ['y'] };

  test('is one kernel: the scores stay on chip', () => {
    const target: Target = { ...toyCpu, fusion: ['attention'] };
    const { kernels } = compile(prepared(given), target);
    expect(kernels.map((kernel) => kernel.fused.join(' + '))).toEqual(['MatMul + Mul + Add + Softmax + MatMul']);
    expect(kernels[0]?.inputs.map(({ tensor }) => tensor)).toEqual(['q', 'k', 'mask', 'v']);
    // 2 heads × 16 × 16 × 8, twice.
    expect(kernels[0]?.macs).toBe(2 * 2 * 16 * 16 * 8);
  });

  test('not where the scores are a result', () => {
    const target: Target = { ...toyCpu, fusion: ['attention'] };
    expect(compile(prepared({ ...given, outputs: ['p', 'y'] }), target).kernels).toHaveLength(5);
  });
});

describe('free operators', () => {
  const shape = { dtype: 'int64', elements: [1, -1] } as const;

  test('ride with the kernel that makes their tensor', () => {
    const nodes = [convolution('x', 'a'), node('Reshape', ['a', 's'], 'r'), node('Exp', ['r'], 'y')];
    const { kernels } = compile(
      prepared({ inputs: { x: image }, constants, values: { s: shape }, nodes, outputs: ['y'] }),
      toyCpu,
    );
    expect(kernels.map(({ nodes: ids }) => ids)).toEqual([['a', 'r'], ['y']]);
    // The view and what it is a view of are one buffer.
    expect(kernels[1]?.inputs).toMatchObject([{ tensor: 'r', buffer: 'a' }]);
  });

  test('ride with the consumer of an input’s view', () => {
    const nodes = [node('Reshape', ['x', 's'], 'r'), node('Flatten', ['r'], 'f'), node('Exp', ['f'], 'y')];
    const { kernels } = compile(
      prepared({ inputs: { x: image }, values: { s: shape }, nodes, outputs: ['y'] }),
      toyCpu,
    );
    expect(kernels.map(({ nodes: ids }) => ids)).toEqual([['r', 'f', 'y']]);
  });

  test('alone they are kernels that do nothing', () => {
    const nodes = [node('Reshape', ['x', 's'], 'y')];
    const { kernels } = compile(
      prepared({ inputs: { x: image }, values: { s: shape }, nodes, outputs: ['y'] }),
      toyCpu,
    );
    expect(kernels).toMatchObject([{ nodes: ['y'], algorithm: 'none', operatorClass: 'view', streams: [], macs: 0 }]);
  });
});
