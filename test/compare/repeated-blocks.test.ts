/** Blocks that repeat: nothing but their place tells one from the other. */
import { describe, expect, test } from 'vitest';
import { groups, matched, type Draft, type Network } from './networks.ts';

/** Blocks one behind the other, each reading what the one before made. */
function stacked(count: number, block: (before: string, at: number) => Network): Network {
  let [network, before]: [Network, string] = [{}, 'x'];
  for (let at = 0; at < count; at += 1) {
    network = { ...network, ...block(before, at) };
    before = Object.keys(network).at(-1)!;
  }
  return network;
}

describe('blocks that repeat, trained anew', () => {
  const gelu = (from: string, at: number): Network => ({
    [`div${at}`]: { operator: 'Div', from: [from], weights: ['number 1.4'] },
    [`erf${at}`]: { operator: 'Erf', from: [`div${at}`] },
    [`one${at}`]: { operator: 'Add', from: [`erf${at}`], weights: ['number 1'] },
    [`gate${at}`]: { operator: 'Mul', from: [from, `one${at}`] },
  });

  test('what lost the factor behind its gate keeps the gate', () => {
    const product = (from: string, at: number, run: string): Network => ({
      [`product${at}`]: { operator: 'MatMul', from: [from], weights: [`${run} ${at}`] },
    });
    const base = stacked(4, (before, at) => ({
      ...product(before, at, 'before'),
      ...gelu(`product${at}`, at),
      [`half${at}`]: { operator: 'Mul', from: [`gate${at}`], weights: ['number 0.5'] },
      [`scale${at}`]: { operator: 'Mul', from: [`half${at}`], weights: ['bias scale'] },
    }));
    const head = stacked(4, (before, at) => ({
      ...product(before, at, 'after'),
      ...gelu(`product${at}`, at),
      [`scale${at}`]: { operator: 'Mul', from: [`gate${at}`], weights: ['bias scale'] },
    }));
    const pairs = groups(matched(base, head));
    for (const at of [0, 1, 2, 3]) {
      expect(pairs).toContain(`gate${at} → gate${at}`);
      expect(pairs).toContain(`half${at} → `);
    }
  });

  test('parallel branches do not change places, whatever came before them', () => {
    const block = (run: string, isSwapped: boolean) => (before: string, at: number) => {
      const branches = ['wide', 'tall'].map((kind): [string, Draft] => [
        `${kind}${at}`,
        { operator: 'Conv', from: [before], weights: [`${kind} ${run} ${at}`] },
      ]);
      if (isSwapped) branches.reverse();
      return {
        ...Object.fromEntries(branches),
        [`sum${at}`]: { operator: 'Add', from: branches.map(([id]) => id) },
      };
    };
    const base: Network = {
      ...gelu('x', 8),
      ...renamed(stacked(6, block('before', false)), 'x', 'gate8'),
      ...gelu('sum5', 9),
    };
    const head: Network = {
      first: { operator: 'Gelu', from: ['x'] },
      ...renamed(stacked(6, block('after', true)), 'x', 'first'),
      last: { operator: 'Gelu', from: ['sum5'] },
    };
    const pairs = groups(matched(base, head));
    for (const at of [0, 1, 2, 3, 4, 5]) {
      expect(pairs).toContain(`wide${at} → wide${at}`);
      expect(pairs).toContain(`tall${at} → tall${at}`);
    }
  });
});

function renamed(network: Network, from: string, to: string): Network {
  const swap = (draft: Draft): Draft => ({ ...draft, from: draft.from.map((name) => (name === from ? to : name)) });
  return Object.fromEntries(Object.entries(network).map(([id, draft]) => [id, swap(draft)]));
}
