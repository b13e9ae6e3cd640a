import { describe, expect, test } from 'vitest';
import { chooseEdits } from '../../src/advise/selection.ts';
import { simulateSubject, whatIf } from '../../src/advise/what-if.ts';
import { applyEdits } from '../../src/optimizations/apply.ts';
import { parseEdits } from '../../src/optimizations/index.ts';
import { node, prepared } from '../schedule/models.ts';
import { shippedTarget } from '../review/input.ts';

const subject = {
  prepared: prepared({
    inputs: { x: ['float32', 16, 64] },
    constants: { v: ['float32', 64, 96], w: ['float32', 96, 32] },
    nodes: [node('MatMul', ['x', 'v'], 'a'), node('MatMul', ['a', 'w'], 'b')],
    outputs: ['b'],
  }),
  bindings: { dims: new Map(), inputs: new Map() },
};
const base = simulateSubject(subject, shippedTarget('rpi4-ncnn'));
const head = (text: string) => whatIf(subject, base, chooseEdits(parseEdits(text), base)).head;

test.each([
  ['int9', 'no edit is named `int9` (did you mean "int8"?)'],
  ['palettize 5', '`palettize` is followed by the bits of an index: 1, 2, 3, 4, 6, 8'],
  ['int8 on nowhere/*', 'no layer matches `nowhere/*`'],
  ['int8 on op:MatMull', 'no layer\'s operator is `MatMull` (did you mean "MatMul"?)'],
])('%s is refused in one line', (text, message) => {
  expect(() => head(text)).toThrow(message);
});

test('the same edit on one layer after the other is one edit on both', () => {
  expect(head('int8 on a; int8 on b').totals).toEqual(head('int8').totals);
});

test('an edit made twice is made twice', () => {
  expect(head('prune 0.5 on a; prune 0.5 on a').totals.macs).toBe(base.totals.macs / 4);
});

describe('conversions in turns with other edits', () => {
  const places = Array.from({ length: 40 }, (_, at) => at);
  const chain = {
    prepared: prepared({
      inputs: { x0: ['float32', 4, 8] },
      constants: Object.fromEntries(places.map((at) => [`w${at}`, ['float32', 8, 8]])),
      nodes: places.map((at) => node('MatMul', [`x${at}`, `w${at}`], `x${at + 1}`)),
      outputs: ['x40'],
    }),
    bindings: subject.bindings,
  };
  const start = simulateSubject(chain, shippedTarget('rpi4-ncnn'));
  const operatorsAfter = (turns: readonly string[]) => {
    const chosen = chooseEdits(parseEdits(turns.join('; ')), start);
    return applyEdits(chain.prepared, chosen, chain).prepared.graph.nodes.map(({ operator }) => operator);
  };

  test('a Cast stands at each border and nowhere else, whatever was converted before', () => {
    const turns = places.map((at) => `${at % 2 === 0 ? 'fp16' : 'w8'} on x${at + 1}`);
    const half = places.filter((at) => at % 2 === 0).flatMap(() => ['Cast', 'MatMul', 'Cast', 'MatMul']);
    expect(operatorsAfter(turns).filter((operator) => operator !== 'DequantizeLinear')).toEqual(half);
  });

  test('nothing grows for ever', () => {
    const kinds = ['fp16', 'bf16', 'int8', 'int8 activations=dynamic', 'w8', 'w4'];
    const most = operatorsAfter(['int8 activations=dynamic']).length;
    for (const [at, first] of kinds.entries()) {
      const turns = places.map(
        (turn) => `${turn % 2 === 0 ? first : kinds[(at + turn) % kinds.length]} on x${turn + 1}`,
      );
      const operators = operatorsAfter([...turns, ...kinds]);
      expect([first, operators.length <= 2 * most]).toEqual([first, true]);
    }
  });
});
