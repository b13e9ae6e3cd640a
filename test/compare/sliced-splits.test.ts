import { describe, expect, test } from 'vitest';
import type { GraphMatch } from '../../src/compare/comparison.ts';
import { groups, matched, type Draft, type Network } from './networks.ts';

describe('one tensor taken apart', () => {
  const conv = { operator: 'Conv', from: ['x'], weights: ['w1'] };
  const slice = (setting: number, channels = 4): Draft => ({
    ...{ operator: 'Slice', from: ['conv'], channels: [channels], setting },
  });
  const sliced: Network = {
    conv,
    ...{ first: slice(0), second: slice(4), third: slice(8, 8) },
    one: { operator: 'Conv', from: ['first'], weights: ['w2'] },
    two: { operator: 'Sigmoid', from: ['second'] },
    three: { operator: 'Mul', from: ['third', 'two'] },
    end: { operator: 'Concat', from: ['one', 'three'] },
  };
  const split: Network = {
    conv,
    split: { operator: 'Split', from: ['conv'], channels: [4, 4, 8] },
    one: { operator: 'Conv', from: ['split'], weights: ['w2'] },
    two: { operator: 'Sigmoid', from: ['split.1'] },
    three: { operator: 'Mul', from: ['split.2', 'two'] },
    end: sliced.end!,
  };
  const group = (match: GraphMatch) => match.matches.find(({ base, head }) => base.length + head.length > 2);

  test('by slices, then by one split', () => {
    const match = matched(sliced, split);
    expect(groups(match)).toEqual([
      ...['conv → conv', 'end → end', 'first second third → split', 'one → one', 'three → three', 'two → two'],
    ]);
    expect(group(match)).toMatchObject({ status: 'fused', changes: ['Slice → Split', 'was 3 nodes, now 1'] });
  });

  test('by one split, then by slices', () => {
    expect(group(matched(split, sliced))).toMatchObject({
      ...{ base: ['split'], head: ['first', 'second', 'third'], status: 'split' },
      changes: ['Split → Slice', 'was 1 node, now 3'],
    });
  });

  test('a part that nobody reads may be missing, and a part may be written twice', () => {
    const { second, two, ...rest } = sliced;
    const fewer: Network = { ...rest, three: { operator: 'Mul', from: ['third', 'first'] }, end: sliced.end! };
    expect([second, two]).not.toContain(undefined);
    expect(groups(matched(fewer, split))).toContain('first third → split');
    const twice: Network = { conv, again: slice(0), ...sliced, end: { operator: 'Concat', from: ['again', 'three'] } };
    expect(groups(matched(twice, split))).toContain('again first second third → split');
  });

  test.each<[string, Network]>([
    ['parts of another size', { ...sliced, second: slice(4, 2), third: slice(6, 10) }],
    ['more parts than outputs', { conv, fourth: slice(12), ...sliced, end: { operator: 'Concat', from: ['fourth'] } }],
  ])('stays added and removed: %s', (_, base) => {
    expect(matched(base, split).matches.find(({ head }) => head.includes('split'))).toMatchObject({ base: [] });
  });
});
