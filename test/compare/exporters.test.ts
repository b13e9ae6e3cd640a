/** What exporters, optimizers and quantizers make of one network, and which nodes of the result are which layer. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matchGraphs } from '../../src/compare/match.ts';
import { groups, matched, side, type Draft, type Network } from './networks.ts';
import { sideOf } from './synthetic.ts';

const linear: Network = {
  product: { operator: 'MatMul', from: ['x'], weights: ['w1'] },
  bias: { operator: 'Add', from: ['product'], weights: ['bias1'] },
  div: { operator: 'Div', from: ['bias'], weights: [] },
  erf: { operator: 'Erf', from: ['div'] },
  one: { operator: 'Add', from: ['erf'] },
  gate: { operator: 'Mul', from: ['bias', 'one'] },
  last: { operator: 'MatMul', from: ['gate'], weights: ['w2'] },
};

describe('one network in several spellings', () => {
  test('a product and its bias become one node between views', () => {
    const head: Network = {
      flat: { operator: 'Reshape', from: ['x'] },
      gemm: { operator: 'Gemm', from: ['flat'], weights: ['w1', 'bias1'] },
      back: { operator: 'Reshape', from: ['gemm'] },
      ...Object.fromEntries(
        Object.entries(linear)
          .slice(2)
          .map(([id, draft]) => [id, { ...draft, from: draft.from.map((name) => (name === 'bias' ? 'back' : name)) }]),
      ),
    };
    const match = matched(linear, head);
    expect(groups(match)).toContain('bias product → back flat gemm');
    expect(groups(match)).toHaveLength(6);
  });

  test('a spelled-out activation is replaced by another, not removed', () => {
    const relu: Network = {
      product: linear.product!,
      bias: linear.bias!,
      relu: { operator: 'Relu', from: ['bias'] },
      last: { ...linear.last!, from: ['relu'] },
    };
    const match = matched(linear, relu);
    expect(groups(match)).toContain('div erf gate one → relu');
    const replaced = match.matches.find(({ head }) => head[0] === 'relu')!;
    expect(replaced).toMatchObject({ status: 'replaced', changes: ['activation Gelu → Relu'] });
  });

  test('the same activation as one node is a fusion', () => {
    const gelu: Network = {
      product: linear.product!,
      fused: { operator: 'BiasGelu', domain: 'com.microsoft', from: ['product'], weights: ['bias1'] },
      last: { ...linear.last!, from: ['fused'] },
    };
    const match = matched(linear, gelu);
    expect(groups(match)).toEqual(['bias div erf gate one → fused', 'last → last', 'product → product']);
    expect(match.matches.find(({ head }) => head[0] === 'fused')?.status).toBe('fused');
  });

  const scaled: Network = {
    conv: { operator: 'Conv', from: ['x'], weights: ['filters', 'bias'] },
    factor: { operator: 'Mul', from: ['conv'], weights: ['gamma'] },
    sum: { operator: 'Add', from: ['factor', 'x'] },
    last: { operator: 'Conv', from: ['sum'], weights: ['others'] },
  };
  const unscaled = (filters: string): Network => ({
    conv: { operator: 'Conv', from: ['x'], weights: [filters, 'bias'] },
    sum: { operator: 'Add', from: ['conv', 'x'] },
    last: scaled.last!,
  });

  test('a factor for each channel that was multiplied into the filters is folded, not removed', () => {
    expect(groups(matched(scaled, unscaled('filters by gamma')))).toContain('conv factor → conv');
  });

  test('a factor and a summand for each channel are folded; the shortcut behind them stays', () => {
    const spelled: Network = {
      conv: { operator: 'Conv', from: ['x'], weights: ['filters'] },
      factor: { operator: 'Mul', from: ['conv'], weights: ['gamma'] },
      shift: { operator: 'Add', from: ['factor'], weights: ['bias beta'] },
      sum: { operator: 'Add', from: ['shift', 'x'] },
      last: scaled.last!,
    };
    for (const operator of ['Conv', 'FusedConv']) {
      const head = unscaled('filters by gamma');
      const domain = operator === 'Conv' ? '' : 'com.microsoft';
      expect(groups(matched(spelled, { ...head, conv: { ...head.conv!, operator, domain } }))).toEqual([
        ...['conv factor shift → conv', 'last → last', 'sum → sum'],
      ]);
    }
  });

  test('a factor that is gone while the filters are the same is removed', () => {
    expect(groups(matched(scaled, unscaled('filters')))).toEqual(expect.arrayContaining(['conv → conv', 'factor → ']));
  });

  test('a transposed matrix is the same one to a product of dynamically quantized integers', () => {
    const base: Network = {
      pool: { operator: 'GlobalAveragePool', from: ['x'] },
      gemm: { operator: 'Gemm', from: ['pool'], weights: ['tall floats', 'bias'], transB: 1 },
    };
    const head: Network = {
      pool: base.pool!,
      quantize: { operator: 'DynamicQuantizeLinear', from: ['pool'], dtype: 'int8' },
      product: { operator: 'MatMulInteger', from: ['quantize'], weights: ['wide integers'], dtype: 'int32' },
      cast: { operator: 'Cast', from: ['product'] },
      scale: { operator: 'Mul', from: ['cast'], weights: ['bias of scales'] },
      add: { operator: 'Add', from: ['scale'], weights: ['bias'] },
    };
    expect(groups(matched(base, head))).toEqual(['gemm → add cast product quantize scale', 'pool → pool']);
  });

  test('a normalization takes in the sum before it, not the one behind it', () => {
    const base: Network = {
      first: { operator: 'MatMul', from: ['x'], weights: ['w1'] },
      sum: { operator: 'Add', from: ['x', 'first'] },
      norm: { operator: 'LayerNormalization', from: ['sum'], weights: ['gamma', 'bias beta'] },
      second: { operator: 'MatMul', from: ['norm'], weights: ['w2'] },
      next: { operator: 'Add', from: ['norm', 'second'] },
    };
    const head: Network = {
      first: base.first!,
      skip: {
        ...{ operator: 'SkipLayerNormalization', domain: 'com.microsoft', from: ['x', 'first'] },
        weights: ['gamma', 'bias beta'],
      },
      second: { ...base.second!, from: ['skip'] },
      next: { operator: 'Add', from: ['skip', 'second'] },
    };
    expect(groups(matched(base, head))).toEqual([
      ...['first → first', 'next → next', 'norm sum → skip', 'second → second'],
    ]);
  });

  test('products of one input that were merged and split', () => {
    const three: Network = {
      start: { operator: 'MatMul', from: ['x'], weights: ['w0'] },
      query: { operator: 'MatMul', from: ['start'], weights: ['wq'] },
      key: { operator: 'MatMul', from: ['start'], weights: ['wk'] },
      out: { operator: 'Add', from: ['query', 'key'] },
    };
    const merged = side({
      start: three.start!,
      both: { operator: 'MatMul', from: ['start'], weights: ['wqk'] },
      split: { operator: 'Split', from: ['both'] },
      out: { operator: 'Add', from: ['split', 'split'] },
    });
    const { initializers } = merged.prepared.graph;
    const wide = new Map(
      [...initializers].map(([name, one]) => [name, name === '1 wqk' ? { ...one, shape: [16, 32] } : one]),
    );
    const graph = { ...merged.prepared.graph, initializers: wide };
    const match = matchGraphs(side(three), sideOf(graph, merged.weights));
    expect(groups(match)).toEqual(['key query → both split', 'out → out', 'start → start']);
  });

  test('an activation that quantization swallowed, and one inside of a layout-specific convolution', () => {
    const base: Network = {
      conv: { operator: 'Conv', from: ['x'], weights: ['w1'] },
      relu: { operator: 'Relu', from: ['conv'] },
      next: { operator: 'Conv', from: ['relu'], weights: ['w2'] },
    };
    const quantized: Network = {
      conv: { operator: 'Conv', from: ['x'], weights: ['q1'], dtype: 'int8' },
      next: { operator: 'Conv', from: ['conv'], weights: ['q2'], dtype: 'int8' },
    };
    const match = matched(base, quantized);
    expect(groups(match)).toEqual(['conv relu → conv', 'next → next']);
    expect(match.matches[0]).toMatchObject({ status: 'replaced', changes: ['dtype float32→int8'] });
    const blocked: Network = {
      conv: { ...base.conv!, domain: 'com.microsoft.nchwc', activation: 'Relu' },
      next: { ...base.next!, from: ['conv'], domain: 'com.microsoft.nchwc' },
    };
    expect(groups(matched(base, blocked))).toEqual(['conv relu → conv', 'next → next']);
  });

  test('what has no weights follows the layer it reads, when a block was inserted before it', () => {
    const block = (from: string, name: string): Network => ({
      [`${name}.conv`]: { operator: 'Conv', from: [from], weights: [`w ${name}`] },
      [`${name}.sum`]: { operator: 'Add', from: [from, `${name}.conv`] },
      [`${name}.relu`]: { operator: 'Relu', from: [`${name}.sum`] },
    });
    const chain = (names: readonly string[]): Network =>
      names.reduce<Network>(
        (network, name) => ({ ...network, ...block(Object.keys(network).at(-1) ?? 'x', name) }),
        {},
      );
    const match = matched(chain(['a', 'b', 'c', 'd']), chain(['a', 'new1', 'b', 'new2', 'c', 'd']));
    const pairs = match.matches.filter(({ base, head }) => base.length > 0 && head.length > 0);
    expect(pairs).toHaveLength(12);
    for (const { base, head } of pairs) expect(head).toEqual(base);
  });

  test('a cast of its own says what it is there for', () => {
    const base: Network = {
      conv: { operator: 'Conv', from: ['x'], weights: ['w1'] },
      resize: { operator: 'Resize', from: ['conv'] },
    };
    const head: Network = {
      conv: { ...base.conv!, dtype: 'float16' },
      cast: { operator: 'Cast', from: ['conv'] },
      resize: { operator: 'Resize', from: ['cast'] },
    };
    const added = matched(base, head).matches.find((one) => one.head[0] === 'cast');
    expect(added).toMatchObject({ status: 'added', changes: ['added', 'converts float16→float32 for `Resize`'] });
  });
});

const operators = [
  'Conv',
  'Relu',
  'Add',
  'MatMul',
  'Gemm',
  'Reshape',
  'Transpose',
  'Mul',
  'Sigmoid',
  'Split',
  'Gelu',
  'Slice',
];

/** Any graph: each node reads one or two nodes before it. */
const anyNetwork = fc
  .array(
    fc.record({
      operator: fc.constantFrom(...operators),
      reads: fc.array(fc.nat(), { minLength: 1, maxLength: 2 }),
      weight: fc.option(fc.nat(5), { nil: undefined }),
    }),
    { minLength: 1, maxLength: 24 },
  )
  .map((drafts) =>
    Object.fromEntries(
      drafts.map(({ operator, reads, weight }, index): [string, Draft] => [
        `n${index}`,
        {
          operator,
          from: reads.map((at) => (at % (index + 1) === index ? 'x' : `n${at % (index + 1)}`)),
          weights: weight === undefined ? [] : [`w${weight}`],
        },
      ]),
    ),
  );

test('every node of any two graphs stands in exactly one match', () => {
  fc.assert(
    fc.property(anyNetwork, anyNetwork, (base, head) => {
      const { matches } = matched(base, head);
      expect(matches.flatMap((one) => one.base).sort()).toEqual(Object.keys(base).sort());
      expect(matches.flatMap((one) => one.head).sort()).toEqual(Object.keys(head).sort());
    }),
    { numRuns: 200 },
  );
});

test('any graph is identical to itself', () => {
  fc.assert(
    fc.property(anyNetwork, (network) => {
      expect(matched(network, network).change).toBe('identical');
    }),
    { numRuns: 100 },
  );
});
