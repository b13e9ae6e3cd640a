/**
 * Files that coremltools 9.0 made of four small networks (its MIL builder, its kmeans and vector palettization, pruning,
 * linear and joint compression, the quantization of NeuralNetworks), against what coremltools itself reads out of them.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { unzipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { readModel } from '../../../src/formats/index.ts';
import { modelInitializers, readElements } from '../../../src/formats/weights.ts';
import { bufferSource, type ModelSources } from '../../../src/ir/byte-source.ts';
import { bitsPerElement } from '../../../src/ir/data-type.ts';
import type { Initializer, Model } from '../../../src/ir/graph.ts';
import { inferModel, prepare } from '../../../src/passes/index.ts';
import { inspectDocument } from '../../../src/report/inspect.ts';
import { packageSources } from './sources.ts';

interface Said {
  readonly packages: Readonly<
    Record<
      string,
      {
        /** Elements of all weights and biases; of sparse ones those that are stored. */
        readonly elements: number;
        /** Of these, and of the masks, tables and blocks' scales that they are stored with. */
        readonly bytes: number;
        /** Each constant of those: SHA-256 of its elements as little-endian float32. */
        readonly tensors: readonly {
          readonly bits: number;
          readonly shape: readonly number[];
          readonly sha256: string;
        }[];
      }
    >
  >;
  /** Layers of quantized.mlmodel: their unpacked codes, and the weight that comes out. */
  readonly quantized: Readonly<
    Record<string, { readonly bits: number; readonly codes: string; readonly dense: string }>
  >;
}

const folder = new URL('../../golden/coremltools/', import.meta.url);
const archive = unzipSync(readFileSync(new URL('coremltools-9.0.zip', folder)));
const said = JSON.parse(readFileSync(new URL('coremltools-9.0.json', folder), 'utf8')) as Said;
const none = { dims: new Map(), inputs: new Map() };

function sourcesOf(name: string): ModelSources {
  const files = Object.entries(archive).filter(([path]) => path.startsWith(`${name}.mlpackage/`));
  return packageSources(new Map(files.map(([path, bytes]) => [path.slice(path.indexOf('/') + 1), bytes])));
}

const digest = (elements: Iterable<number>) => createHash('sha256').update(Float32Array.from(elements)).digest('hex');

/** Worked out by hand: positions × filters × depth × kernel, and so on. */
const macs: Readonly<Record<string, number>> = {
  // Stem and block at 16 × 16, 1 × 1 at 8 × 8, the classifier.
  conv: 256 * (16 * 27 + 16 * 144) + 64 * 32 * 16 + 320,
  // Expansion at 24 × 24, depthwise at 12 × 12, the gate of one pixel, the projection.
  depthwise: 576 * 32 * 8 + 144 * 32 * 25 + 32 * 32 + 144 * 16 * 32,
  // Four products of 32 × 32 and two of 32 × 64 for 12 tokens; 4 heads of 12 × 12 × 8, twice.
  attention: 12 * (4 * 1024 + 2 * 2048) + 2 * 4 * 144 * 8,
  // 10 steps of 2: four gates of 16 on 12 + 16, three of 8 on 16 + 8, six scores.
  lstm: 20 * (64 * 28 + 24 * 24) + 2 * 48,
};

describe.each(Object.entries(said.packages))('%s', (name, { elements, bytes, tensors }) => {
  const sources = sourcesOf(name);
  const model = readModel(sources, `${name}.mlpackage`);
  const { model: counts, unknownOperators } = inspectDocument(inferModel(model, none), name);
  // The factor in front of the softmax is a constant operand too.
  const factor = name.startsWith('attention') ? 1 : 0;

  test('elements and bytes of its weights are what coremltools counts', () => {
    expect([counts.parameters, counts.weightsBytes]).toEqual([elements + factor, bytes + 2 * factor]);
  });

  test('costs what the network costs in any form, all operators known', () => {
    expect(counts.macs).toBe(macs[name.split('-', 1)[0]!]);
    expect(unknownOperators).toEqual([]);
    expect(prepare(model, none).unresolved).toEqual([]);
  });

  test('every stored tensor has the elements that coremltools reads', () => {
    const read = [...modelInitializers(model)].filter(({ available }) => available).map((each) => facts(each, sources));
    const missing = tensors.filter((each) => !read.includes(`${each.bits} [${each.shape.join()}] ${each.sha256}`));
    expect(missing).toEqual([]);
    expect(tensors.length).toBeGreaterThan(6);
  });
});

function facts(tensor: Initializer, sources: ModelSources): string {
  const { dtype, shape } = tensor;
  return `${bitsPerElement(dtype)} [${shape.join()}] ${digest(readElements(tensor, sources) ?? [])}`;
}

describe('a NeuralNetwork of quantized layers', () => {
  const sources = new Map([['', bufferSource(archive['quantized.mlmodel']!)]]);
  const model: Model = readModel(sources, 'quantized.mlmodel');
  const elements = (name: string) => readElements(model.graph.initializers.get(name)!, sources)!;

  test.each(Object.entries(said.quantized))('%s: the codes, and the weights out of a table', (layer, expected) => {
    const codes = elements(`${layer}/weights`);
    expect(model.graph.initializers.get(`${layer}/weights`)?.dtype).toBe(`uint${expected.bits}`);
    expect(digest(codes)).toBe(expected.codes);
    if (!layer.startsWith('kmeans')) return;
    const table = elements(`${layer}/weights/table`);
    expect(digest(codes.map((code) => table[code]!))).toBe(expected.dense);
  });

  test('counts 105 codes and a table for each', () => {
    const { parameters, weightsBytes } = inspectDocument(inferModel(model, none), 'm').model;
    const bits = [1, 2, 3, 4, 5, 6, 7, 8];
    const codeBytes = bits.reduce((sum, each) => sum + Math.ceil((105 * each) / 8), 0);
    const tableBytes = bits.reduce((sum, each) => sum + 4 * 2 ** each, 0);
    expect([parameters, weightsBytes]).toEqual([16 * 105, 2 * codeBytes + tableBytes]);
  });
});
