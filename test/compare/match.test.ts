import { describe, expect, test } from 'vitest';
import type { GraphMatch } from '../../src/compare/comparison.ts';
import { matchGraphs } from '../../src/compare/match.ts';
import { residualBlocks, synthesize, type Block, type Synthetic, type Variant } from './synthetic.ts';

const blocks = residualBlocks();
const base = synthesize({ blocks });

interface Score {
  /** Share of the found pairs that are true, in percent. */
  readonly precision: number;
  /** Share of the true pairs that were found. */
  readonly recall: number;
}

function score(from: Synthetic, to: Synthetic, match: GraphMatch): Score {
  const found = match.matches.flatMap((one) => one.base.flatMap((a) => one.head.map((b) => [a, b] as const)));
  const isTrue = (a: string, b: string): boolean =>
    from.truth.get(a)!.some((identity) => to.truth.get(b)!.includes(identity));
  // Quantize and dequantize nodes ride along: they are in a pair, but no layer of their own.
  const layers = found.filter(([a, b]) => [a, b].every((id) => !id.includes('uantizeLinear')));
  const headOf = new Map([...to.truth].flatMap(([id, identities]) => identities.map((one) => [one, id] as const)));
  const pairs = [...from.truth].filter(([, identities]) => identities.some((one) => headOf.has(one)));
  const right = layers.filter(([a, b]) => isTrue(a, b));
  const percent = (part: number, whole: number): number => Math.round((100 * part) / whole);
  const recalled = new Set(right.map(([a]) => a)).size;
  return { precision: percent(right.length, layers.length), recall: percent(recalled, pairs.length) };
}

function compare(variant: Partial<Variant>): { match: GraphMatch; head: Synthetic; precision: number; recall: number } {
  const head = synthesize({ blocks, firstNumber: 7, ...variant });
  const match = matchGraphs(base.side, head.side);
  return { match, head, ...score(base, head, match) };
}

const copyAt = 15;
const inserted: readonly Block[] = blocks.toSpliced(copyAt, 0, { ...blocks[copyAt]!, key: 'new' });
const removed = blocks.toSpliced(copyAt, 1);
const widened = blocks.map((block) => (block.width === 256 ? { ...block, width: 320 } : block));

const words = (match: GraphMatch): ReadonlySet<string> => new Set(match.matches.flatMap((one) => one.changes));
const statuses = (match: GraphMatch): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { status } of match.matches) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

test('the network has 173 nodes, 23 blocks of them alike', () => {
  expect(base.side.prepared.graph.nodes).toHaveLength(173);
  expect(blocks.filter((block) => block.width === 256 && !block.projects)).toHaveLength(23);
});

describe('known truth, names are counters', () => {
  test.each<[string, Partial<Variant>, number]>([
    ['renamed only', {}, 100],
    ['retrained and renamed', { training: 'second' }, 100],
    ['block inserted, weights kept', { blocks: inserted }, 100],
    ['block removed, weights kept', { blocks: removed }, 100],
    ['stage widened, retrained', { blocks: widened, training: 'second' }, 100],
    ['Relu to HardSwish', { activation: 'HardSwish' }, 100],
    ['Relu to HardSwish, retrained', { activation: 'HardSwish', training: 'second' }, 100],
    ['quantize and dequantize inserted', { quantized: true }, 100],
    ['convolution and activation fused, weights kept', { fused: true }, 100],
    [
      'branches written in another order, block inserted',
      { shortcutFirst: true, swapped: true, blocks: inserted },
      100,
    ],
    ['resolution halved', { resolution: 32 }, 100],
    ['resolution halved, retrained', { resolution: 32, training: 'second' }, 100],
  ])('%s', (_, variant, floor) => {
    const { precision, recall } = compare(variant);
    expect(precision).toBeGreaterThanOrEqual(floor);
    expect(recall).toBeGreaterThanOrEqual(floor);
  });

  test('block inserted and retrained: nobody can say which copy is new, but every pair costs the same', () => {
    const { match, head, recall } = compare({ blocks: inserted, training: 'second' });
    const pairs = match.matches.filter((one) => one.base.length > 0 && one.head.length > 0);
    expect(pairs).toHaveLength(173);
    for (const {
      base: [a],
      head: [b],
    } of pairs)
      expect(base.costs.get(a!)).toBe(head.costs.get(b!));
    expect(recall).toBeGreaterThanOrEqual(50);
    expect(statuses(match)).toEqual({ retrained: 71, identical: 102, copy: 5 });
    expect(words(match)).toContain('one more copy of this block (×24, was ×23)');
  });
});

describe('what the pairs say', () => {
  test('the same network under other names is identical', () => {
    const { match } = compare({ shortcutFirst: true, swapped: true });
    expect(match.change).toBe('identical');
    expect(statuses(match)).toEqual({ identical: 173 });
    expect(match.matches.every((one) => one.confidence === 1)).toBe(true);
  });

  test('other weights alone are retrained', () => {
    const { match } = compare({ training: 'second' });
    expect(match.change).toBe('retrained');
    // The convolutions and the classifier have weights: 1 + 33 × 2 + 3 projections + 1.
    expect(statuses(match)).toEqual({ retrained: 71, identical: 102 });
  });

  test('one retrained layer in the middle', () => {
    const head = synthesize({ blocks });
    const weights = new Map(head.side.weights);
    weights.set('onnx::Conv_7', { digest: 'other', orderFree: 'other' });
    const match = matchGraphs(base.side, { ...head.side, weights });
    expect(match.change).toBe('retrained');
    expect(match.matches.filter((one) => one.status === 'retrained').map((one) => one.base)).toEqual([['Conv_7']]);
  });

  test('weights that are not there are not called identical', () => {
    const head = synthesize({ blocks });
    const match = matchGraphs({ ...base.side, weights: new Map() }, { ...head.side, weights: new Map() });
    expect(match.change).toBe('not-measured');
    expect(words(match)).toEqual(new Set(['weights not available']));
    expect(match.matches.every((one) => one.evidence === 'structure')).toBe(true);
  });

  test('an inserted block whose weights are new is known exactly', () => {
    const { match } = compare({ blocks: inserted });
    expect(statuses(match)).toEqual({ identical: 173, added: 5 });
    const added = match.matches.filter((one) => one.status === 'added');
    expect(added.map((one) => one.changes)).toEqual(
      added.map(() => ['added', 'one more copy of this block (×24, was ×23)']),
    );
  });

  test('a removed block', () => {
    const { match } = compare({ blocks: removed });
    expect(statuses(match)).toEqual({ identical: 168, removed: 5 });
    expect(words(match)).toEqual(new Set(['removed', 'one fewer copy of this block (×22, was ×23)']));
  });

  test('a widened stage names the widths', () => {
    const { match } = compare({ blocks: widened, training: 'second' });
    expect(match.change).toBe('changed');
    expect(words(match)).toEqual(
      new Set(['only weights changed', 'widened 256→320', 'input channels 256→320', 'channels 256→320']),
    );
  });

  test('a replaced activation', () => {
    const { match } = compare({ activation: 'HardSwish' });
    expect(statuses(match)).toEqual({ identical: 106, replaced: 67 });
    expect(words(match)).toEqual(new Set(['activation Relu → HardSwish']));
  });

  test('a fusion is one group of two nodes and one', () => {
    const { match } = compare({ fused: true });
    // The activations behind stem and first convolutions are fused, those behind the Adds stay.
    expect(statuses(match)).toEqual({ fused: 34, identical: 105 });
    expect(words(match)).toEqual(new Set(['Conv + Relu → com.microsoft.FusedConv', 'was 2 nodes, now 1']));
  });

  test.each([{ quantized: true }, { quantized: true, training: 'second' }])(
    'inserted quantize and dequantize nodes are a change: %j',
    (variant) => {
      const { match } = compare(variant);
      expect(match.change).toBe('changed');
      expect(words(match)).toContain('converts float32→int8 for `Conv`');
      expect(words(match)).toContain('converts int8→float32 for `Relu`');
      const { side } = synthesize({ blocks, ...variant });
      expect(matchGraphs(side, base.side).change).toBe('changed');
      expect(matchGraphs(side, side).change).toBe('identical');
    },
  );

  test('quantize nodes of which nobody knows the types are a change too', () => {
    const { side } = synthesize({ blocks, quantized: true });
    const { graph } = side.prepared;
    const tensors = new Map([...graph.tensors].map(([name, type]) => [name, { ...type, dtype: null }]));
    const untyped = (of: Synthetic['side']) => ({
      ...of,
      prepared: { ...of.prepared, graph: { ...of.prepared.graph, tensors } },
    });
    const match = matchGraphs(untyped(base.side), untyped(side));
    expect(match.change).toBe('changed');
    expect(words(match)).toContain('converts ?→? for `Conv`');
  });

  test('half the resolution', () => {
    const { match } = compare({ resolution: 32 });
    expect(match.change).toBe('changed');
    expect(words(match)).toContain('resolution 64×64→32×32');
    expect(statuses(match).resized).toBe(170);
  });

  test('another direction: what was added is then removed', () => {
    const head = synthesize({ blocks: inserted });
    expect(statuses(matchGraphs(head.side, base.side))).toEqual({ identical: 173, removed: 5 });
  });

  test('every node of both sides stands in exactly one match', () => {
    for (const variant of [{ fused: true }, { quantized: true }, { blocks: inserted, training: 'second' }]) {
      const { match, head } = compare(variant);
      const ids = (graph: Synthetic): string[] => graph.side.prepared.graph.nodes.map((node) => node.id).sort();
      expect(match.matches.flatMap((one) => one.base).sort()).toEqual(ids(base));
      expect(match.matches.flatMap((one) => one.head).sort()).toEqual(ids(head));
    }
  });

  test('the same input twice gives the same matches', () => {
    expect(compare({ blocks: inserted, fused: true }).match).toEqual(compare({ blocks: inserted, fused: true }).match);
  });
});

test('two networks of 3,000 unlike nodes take seconds at most', () => {
  const many = (training: string, start: number): Block[] =>
    Array.from({ length: 600 }, (_, index) => ({
      key: `${training}${index}`,
      width: 64 + ((index * start) % 7),
      projects: false,
    }));
  const [a, b] = [synthesize({ blocks: many('a', 3) }), synthesize({ blocks: many('b', 5), training: 'second' })];
  const start = performance.now();
  const match = matchGraphs(a.side, b.side);
  expect(performance.now() - start).toBeLessThan(10_000);
  expect(match.matches.flatMap((one) => one.base)).toHaveLength(a.side.prepared.graph.nodes.length);
});
