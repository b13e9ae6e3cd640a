/** What compiling sees of TFLite alone: kernels of mixed types, variables that take memory, a choice among branches. */
import { describe, expect, test } from 'vitest';
import {
  addOperator,
  addSubgraph,
  addTensor,
  createModel,
  encodeTflite,
  int32,
  int8,
  numbers,
  text,
  type SubgraphDraft,
} from '../../../fixtures/tflite-builder.mjs';
import { readModel } from '../../../src/formats/index.ts';
import { bufferSource } from '../../../src/ir/byte-source.ts';
import { prepare } from '../../../src/passes/index.ts';
import { inspectDocument } from '../../../src/report/inspect.ts';
import { inferModel } from '../../../src/passes/index.ts';
import { compile } from '../../../src/schedule/compile.ts';
import type { Target } from '../../../src/schedule/target.ts';
import { toyCpu, toyNpu } from '../../schedule/toy-targets.ts';

const nothing = { dims: new Map<string, number>(), inputs: new Map<string, readonly number[]>() };

function modelOf(...builders: readonly ((graph: SubgraphDraft) => void)[]) {
  const draft = createModel();
  const graphs = builders.map((_, index) => addSubgraph(draft, `graph${index}`));
  builders.forEach((build, index) => build(graphs[index]!));
  return readModel(new Map([['', bufferSource(encodeTflite(draft, { description: '' }))]]), 'm.tflite');
}

const scheduleOf = (model: ReturnType<typeof modelOf>, target: Target = toyCpu) =>
  compile(prepare(model, nothing), target);

const row = (name: string, length = 64) => ({ name, type: 'float32', shape: [1, length] });

function product(graph: SubgraphDraft, weight: { readonly type: string; readonly bytes: number }): void {
  graph.inputs.push(addTensor(graph, row('x')));
  const data = new Uint8Array(weight.bytes);
  const scaled = weight.type === 'int8' ? { scale: 0.5 } : {};
  const weights = addTensor(graph, { name: 'w', type: weight.type, shape: [16, 64], data, ...scaled });
  graph.outputs.push(addTensor(graph, row('y', 16)));
  addOperator(graph, 9, { inputs: [0, weights, -1], outputs: [2] }, [8, { 0: int8(1) }]);
}

describe('float activations and weights of 8 bits', () => {
  const hybrid = modelOf((graph) => product(graph, { type: 'int8', bytes: 1024 }));
  const plain = modelOf((graph) => product(graph, { type: 'float32', bytes: 4096 }));

  test('take a byte for each weight, and products of integers', () => {
    const [kernel] = scheduleOf(hybrid).kernels;
    expect([kernel?.type, kernel?.macs, kernel?.weightsBytes]).toEqual(['int8', 1024, 1024]);
    const placed = scheduleOf(hybrid).arenas.flatMap(({ placements }) => placements);
    expect(placed.find(({ tensor }) => tensor === 'w')?.bytes).toBe(1024);
    expect(scheduleOf(plain).kernels.map(({ type, weightsBytes }) => [type, weightsBytes])).toEqual([
      ['float32', 4096],
    ]);
  });

  test('need their activations quantized as they run: two passes over 64 of them, and a conversion each', () => {
    const steps = (model: typeof hybrid) =>
      Object.fromEntries(scheduleOf(model).kernels[0]!.vector.map(({ operation, elements }) => [operation, elements]));
    const before = steps(plain);
    expect(steps(hybrid)).toEqual({ ...before, add: (before.add ?? 0) + 2 * 64, convert: 64 });
  });

  test('stay with floats where the main unit has none', () => {
    const [kernel] = scheduleOf(hybrid, toyNpu).kernels;
    expect([kernel?.unit, kernel?.fallback?.reason]).toEqual(['cpu', '`Gemm` in float32 is not supported; int8 is']);
  });
});

describe('variables', () => {
  const peak = (model: ReturnType<typeof modelOf>) =>
    Math.max(...scheduleOf(model).arenas.map(({ lowerBoundBytes }) => lowerBoundBytes));

  function filter(steps: number) {
    return modelOf((graph) => {
      graph.inputs.push(addTensor(graph, row('x', 8)));
      const weights = ['features', 'times'].map((name, index) => {
        const shape = [4, index === 0 ? 8 : 6];
        return addTensor(graph, { name, type: 'float32', shape, data: new Uint8Array(4 * 4 * shape[1]!) });
      });
      const state = addTensor(graph, { name: 'state', type: 'float32', shape: [1, 4 * steps], variable: true });
      graph.outputs.push(addTensor(graph, row('y', 4)));
      addOperator(graph, 27, { inputs: [0, ...weights, -1, state], outputs: graph.outputs }, [6, { 0: int32(1) }]);
    });
  }

  test('of a filter are there from the first kernel to the last', () => {
    expect([...filter(6).graph.states!]).toEqual([['state', { dtype: 'float32', shape: [1, 24] }]]);
    // Four filters of float32, a step each.
    expect(peak(filter(100)) - peak(filter(6))).toBe(94 * 4 * 4);
    const placed = scheduleOf(filter(6)).arenas.flatMap(({ placements }) => placements);
    expect(placed.find(({ tensor }) => tensor === 'state')).toMatchObject({ bytes: 96, firstKernel: 0 });
  });

  test('that are resources count once by their name', () => {
    const model = modelOf((graph) => {
      graph.inputs.push(addTensor(graph, row('x')));
      for (const name of ['a', 'b']) {
        const handle = addTensor(graph, { name, type: 'resource', shape: [] });
        addOperator(graph, 142, { inputs: [], outputs: [handle] }, [111, { 1: text('cache') }]);
        addOperator(graph, 144, { inputs: [handle, 0], outputs: [] }, [113, {}]);
        const value = addTensor(graph, row(`${name}/value`));
        addOperator(graph, 143, { inputs: [handle], outputs: [value] }, [112, {}]);
        graph.outputs.push(value);
      }
    });
    expect([...model.graph.states!]).toEqual([['variable cache', { dtype: 'float32', shape: [1, 64] }]]);
  });
});

test('a choice among three branches is counted by the costliest', () => {
  const branch = (width: number) => (graph: SubgraphDraft) => {
    graph.inputs.push(addTensor(graph, row(`x${width}`)));
    let last = graph.inputs[0]!;
    for (const [index, [from, to]] of [
      [64, width],
      [width, 16],
    ].entries() as Iterable<[number, [number, number]]>) {
      const name = `${width}/${index}`;
      const data = new Uint8Array(4 * from * to);
      const weights = addTensor(graph, { name: `${name}/weights`, type: 'float32', shape: [to, from], data });
      const output = addTensor(graph, row(name, to));
      addOperator(graph, 9, { inputs: [last, weights, -1], outputs: [output] }, [8, {}]);
      last = output;
    }
    graph.outputs.push(last);
  };
  const model = modelOf(
    (graph) => {
      const index = addTensor(graph, { name: 'index', type: 'int32', shape: [] });
      graph.inputs.push(index, addTensor(graph, row('x')));
      graph.outputs.push(addTensor(graph, row('y', 16)));
      addOperator(graph, 209, { inputs: [0, 1], outputs: [2] }, [2, { 0: numbers('int32', [1, 2, 3]) }]);
    },
    branch(8),
    branch(32),
    branch(4),
  );
  const document = inspectDocument(inferModel(model, nothing), 'm');
  expect(document.unknownOperators).toEqual([]);
  expect(document.model.macs).toBe(32 * (64 + 16));
  expect(document.model.parameters).toBe((8 + 32 + 4) * (64 + 16));
  expect(document.outputs.map(({ shape }) => shape)).toEqual([[1, 16]]);
  expect(scheduleOf(model).sizes.macs).toBe(32 * (64 + 16));
});
