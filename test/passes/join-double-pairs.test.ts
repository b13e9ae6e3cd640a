import { describe, expect, test } from 'vitest';
import type { Attribute, Graph, Initializer, Node, TensorType } from '../../src/ir/graph.ts';
import type { DataType } from '../../src/ir/data-type.ts';
import { joinDoublePairs } from '../../src/passes/join-double-pairs.ts';
import { DataType as FileType, encodeGraph, type GraphMessage } from '../formats/models.ts';
import { edit } from '../optimizations/editing.ts';
import { operatorCounts, preparedBytes } from '../optimizations/models.ts';

function operatorOf(id: string): string {
  if (/^Q\d/.test(id)) return 'QuantizeLinear';
  return /^D\d/.test(id) ? 'DequantizeLinear' : id;
}

interface Link {
  readonly dtype?: DataType;
  readonly scales?: number;
  readonly from?: string;
}

/** `Q1`, `D1`, …: one node behind the other (or behind `from`), each named after what it writes; the last is the output. */
function chain(links: Readonly<Record<string, Link>>): Graph {
  const names = Object.keys(links);
  const initializers = new Map<string, Initializer>();
  const tensors = new Map<string, TensorType>([['x', { dtype: 'float32', shape: [4] }]]);
  const nodes = names.map((id, index): Node => {
    const { dtype = id.startsWith('Q') ? 'int8' : 'float32', scales = 1, from = names[index - 1] ?? 'x' } = links[id]!;
    tensors.set(id, { dtype, shape: [4] });
    const scale = `${id} scale`;
    const stored = { encoding: 'raw', ranges: [], fileBytes: 4 * scales, available: false } as const;
    initializers.set(scale, { ...stored, name: scale, dtype: 'float32', shape: scales === 1 ? [] : [scales] });
    return {
      ...{ id, name: id, operator: operatorOf(id), domain: '', version: 13, inputs: [from, scale] },
      ...{
        outputs: [id],
        attributes: new Map<string, Attribute>(),
        sources: [id],
        repetitions: 1,
        metadata: new Map(),
      },
    };
  });
  return { name: '', inputs: ['x'], outputs: [names.at(-1)!], nodes, values: new Map(), initializers, tensors };
}

const ids = (graph: Graph) => graph.nodes.map(({ id }) => id).join(' ');

describe('two pairs one behind the other', () => {
  test('are one, whatever their scales; the nodes of the file stay in what is left', () => {
    const joined = joinDoublePairs(chain({ Q1: {}, D1: {}, Q2: {}, D2: {}, Relu: {} }));
    expect(ids(joined)).toBe('Q1 D2 Relu');
    expect(joined.nodes[1]!.inputs[0]).toBe('Q1');
    expect(joined.nodes[0]!.sources).toEqual(['Q1', 'D1', 'Q2']);
  });

  test('are one for three pairs too', () => {
    expect(ids(joinDoublePairs(chain({ Q1: {}, D1: {}, Q2: {}, D2: {}, Q3: {}, D3: {} })))).toBe('Q1 D3');
  });

  test.each([
    ['the integers are of another type', chain({ Q1: {}, D1: {}, Q2: { dtype: 'uint8' }, D2: {} })],
    ['there is a scale for each channel', chain({ Q1: {}, D1: {}, Q2: { scales: 4 }, D2: {} })],
    ['somebody reads the floats between them', chain({ Q1: {}, D1: {}, Q2: {}, D2: {}, Relu: { from: 'D1' } })],
    ['somebody reads the first integers', chain({ Q1: {}, D1: {}, Q2: {}, D2: {}, D3: { from: 'Q1' } })],
    ['the second integers leave the model', chain({ Q1: {}, D1: {}, Q2: {} })],
    ['their reader is given their scale', chain({ Q1: {}, D1: {}, Q2: {}, QLinearConv: {} })],
    ['there is no pair in front', chain({ D1: {}, Q2: {}, D2: {} })],
  ])('stay where %s', (_, graph) => {
    expect(joinDoublePairs(graph)).toBe(graph);
  });
});

describe('int8 next to what is int8 already', () => {
  const value = (name: string) => ({
    name,
    type: {
      tensorType: { elemType: FileType.FLOAT, shape: { dim: [1, 8, 16, 16].map((dimValue) => ({ dimValue })) } },
    },
  });
  const convolutions: GraphMessage = {
    name: 'g',
    input: [value('t0')],
    output: [value('t4')],
    initializer: [0, 1, 2, 3].map((index) => ({
      name: `w${index}`,
      dims: [8, 8, 1, 1],
      dataType: FileType.FLOAT,
      rawData: new Uint8Array(256),
    })),
    node: [0, 1, 2, 3].map((index) => ({
      name: `conv${index}`,
      opType: 'Conv',
      input: [`t${index}`, `w${index}`],
      output: [`t${index + 1}`],
    })),
  };
  const given = preparedBytes(encodeGraph(convolutions), 'convolutions.onnx');

  // ONNX Runtime 1.32: quantize_static on the two in the middle, then on all; run, no pair is left between them.
  test('costs no conversion where the two meet', () => {
    const middle = edit(given, 'int8 on conv1,conv2').prepared;
    expect(operatorCounts(middle)).toEqual({ Conv: 4, QuantizeLinear: 1, DequantizeLinear: 1 });
    const rest = edit(middle, 'int8 on conv0,conv3').prepared;
    expect(operatorCounts(rest)).toEqual({ QuantizeLinear: 1, Conv: 4, DequantizeLinear: 1 });
    expect(rest.graph.tensors.get(rest.graph.nodes.at(-2)!.inputs[0]!)?.dtype).toBe('int8');
  });
});
