// What ONNX Runtime's own tools made of the same fixtures: `onnxruntime.json`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fixtureBytes } from '../formats/models.ts';
import type { Graph } from '../../src/ir/graph.ts';
import { parseEdits } from '../../src/optimizations/index.ts';
import { edit, fileBytes, preparedBytes } from './models.ts';

interface Made {
  readonly fileBytes: number;
  readonly weightBytes: number;
  readonly operators: Readonly<Record<string, number>>;
}

const recorded = JSON.parse(readFileSync(join(import.meta.dirname, 'onnxruntime.json'), 'utf8')) as {
  readonly models: Readonly<Record<string, Readonly<Record<string, Made>>>>;
};

/** Operators that the tools put in or replace. */
const inserted = ['QuantizeLinear', 'DequantizeLinear', 'DynamicQuantizeLinear', 'ConvInteger', 'MatMulInteger'];
const written = [...inserted, 'MatMulNBits', 'Cast'];

/** Of the file, not of the graph: pairs that were absorbed or folded are in it. */
function addedOperators(graph: Graph, text: string, model: ReturnType<typeof preparedBytes>['model']) {
  const [first] = parseEdits(text);
  if (first!.edit.kind !== 'graph') throw new Error('an edit of a graph');
  const { on } = first!.phrase;
  const selects = on.kind === 'operator' ? (node: { operator: string }) => node.operator === on.operator : () => true;
  const { added, removed, weights } = first!.edit.apply(graph, { selects, model, assumed: undefined });
  const count = (operator: string) =>
    added.nodes.filter((node) => node.operator === operator).length +
    (added.further?.nodes.get(operator) ?? 0) -
    removed.nodes.filter((node) => node.operator === operator).length;
  const storedBytes = weights
    .filter(({ to }) => /_(quantized|Q4)$/.test(to.name))
    .reduce((sum, { to }) => sum + to.fileBytes, 0);
  return { count, storedBytes };
}

const cases = Object.entries(recorded.models).flatMap(([name, edits]) =>
  Object.entries(edits).map(([text, made]) => ({ name, text, made })),
);

describe.each(cases)('$name: $text', ({ name, text, made }) => {
  const given = preparedBytes(fixtureBytes(name), name);

  test('the file has the size that the tool gives it, within 2%', () => {
    const { prepared } = edit(given, text);
    expect(Math.abs(fileBytes(prepared) / made.fileBytes - 1)).toBeLessThan(0.02);
  });

  test('the tool puts in the same operators, and stores the weights in as many bytes', () => {
    const { count, storedBytes } = addedOperators(given.graph, text, given.model);
    for (const operator of written) {
      const before = given.model.graph.nodes.filter((node) => node.operator === operator).length;
      expect([operator, before + count(operator)]).toEqual([operator, made.operators[operator] ?? 0]);
    }
    expect(storedBytes).toBe(made.weightBytes);
  });
});
