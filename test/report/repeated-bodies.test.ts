import { describe, expect, test } from 'vitest';
import { inferModel, prepare } from '../../src/passes/index.ts';
import { inspectDocument } from '../../src/report/inspect.ts';
import { compile } from '../../src/schedule/compile.ts';
import { simulate } from '../../src/simulate/simulate.ts';
import { AttributeType, DataType, readGraph, type GraphMessage } from '../formats/models.ts';
import { bothDomains } from './transformer-graphs.ts';
import { toyCpu } from '../schedule/toy-targets.ts';

const none = { dims: new Map(), inputs: new Map() };

function value(name: string, dims: readonly number[], elemType = DataType.INT32) {
  return { name, type: { tensorType: { elemType, shape: { dim: dims.map((dimValue) => ({ dimValue })) } } } };
}

function weight(name: string, dims: readonly number[]) {
  const count = dims.reduce((product, size) => product * size, 1);
  return { name, dims: [...dims], dataType: DataType.FLOAT, rawData: new Uint8Array(4 * count) };
}

/** A token looked up in a table of 50 x 8 and scored against 50 words. */
const decoder: GraphMessage = {
  name: 'decoder',
  input: [value('ids', [1, 1])],
  initializer: [weight('table', [50, 8]), weight('head', [8, 50])],
  node: [
    { opType: 'Gather', name: 'look', input: ['table', 'ids'], output: ['state'] },
    { opType: 'MatMul', name: 'score', input: ['state', 'head'], output: ['logits'] },
  ],
  output: [{ name: 'logits' }],
};

function generation(opType: string, inputs: readonly string[]) {
  return readGraph(
    {
      input: [value('prompt', [1, 4])],
      initializer: [{ name: 'length', dims: [1], dataType: DataType.INT32, int32Data: [32] }],
      output: [{ name: 'text' }],
      node: [
        {
          ...{ opType, name: 'write', domain: 'com.microsoft', input: [...inputs], output: ['text'] },
          attribute: [{ name: 'decoder', type: AttributeType.GRAPH, g: decoder }],
        },
      ],
    },
    bothDomains,
  );
}

describe.each(['GreedySearch', 'Sampling', 'BeamSearch', 'WhisperBeamSearch'])('%s', (operator) => {
  const model = generation(operator, ['prompt', 'length', '', 'length', 'length']);
  const note = `${operator} write: the data decides how often its bodies run; each is counted once`;

  test('is inspected with one run of its decoder, and that is said', () => {
    const document = inspectDocument(inferModel(model, none), 'm.onnx');
    expect(document.model.macs).toBe(8 * 50);
    expect(document.model.parameters).toBe(2 * 8 * 50);
    expect(document.assumptions).toEqual([note]);
  });

  test('keeps its decoder in its layer, whose cost is not known', () => {
    const schedule = compile(prepare(model, none), toyCpu);
    expect(schedule.uncountedOperators).toEqual([`com.microsoft.${operator}`]);
    expect(schedule.assumptions.filter((one) => one.includes('write'))).toEqual([
      `the data decides what these cost, they are not counted: com.microsoft.${operator} write`,
    ]);
    const { layers, totals } = simulate(schedule);
    expect(layers.find(({ nodes }) => nodes.includes('write'))?.nodes).toEqual([
      ...['write', 'write/decoder/look', 'write/decoder/score'],
    ]);
    expect(totals.parameters).toBe(2 * 8 * 50);
  });
});
