import { describe, expect, it } from 'vitest';
import { layerErrorMeasure, leastByLayer, leastOf } from '../../src/advise/layer-errors.ts';
import { simulateSubject, type Subject } from '../../src/advise/what-if.ts';
import type { EditedWeight } from '../../src/optimizations/optimization.ts';
import { edited, stored } from '../optimizations/weights/tensors.ts';
import { node, prepared } from '../schedule/models.ts';
import { shippedTargets } from '../simulate/compiled.ts';

const half = { kind: 'sparsify', share: 0.5 } as const;

/** A product with its bias added behind it, and a sum of its own. */
function subjectOf(): Subject {
  const nodes = [
    node('MatMul', ['x', 'w'], 'product'),
    node('Add', ['product', 'b'], 'biased'),
    node('Softmax', ['biased'], 'soft'),
    node('Add', ['soft', 'c'], 'sum'),
  ];
  const constants = { w: ['float32', 8, 4], b: ['float32', 4], c: ['float32', 4] } as const;
  return {
    prepared: prepared({ inputs: { x: ['float32', 2, 8] }, constants, nodes, outputs: ['sum'] }),
    bindings: { dims: new Map(), inputs: new Map() },
  };
}

/** Weights of which half of the elements go, beside others in one file. */
function editOf(id: string, shape: readonly number[], elements: readonly number[]) {
  const { constant, sources } = stored({ shape, elements: new Float64Array(elements) });
  const file = `${id}.bin`;
  const from = { ...constant, ranges: constant.ranges.map((range) => ({ ...range, file })) };
  const edit: EditedWeight = { ...edited(from, half), node: id };
  return { edit, source: [file, sources.get('')!] as const };
}

describe('the weight error of a layer', () => {
  const given = subjectOf();
  const ids = given.prepared.graph.nodes.map(({ id }) => id);
  const product = editOf(
    ids[0]!,
    [8, 4],
    Array.from({ length: 32 }, (_, at) => (at < 16 ? 1 : 3)),
  );
  const bias = editOf(ids[1]!, [4], [1, 1, 1, 1]);
  const sum = editOf(ids[3]!, [4], [1, 1, 2, 2]);
  const subject: Subject = { ...given, sources: new Map([product.source, bias.source, sum.source]) };
  const base = simulateSubject(
    given,
    shippedTargets.find(({ id }) => id === 'rpi4-xnnpack')!,
  );
  const layerOf = (id: string) => base.layers.find(({ nodes }) => nodes.includes(id))!.name;

  it('is that of its product, whatever is added behind it', () => {
    expect(layerOf(ids[1]!)).toBe(layerOf(ids[0]!));
    const errors = layerErrorMeasure(subject, base)([bias.edit, product.edit, sum.edit]);
    const least = leastByLayer(errors);
    expect(least.get(layerOf(ids[0]!))!.decibels).toBeCloseTo(10, 12);
    expect(least.get(layerOf(ids[3]!))!.decibels).toBeCloseTo(10 * Math.log10(10 / 2), 12);
    expect(leastOf(errors)).toBeCloseTo(10 * Math.log10(10 / 2), 12);
  });

  it('is that of what is added where nothing else changes', () => {
    const least = leastByLayer(layerErrorMeasure(subject, base)([bias.edit]));
    expect(least.get(layerOf(ids[0]!))!.decibels).toBeCloseTo(10 * Math.log10(2), 12);
  });

  it('is not known without the files', () => {
    const errors = layerErrorMeasure(given, base)([product.edit]);
    expect(leastByLayer(errors).get(layerOf(ids[0]!))).toEqual({ decibels: null, reason: 'weights not available' });
    expect(leastOf(errors)).toBeNull();
  });
});
