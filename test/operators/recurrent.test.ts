import { describe, expect, test } from 'vitest';
import { inferred, macs, vectorTotals, work } from './one-node.ts';
import type { OneNode } from './one-node.ts';

const lstm = (attributes: OneNode['attributes'] = {}, more: Partial<OneNode> = {}): OneNode => ({
  op: 'LSTM',
  inputs: ['float32[20,2,10]', 'float32[1,64,10]', 'float32[1,64,16]', 'float32[1,128]'],
  attributes: { hidden_size: 16, ...attributes },
  outputs: 3,
  ...more,
});

describe('recurrent layers', () => {
  test('have a sequence and their last states as outputs', () => {
    expect(inferred(lstm())).toEqual(['float32[20,1,2,16]', 'float32[1,2,16]', 'float32[1,2,16]']);
    expect(inferred(lstm({ layout: 1 }))).toEqual(['float32[20,2,1,16]', 'float32[20,1,16]', 'float32[20,1,16]']);
    expect(inferred(lstm({ direction: 'bidirectional' }))[0]).toBe('float32[20,2,2,16]');
    expect(inferred({ ...lstm(), inputs: ['float32[s,b,10]', 'float32', 'float32'] })).toEqual([
      'float32[s,1,b,16]',
      'float32[1,b,16]',
      'float32[1,b,16]',
    ]);
    expect(inferred({ ...lstm(), op: 'GRU', outputs: 2 })).toEqual(['float32[20,1,2,16]', 'float32[1,2,16]']);
  });

  test('take the hidden size from the weights where no attribute gives it', () => {
    const inputs = ['float32[5,1,10]', 'float32[1,48,10]', 'float32[1,48,16]'];
    expect(inferred({ op: 'GRU', inputs })[0]).toBe('float32[5,1,1,16]');
  });

  test('multiply the input at once and the state step by step', () => {
    const [input, state] = work(lstm()).nests;
    expect(input).toMatchObject({ G: 1, OY: 40, K: 64, C: 10, sequentialSteps: 1, stationaryInput: 1 });
    expect(state).toMatchObject({ G: 1, OY: 2, K: 64, C: 16, sequentialSteps: 20, stationaryInput: 2 });
    // 4 gates · 16 units · 20 steps · batch 2 · (10 + 16)
    expect(macs(lstm())).toBe(4 * 16 * 20 * 2 * 26);
    expect(work(lstm()).operatorClass).toBe('recurrent');
  });

  test('count gates and directions', () => {
    expect(macs({ ...lstm(), op: 'GRU' })).toBe(3 * 16 * 20 * 2 * 26);
    expect(macs({ ...lstm(), op: 'RNN' })).toBe(16 * 20 * 2 * 26);
    expect(macs(lstm({ direction: 'bidirectional' }))).toBe(2 * macs(lstm()));
    // layout 1: 20 samples of 2 steps
    expect(work(lstm({ layout: 1 })).nests[1]).toMatchObject({ OY: 20, sequentialSteps: 2 });
  });

  test('count the work of gates, biases and peepholes', () => {
    // 20 steps · 2 · 16 units = 640; 5 + 4 additions with the bias
    expect(vectorTotals(lstm())).toEqual({ exponential: 3200, multiply: 1920, add: 5760 });
    const inputs = [...lstm().inputs, '', '', '', 'float32[1,48]'];
    expect(vectorTotals({ ...lstm(), inputs })).toEqual({ exponential: 3200, multiply: 3840, add: 7680 });
  });
});
