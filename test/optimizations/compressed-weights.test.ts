/** `palettize` and `sparsify`: what they make of models, of their sizes and of their times. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { readElements } from '../../src/formats/weights.ts';
import { readModel } from '../../src/formats/index.ts';
import { bufferSource, type ModelSources } from '../../src/ir/byte-source.ts';
import type { Node } from '../../src/ir/graph.ts';
import { applyEdits, type EditedModel } from '../../src/optimizations/apply.ts';
import { leftByTool } from '../../src/optimizations/weights/operands.ts';
import { parseEdits } from '../../src/optimizations/index.ts';
import { editedSources } from '../../src/optimizations/weights/edited-sources.ts';
import { weightErrors } from '../../src/optimizations/weights/weight-errors.ts';
import { prepare } from '../../src/passes/index.ts';
import type { PreparedModel } from '../../src/passes/prepared.ts';
import { compile } from '../../src/schedule/compile.ts';
import { formsUnpacked } from '../../src/schedule/compressed-weights.ts';
import { parseTarget } from '../../src/schedule/target-file.ts';
import type { Target } from '../../src/schedule/target.ts';
import { simulate } from '../../src/simulate/simulate.ts';
import { node, prepared, type ModelGiven } from '../schedule/models.ts';

const root = join(import.meta.dirname, '../..');
const bindings = { dims: new Map(), inputs: new Map() };

function edit(model: PreparedModel, text: string, selects: (node: Node) => boolean = () => true): EditedModel {
  return applyEdits(
    model,
    parseEdits(text).map((each) => ({ edit: each.edit, selects })),
    { bindings },
  );
}

const hardware = (name: string) => readFileSync(join(root, 'hardware', `${name}.yml`), 'utf8');

function target(id: string): Target {
  return parseTarget(hardware(id), `${id}.yml`, (base) => hardware(`bases/${base}`))[0]!;
}

const latencyOn = (model: PreparedModel, on: Target, sources?: ModelSources) =>
  simulate(compile(model, on, sources === undefined ? {} : { sources })).totals.latencySeconds;

/** A product of 512 × 512 halves, a convolution that shares its weight with another, a depthwise one and an embedding. */
const given: ModelGiven = {
  inputs: { x: ['float32', 1, 512], image: ['float32', 1, 64, 8, 8], tokens: ['int64', 1, 3] },
  constants: {
    dense: ['float32', 512, 512],
    shared: ['float32', 64, 64, 1, 1],
    depthwise: ['float32', 64, 1, 3, 3],
    table: ['float32', 100, 33],
    integers: ['int8', 512, 16],
  },
  nodes: [
    node('MatMul', ['x', 'dense'], 'y'),
    node('MatMul', ['y', 'integers'], 'z'),
    node('Conv', ['image', 'shared'], 'a'),
    node('Conv', ['a', 'shared'], 'b'),
    node('Conv', ['b', 'depthwise'], 'c', { group: 64 }),
    node('Gather', ['table', 'tokens'], 'd'),
    node('Relu', ['c'], 'e'),
  ],
  outputs: ['z', 'e', 'd'],
  overheadBytes: 1000,
};
const model = prepared(given);
const sizes = { dense: 512 * 512, shared: 64 * 64, depthwise: 64 * 9, table: 3300 };

function weightsBytes({ prepared: { parameters } }: EditedModel): number {
  return [...parameters.values()].reduce((sum, count) => sum + count.weightsBytes, 0);
}

function fileBytes({
  prepared: {
    model: { files },
  },
}: EditedModel): number {
  return files.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

describe('palettize', () => {
  it('stores indices and a table instead of floats', () => {
    const edited = edit(model, 'palettize 4');
    expect(edited.steps[0]!.touched).toEqual(['y', 'a', 'b', 'c', 'd']);
    expect(edited.steps[0]!.notApplied.map(({ node: id, reason }) => `${id}: ${reason}`)).toEqual([
      'z: its weights are int8 already',
    ]);
    const indices = (sizes.dense + sizes.shared + sizes.depthwise + sizes.table) / 2;
    expect(weightsBytes(edited)).toBe(indices + 4 * 16 * 4 + 512 * 16);
    const before = fileBytes(edit(model, 'palettize 4', () => false));
    // Beside the elements each table has a name, a type and a shape.
    const tables = 4 * 16 * 4;
    const after = before - 8 * indices + indices + tables;
    expect(fileBytes(edited)).toBeGreaterThan(after);
    expect(fileBytes(edited)).toBeLessThan(after + 4 * 40);
  });

  it('gives a weight that others read too a name of its own', () => {
    const edited = edit(model, 'palettize 2', ({ id }) => id === 'a');
    const inputs = edited.prepared.graph.nodes
      .filter(({ operator }) => operator === 'Conv')
      .map((one) => one.inputs[1]);
    expect(inputs).toEqual(['shared/palettized', 'shared', 'depthwise']);
    // What the others read stays in the file: indices and a table come on top.
    expect(weightsBytes(edited) - weightsBytes(edit(model, 'palettize 2', () => false))).toBe((64 * 64 * 2) / 8 + 16);
  });

  it('leaves weights that would not shrink', () => {
    const small = prepared({
      inputs: { x: ['float32', 1, 4] },
      constants: { w: ['float32', 4, 4] },
      nodes: [node('MatMul', ['x', 'w'], 'y')],
      outputs: ['y'],
    });
    const edited = edit(small, 'palettize 4');
    expect(edited.weights).toEqual([]);
    expect(edited.steps[0]!.notApplied[0]?.reason).toBe('indices and their table would be no smaller than its weights');
  });

  it('is refused in one line for what it does not know', () => {
    for (const [text, message] of [
      ['palettize 5', 'followed by the bits of an index: 1, 2, 3, 4, 6, 8'],
      ['palettize', 'followed by the bits'],
      ['palettize 4 group=3', 'has no `group=`'],
      ['sparsify 1', 'between 0 and 1'],
      ['sparsify 0', 'between 0 and 1'],
      ['sparsify 1:4', 'or by `2:4`'],
      ['sparsify 0.5 axis=1', 'has no `axis=`'],
    ]) {
      expect(() => parseEdits(text!), text).toThrow(message);
    }
  });
});

describe('sparsify', () => {
  it('leaves the size of files that have no sparse weights', () => {
    const edited = edit(model, 'sparsify 0.5');
    expect(fileBytes(edited)).toBe(fileBytes(edit(model, 'sparsify 0.5', () => false)));
    expect(edited.weights.map(({ to }) => to.packing?.kept)).toEqual([131072, 2048, 288, 1650]);
  });

  it('2:4 is for products with enough input channels', () => {
    const edited = edit(model, 'sparsify 2:4');
    expect(edited.weights.map(({ change }) => change)).toEqual([
      { kind: 'sparsify-two-of-four', axis: 0 },
      { kind: 'sparsify-two-of-four', axis: 1 },
    ]);
    expect(edited.steps[0]!.notApplied.map(({ node: id, reason }) => `${id}: ${reason}`)).toEqual([
      'z: its weights are int8 already',
      'c: its 1 input channels are no multiple of 4',
      'd: its weights are looked up and not multiplied',
    ]);
  });
});

describe('what targets make of compressed weights', () => {
  it('those that unpack them gain nothing and are named', () => {
    const raspberry = target('rpi4-xnnpack');
    for (const text of ['palettize 2', 'sparsify 0.9', 'sparsify 2:4', 'sparsify 0.5; palettize 4']) {
      const { prepared: edited } = edit(model, text);
      expect(latencyOn(edited, raspberry)).toBe(latencyOn(model, raspberry));
    }
    expect(formsUnpacked(edit(model, 'sparsify 0.5; palettize 4').prepared.graph, raspberry)).toEqual([
      'palette',
      'sparse',
    ]);
    expect(formsUnpacked(model.graph, raspberry)).toEqual([]);
  });

  it("Apple's engine reads them as they are", () => {
    const engine = target('apple-neural-engine-a15');
    const stream = (one: PreparedModel) =>
      compile(one, engine)
        .kernels[0]!.streams.filter(({ role }) => role === 'weights')
        .map(({ readBytes }) => readBytes);
    expect(stream(model)).toEqual([2 * sizes.dense]);
    expect(stream(edit(model, 'palettize 4').prepared)).toEqual([sizes.dense / 2 + 32]);
    // Half of the halves, and a bit for each.
    expect(stream(edit(model, 'sparsify 0.5').prepared)).toEqual([sizes.dense + sizes.dense / 8]);
    expect(stream(edit(model, 'sparsify 0.5; palettize 4').prepared)).toEqual([sizes.dense / 4 + sizes.dense / 8 + 32]);
    expect(formsUnpacked(edit(model, 'palettize 4').prepared.graph, engine)).toEqual([]);
  });

  it("an Ethos-U's compiler looks at the values", () => {
    const bytes = readFileSync(join(root, 'fixtures/models/cnn-residual.onnx'));
    const sources: ModelSources = new Map([['', bufferSource(bytes)]]);
    const float = prepare(readModel(sources, 'cnn-residual.onnx'), bindings);
    const npu = target('ethos-u55-128');
    const weightBytes = (one: PreparedModel, from: ModelSources) => {
      const { kernels, assumptions } = compile(one, npu, { sources: from });
      expect(assumptions).toContain('assumed int8: the file holds floats');
      const streams = kernels.flatMap((kernel) => kernel.streams).filter(({ role }) => role === 'weights');
      return streams.reduce((sum, stream) => sum + stream.readBytes, 0);
    };
    const plain = weightBytes(float, sources);
    for (const [text, share] of [
      ['palettize 2', 0.7],
      ['sparsify 0.9', 0.5],
    ] as const) {
      const edited = edit(float, text);
      const overlay = editedSources(sources, edited.weights);
      expect(weightBytes(edited.prepared, overlay), text).toBeLessThan(share * plain);
      expect(formsUnpacked(edited.prepared.graph, npu)).toEqual([]);
      const errors = [...weightErrors(sources, edited.weights).values()];
      expect(errors.every(({ sqnrDecibels }) => sqnrDecibels !== null && sqnrDecibels > 0)).toBe(true);
    }
  });
});

it('weights that were only moved about are read and edited', () => {
  const bytes = new Uint8Array(new Float32Array([1, 2, 3, 4, 5, 6]).buffer);
  const sources: ModelSources = new Map([['', bufferSource(bytes)]]);
  const turned = prepared({
    inputs: { x: ['float32', 1, 3] },
    constants: { w: ['float32', 2, 3] },
    nodes: [node('Transpose', ['w'], 't'), node('MatMul', ['x', 't'], 'y')],
    outputs: ['y'],
  });
  const w = turned.graph.initializers.get('t')!;
  expect(w.movedFrom?.permutation).toEqual([1, 0]);
  const constant = {
    ...w.movedFrom!.constant,
    ranges: [{ file: '', offset: 0, byteLength: bytes.length }],
    available: true,
  };
  const initializers = new Map(turned.graph.initializers).set('t', {
    ...w,
    available: true,
    movedFrom: { constant, permutation: [1, 0] },
  });
  const readable = { ...turned, graph: { ...turned.graph, initializers } };
  const edited = edit(readable, 'sparsify 0.5');
  const [weight] = edited.weights;
  // 3 × 2, the three smallest gone.
  expect([...readElements(weight!.to, editedSources(sources, edited.weights))!]).toEqual([0, 4, 0, 5, 0, 6]);
  expect(weightErrors(sources, edited.weights).get('y')?.sqnrDecibels).toBeCloseTo(10 * Math.log10(91 / 14), 9);
});

test('small weights stay where Core ML Tools leave them, and nowhere else', () => {
  const weight = (elements: number) => ({
    ...prepared(given).graph.initializers.values().next().value!,
    shape: [elements],
  });
  expect(leftByTool(weight(2048), 'coreml')).toBe('Core ML Tools leave weights of up to 2048 elements as they are');
  expect(leftByTool(weight(2049), 'coreml')).toBeUndefined();
  expect(leftByTool(weight(4), 'onnx')).toBeUndefined();
});
