import { describe, expect, test } from 'vitest';
import { readQuantized } from '../../src/passes/read-quantized.ts';
import { compile } from '../../src/schedule/compile.ts';
import type { Target } from '../../src/schedule/target.ts';
import type { ModelGiven } from '../schedule/models.ts';
import { node, prepared } from '../schedule/models.ts';
import { toyCpu } from '../schedule/toy-targets.ts';

/** Two products that read one quantized tensor and leave floats, which nothing quantizes again. */
const twoProducts: ModelGiven = {
  inputs: { x: ['float32', 1, 16, 8, 8] },
  constants: { s: ['float32'], z: ['int8'], w: ['int8', 16, 16, 1, 1], v: ['int8', 16, 16, 1, 1] },
  nodes: [
    node('QuantizeLinear', ['x', 's', 'z'], 'q'),
    node('DequantizeLinear', ['q', 's', 'z'], 'd'),
    node('DequantizeLinear', ['w', 's', 'z'], 'wd'),
    node('DequantizeLinear', ['v', 's', 'z'], 'vd'),
    node('Conv', ['d', 'wd'], 'a'),
    node('Conv', ['d', 'vd'], 'b'),
    node('Relu', ['a'], 'y'),
    node('Relu', ['b'], 'u'),
  ],
  outputs: ['y', 'u'],
};

function operatorsOf(given: ModelGiven): readonly string[] {
  return readQuantized(prepared(given).graph).nodes.map(({ operator, inputs }) => `${operator} ${inputs[0] ?? ''}`);
}

describe('products that read what was quantized', () => {
  test('read the integers, and the dequantizer between is gone', () => {
    expect(operatorsOf(twoProducts)).toEqual(['QuantizeLinear x', 'Conv q', 'Conv q', 'Relu a', 'Relu b']);
  });

  test('every node of the file still stands for something', () => {
    const { nodes } = readQuantized(prepared(twoProducts).graph);
    const kept = nodes.flatMap(({ sources }) => sources);
    expect(
      prepared(twoProducts)
        .graph.nodes.flatMap(({ sources }) => sources)
        .toSorted(),
    ).toEqual(kept.toSorted());
  });

  test('a dequantizer stays where something else reads it', () => {
    const others = {
      ...twoProducts,
      nodes: [...twoProducts.nodes, node('Sqrt', ['d'], 'r')],
      outputs: ['y', 'u', 'r'],
    };
    expect(operatorsOf(others)).toContain('DequantizeLinear q');
    expect(operatorsOf(others)).toContain('Conv q');
  });

  test('float weights and floats that were never integers stay as they are', () => {
    const constants = {
      ...twoProducts.constants,
      wd: ['float32', 16, 16, 1, 1],
      vd: ['float32', 16, 16, 1, 1],
    } as const;
    const nodes = twoProducts.nodes.filter(({ out }) => !['wd', 'vd'].includes(out[0]!));
    const { graph } = prepared({ ...twoProducts, constants, nodes });
    expect(readQuantized(graph)).toBe(graph);
  });

  test('such a target computes on the integers and moves them, another one on the floats', () => {
    const quantizing: Target = { ...toyCpu, support: { ...toyCpu.support, dequantizedProducts: true } };
    const convolutions = (target: Target) =>
      compile(prepared(twoProducts), target)
        .kernels.filter(({ operator }) => operator === 'Conv')
        .map(({ type, inputs }) => [type, inputs[0]!.tensor, inputs[0]!.bytes]);
    expect(convolutions(quantizing)).toEqual([
      ['int8', 'q', 1024],
      ['int8', 'q', 1024],
    ]);
    expect(convolutions(toyCpu)).toEqual([
      ['float32', 'd', 4096],
      ['float32', 'd', 4096],
    ]);
  });
});
