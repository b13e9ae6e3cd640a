// A few kilobytes that stand for gigabytes: names that bodies and calls put in front of other names, subgraphs that call
// subgraphs. Each must be read soon, in little, or refused in one line.
import { describe, expect, test } from 'vitest';
import {
  addOperator,
  addSubgraph,
  addTensor,
  createModel,
  encodeTflite,
  int32,
  type SubgraphDraft,
} from '../../fixtures/tflite-builder.mjs';
import { readModel } from '../../src/formats/index.ts';
import { bufferSource } from '../../src/ir/byte-source.ts';
import type { Model } from '../../src/ir/graph.ts';
import { inferModel } from '../../src/passes/index.ts';
import { inspectDocument } from '../../src/report/inspect.ts';
import { packageFiles, packageSources } from './coreml/sources.ts';
import { allNodes, readGraph, type GraphMessage } from './models.ts';

const nothing = { dims: new Map<string, number>(), inputs: new Map<string, readonly number[]>() };
const long = 'n'.repeat(60_000);
const [call, relu] = [31, 19];

const vector = (graph: SubgraphDraft, name: string) => addTensor(graph, { name, type: 'float32', shape: [1, 8] });

function charactersOf(model: Model): number {
  return JSON.stringify(inspectDocument(inferModel(model, nothing), 'm')).length;
}

/** Each subgraph calls the next one twice; the last one has two operators. */
function doubling(levels: number): Uint8Array {
  const model = createModel();
  const graphs = Array.from({ length: levels }, (_, level) => addSubgraph(model, `level${level}`));
  for (const [level, graph] of graphs.entries()) {
    const [x, y, z] = ['x', 'y', 'z'].map((name) => vector(graph, `${name}${level}`)) as [number, number, number];
    graph.inputs.push(x);
    graph.outputs.push(z);
    const isLast = level === levels - 1;
    const options: Parameters<typeof addOperator>[3] = isLast ? undefined : [1, { 0: int32(level + 1) }];
    addOperator(graph, isLast ? relu : call, { inputs: [x], outputs: [y] }, options);
    addOperator(graph, isLast ? relu : call, { inputs: [y], outputs: [z] }, options);
  }
  return encodeTflite(model, { description: '' });
}

const readTflite = (bytes: Uint8Array) => readModel(new Map([['', bufferSource(bytes)]]), 'm.tflite');

describe('subgraphs of TFLite that call others', () => {
  test('are put in place of their calls while that makes few nodes', () => {
    const { nodes } = readTflite(doubling(8)).graph;
    expect(nodes.filter(({ operator }) => operator === 'Relu')).toHaveLength(2 ** 8);
  });

  test('are refused before they have grown', () => {
    expect(() => readTflite(doubling(15))).toThrow(/^m\.tflite: subgraphs that are called again and again grow/);
  });

  test('do not multiply a long name', () => {
    const model = createModel();
    const [main, inner] = [addSubgraph(model, 'main'), addSubgraph(model, 'inner')];
    const [a, b, c] = ['a', long, 'c'].map((name) => vector(inner, name)) as [number, number, number];
    inner.inputs.push(a);
    inner.outputs.push(c);
    addOperator(inner, relu, { inputs: [a], outputs: [b] });
    addOperator(inner, relu, { inputs: [b], outputs: [c] });
    let last = vector(main, 'x');
    main.inputs.push(last);
    for (let index = 0; index < 400; index += 1) {
      const next = vector(main, `y${index}`);
      addOperator(main, call, { inputs: [last], outputs: [next] }, [1, { 0: int32(1) }]);
      last = next;
    }
    main.outputs.push(last);
    expect(() => readTflite(encodeTflite(model, { description: '' }))).toThrow(/again and again .* names without end/);
  });
});

describe('ONNX', () => {
  const relus = (count: number, prefix: string) =>
    Array.from({ length: count }, (_, index) => ({
      opType: 'Relu',
      name: `${prefix}${index}`,
      input: [index === 0 ? 'x' : `${prefix}${index - 1}`],
      output: [`${prefix}${index}`],
    }));
  const input = [{ name: 'x' }, { name: 'c' }];

  test('a body does not repeat the long name of its node for each of its own', () => {
    const branch = (name: string, count: number) => ({
      name,
      type: 5,
      g: { name, node: relus(count, name), output: [{ name: `${name}${count - 1}` }] },
    });
    const attribute = [branch('then_branch', 500), branch('else_branch', 1)];
    const graph: GraphMessage = {
      input,
      node: [{ opType: 'If', name: long, input: ['c'], output: ['y'], attribute }],
      output: [{ name: 'y' }],
    };
    const model = readGraph(graph);
    const [first] = model.graph.nodes;
    expect(first!.name).toBe(long);
    expect(first!.id).toHaveLength(303);
    expect(new Set(allNodes(model.graph).map(({ id }) => id)).size).toBe(502);
    expect(charactersOf(model)).toBeLessThan(2_000_000);
  });

  test('two nodes whose long names begin alike keep ids of their own', () => {
    const node = [`${long}a`, `${long}b`].map((name) => ({
      opType: 'Relu',
      name,
      input: ['x'],
      output: [name.at(-1)!],
    }));
    const { nodes } = readGraph({ input, node, output: [{ name: 'a' }] }).graph;
    expect(nodes.map(({ id }) => id.slice(300))).toEqual(['...', '...#2']);
  });

  test('calls of a function with a long name inside stay unknown where copies would fill the memory', () => {
    const inside = [
      { opType: 'Relu', name: 'a', input: ['x'], output: [long] },
      { opType: 'Relu', name: 'b', input: [long], output: ['y'] },
    ];
    const node = relus(1000, 't').map((each) => ({ ...each, opType: 'twice', domain: 'local' }));
    const model = readGraph(
      { input, node, output: [{ name: 't999' }] },
      {
        opsetImport: [
          { domain: '', version: 17 },
          { domain: 'local', version: 1 },
        ],
        functions: [{ name: 'twice', domain: 'local', input: ['x'], output: ['y'], node: inside }],
      },
    );
    const document = inspectDocument(inferModel(model, nothing), 'm');
    const [unknown] = document.unknownOperators;
    expect(unknown?.op).toBe('local.twice');
    expect(unknown?.count).toBeGreaterThan(100);
    expect(unknown?.count).toBeLessThan(1000);
  });
});

test('a weight of a package that is cut off is told with the package and the file', () => {
  const file = 'Data/com.apple.CoreML/model.mlmodel';
  const bytes = packageFiles('program.mlpackage').get(file)!;
  // One of the integers in place (strides of 2 and 2) turns into the beginning of a longer one.
  const at = bytes.findIndex((byte, index) => byte === 2 && bytes[index - 1] === 2 && bytes[index - 2] === 2);
  const cut = Uint8Array.from(bytes);
  cut[at] = 0x82;
  const files = new Map(packageFiles('program.mlpackage')).set(file, cut);
  const message = `m.mlpackage: "${file}": damaged or cut off at byte ${at}: a number is cut off`;
  expect(() => readModel(packageSources(files), 'm.mlpackage')).toThrow(message);
});
