import { describe, expect, test } from 'vitest';
import { inferred, macs, vectorTotals, work } from './one-node.ts';
import type { OneNode } from './one-node.ts';

const einsum = (equation: string, ...inputs: string[]): OneNode => ({ op: 'Einsum', inputs, attributes: { equation } });

describe('Einsum', () => {
  test.each<[string, OneNode, string]>([
    ['attention scores', einsum('bhqd,bhkd->bhqk', 'float32[b,12,q,64]', 'float32[b,12,k,64]'), 'float32[b,12,q,k]'],
    ['transposition', einsum('ij->ji', 'float32[2,3]'), 'float32[3,2]'],
    ['diagonal', einsum('ii->i', 'float32[3,3]'), 'float32[3]'],
    ['implied result in alphabetical order', einsum('ba', 'float32[2,3]'), 'float32[3,2]'],
    ['implied sum', einsum('ij,jk', 'float32[2,3]', 'float32[3,4]'), 'float32[2,4]'],
    ['full sum', einsum('ij->', 'float32[2,3]'), 'float32[]'],
    ['ellipses broadcast', einsum('...ij,...jk->...ik', 'float32[5,1,2,3]', 'float32[7,3,4]'), 'float32[5,7,2,4]'],
    ['spaces', einsum(' i j , j -> i ', 'float32[2,3]', 'float32[3]'), 'float32[2]'],
    ['wrong rank', einsum('ijk->i', 'float32[2,3]'), 'float32'],
    ['wrong number of operands', einsum('ij,jk->ik', 'float32[2,3]'), 'float32'],
  ])('%s', (_, given, expected) => {
    expect(inferred(given)).toEqual([expected]);
  });

  test('counts a contraction as the product of all its labels', () => {
    const scores = einsum('bqhd,bkhd->bhqk', 'float32[2,10,3,8]', 'float32[2,20,3,8]');
    expect(macs(scores)).toBe(2 * 3 * 10 * 20 * 8);
    expect(work(scores).nests[0]).toMatchObject({ G: 6, OY: 10, K: 20, C: 8 });
    expect(work(scores).vector).toEqual([]);
  });

  test('contracts more operands from the left', () => {
    // ij·jk: 2·3·4, then ik·kl: 2·4·5
    expect(macs(einsum('ij,jk,kl->il', 'float32[2,3]', 'float32[3,4]', 'float32[4,5]'))).toBe(24 + 40);
  });

  test('has no MACs where nothing is summed', () => {
    const outer = einsum('i,j->ij', 'float32[4]', 'float32[5]');
    expect(macs(outer)).toBe(0);
    expect(vectorTotals(outer)).toEqual({ multiply: 20 });
    expect(vectorTotals(einsum('ij->i', 'float32[4,5]'))).toEqual({ add: 20 });
    expect(vectorTotals(einsum('ij->ji', 'float32[4,5]'))).toEqual({ move: 20 });
  });
});
