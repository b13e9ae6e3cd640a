import { describe, expect, test } from 'vitest';
import { encodeGraph, readBytes } from '../models.ts';

const imports = [
  { domain: '', version: 17 },
  { domain: 'd', version: 1 },
];

/** `x -> call of f0`; function i calls function `calls[i]`. */
function calling(calls: readonly number[]) {
  const functions = calls.map((called, index) => ({
    ...{ name: `f${String(index)}`, domain: 'd', input: ['a'], output: ['b'], opsetImport: imports },
    node: [{ opType: `f${String(called)}`, domain: 'd', input: ['a'], output: ['b'] }],
  }));
  const type = { tensorType: { elemType: 1, shape: { dim: [{ dimValue: 4 }] } } };
  const node = [{ opType: 'f0', domain: 'd', input: ['x'], output: ['y'] }];
  return encodeGraph(
    { input: [{ name: 'x', type }], output: [{ name: 'y', type }], node },
    { functions, opsetImport: imports },
  );
}

describe('local functions that call themselves', () => {
  test.each([
    { calls: [0], name: 'f0' },
    { calls: [1, 2, 1], name: 'f1' },
  ])('$calls is refused with the name of one', ({ calls, name }) => {
    expect(() => readBytes(calling(calls))).toThrow(
      `m.onnx: local function "${name}" calls itself; ONNX knows no recursion`,
    );
  });

  test('a long chain of calls is none', () => {
    const chain = Array.from({ length: 5000 }, (_, index) => index + 1);
    expect(readBytes(calling(chain)).functions).toHaveLength(5000);
  });
});
