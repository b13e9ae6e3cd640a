import { describe, expect, test } from 'vitest';
import type { Graph, Model, Node } from '../../../src/ir/graph.ts';
import { explorerPlaces } from '../../../src/report/neighbours/explorer-places.ts';
import type { NeighbourSubject } from '../../../src/report/neighbours/neighbour.ts';
import { filesOf, latencyOfNodes, namedModels, readByTools, subjectOf } from './subjects.ts';

interface GraphData {
  readonly name: string;
  readonly results: Readonly<Record<string, { readonly value: number | string; readonly bgColor?: string }>>;
  readonly gradient?: readonly { readonly stop: number; readonly bgColor: string }[];
}

type NodeData = Readonly<Record<string, GraphData>>;

interface Mapping {
  readonly type: string;
  readonly mappingEntries: readonly {
    readonly leftNodeIds: readonly string[];
    readonly rightNodeIds: readonly string[];
  }[];
  readonly disableMappingFallback: boolean;
  readonly showDiffHighlights: boolean;
}

function dataOf(subject: NeighbourSubject, figure: string): NodeData {
  const files = filesOf<NodeData>('model-explorer', subject);
  return [...files].find(([name]) => name.endsWith(`-${figure}.json`))![1];
}

const mappingOf = (subject: NeighbourSubject): Mapping =>
  [...filesOf<Mapping>('model-explorer', subject)].find(([name]) => name.endsWith('-mapping.json'))![1];

const sumOf = (data: NodeData): number =>
  Object.values(data)
    .flatMap(({ results }) => Object.values(results))
    .reduce((sum, { value }) => sum + Number(value), 0);

describe('names nodes as the adapters do', () => {
  test.each(namedModels)('of %s', (name, target) => {
    const subject = subjectOf({ base: null, head: name }, target);
    const read = readByTools.modelExplorer[name.replace('-absent', '')]!;
    const latency = dataOf(subject, 'latency');
    for (const [graph, { results }] of Object.entries(latency)) {
      expect(Object.keys(results).filter((node) => read[graph]?.[node] === undefined)).toEqual([]);
    }
    expect(sumOf(latency) / (latencyOfNodes(subject) * 1e6)).toBeCloseTo(1, 5);
  });

  test('an operator of a TFLite file stands at its own number', () => {
    const subject = subjectOf({ base: null, head: 'cnn-int8.tflite' }, 'ethos-u55-128');
    const { results } = dataOf(subject, 'macs').main!;
    const operators = readByTools.modelExplorer['cnn-int8.tflite']!.main!;
    const withMacs = Object.keys(results).filter((node) => Number(results[node]!.value) > 0);
    const products = ['conv_2d', 'depthwise_conv_2d', 'fully_connected', 'average_pool_2d', 'mean', 'add', 'softmax'];
    expect(withMacs.length).toBeGreaterThan(4);
    for (const node of withMacs) expect(products).toContain(operators[node]);
  });

  test('Core ML is not opened there', () => {
    const subject = subjectOf({ base: null, head: 'network.mlmodel', path: 'network.mlmodel' }, 'rpi4-xnnpack');
    expect(filesOf('model-explorer', subject).size).toBe(0);
  });
});

describe('names that a file gives twice or not at all', () => {
  const node = (id: string, name: string, bodies: Readonly<Record<string, Graph>> = {}, operator = 'Relu'): Node => ({
    ...{ id, name, operator, domain: '', version: 17, inputs: [], outputs: [id], sources: [id], repetitions: 1 },
    attributes: new Map(Object.entries(bodies).map(([key, value]) => [key, { kind: 'graph', value }])),
    metadata: new Map(),
  });
  const graph = (name: string, nodes: readonly Node[]): Graph => ({
    ...{ name, nodes, inputs: [], outputs: [] },
    ...{ initializers: new Map(), tensors: new Map(), values: new Map() },
  });
  const inner = node(
    'outer/t/i',
    'inner',
    {
      then_branch: graph('', [node('outer/t/i/t/1', ''), node('outer/t/i/t/2', 'dup')]),
      else_branch: graph('', [node('outer/t/i/e/1', '')]),
    },
    'If',
  );
  const loop = node(
    'outer/e/loop',
    'loop',
    {
      body: graph('', [
        node('lb/1', ''),
        node('lb/2', ''),
        node(
          'lb/if',
          'lif',
          { then_branch: graph('', [node('lb/t', '')]), else_branch: graph('', [node('lb/e', '')]) },
          'If',
        ),
      ]),
    },
    'Loop',
  );
  const outer = node(
    'outer',
    'outer',
    {
      then_branch: graph('', [node('outer/t/1', ''), inner]),
      else_branch: graph('', [loop]),
    },
    'If',
  );
  const main = graph('', [
    ...[node('a', ''), node('b', ''), node('d', 'dup'), node('e', 'dup'), node('__proto__', '__proto__')],
    ...[node('f', 'node'), outer, node('y', '')],
  ]);
  const model: Model = {
    ...{ format: 'onnx', producer: '', irVersion: 8, opsets: new Map([['ai.onnx', 17]]), graph: main, functions: [] },
    ...{ metadata: new Map(), files: [], warnings: [] },
  };

  // What model-explorer-onnx 0.4.2 called the nodes of such a file.
  test('are numbered as its adapter does', () => {
    const places = [...explorerPlaces(model)].map(([, { graph: one, node: id }]) => [one, id]);
    const shown = '<main>';
    expect(places).toEqual([
      ...['node', 'node_1', 'dup', 'dup_1', '__proto__', 'node_2', 'outer'].map((id) => [shown, id]),
      ...['outer/then_branch/node', 'outer/then_branch/inner'].map((id) => [shown, id]),
      ...['outer/then_branch/inner/then_branch/node', 'outer/then_branch/inner/then_branch/dup'].map((id) => [
        shown,
        id,
      ]),
      [shown, 'outer/then_branch/inner/else_branch/node'],
      [shown, 'outer/else_branch/loop'],
      ...['node', 'node_3', 'lif', 'lif/then_branch/node', 'lif/else_branch/node'].map((id) => [
        'outer/else_branch/loop/body',
        id,
      ]),
      [shown, 'node_4'],
    ]);
  });
});

describe('of a change', () => {
  const subject = subjectOf({ base: 'cnn-residual.onnx', head: 'cnn-residual-wide.onnx' }, 'ethos-u55-128');

  test('has a file for each figure and version, and the mapping', () => {
    const figures = ['latency', 'energy', 'macs', 'weights', 'memory', 'unit', 'bound', 'latency-change', 'change'];
    expect([...filesOf('model-explorer', subject).keys()]).toEqual([
      ...['base', 'head'].flatMap((side) => figures.map((one) => `net-onnx-ethos-u55-128-${side}-${one}.json`)),
      'net-onnx-ethos-u55-128-mapping.json',
    ]);
  });

  test('has the numbers of the report', () => {
    const { results, gradient } = dataOf(subject, 'head-latency').residual!;
    const changes = dataOf(subject, 'head-latency-change').residual!.results;
    expect(gradient).toHaveLength(2);
    for (const { head, delta } of subject.rows) {
      const [layer] = head;
      if (layer === undefined || layer.nodes.length === 0) continue;
      expect(results[layer.id]!.value).toBe(Number((layer.latencySeconds * 1e6).toPrecision(6)));
      expect(changes[layer.id]!.value).toBe(Number((delta.latencySeconds * 1e6).toPrecision(6)));
      const color = changes[layer.id]!.bgColor!;
      expect(color === '#ffffff').toBe(delta.latencySeconds === 0);
    }
  });

  test('says what changed, and nothing of what did not', () => {
    const { results } = dataOf(subject, 'head-change').residual!;
    const changed = subject.rows.filter(({ changes, head }) => changes.length > 0 && head.length > 0);
    expect(changed.length).toBeGreaterThan(0);
    for (const { head, changes } of changed) expect(results[head[0]!.id]!.value).toContain(changes[0]);
    expect(Object.keys(results).length).toBeLessThan(subject.rows.length);
  });

  test('maps each node once, layers that were fused alike node by node', () => {
    const { type, mappingEntries, disableMappingFallback, showDiffHighlights } = mappingOf(subject);
    expect({ type, disableMappingFallback, showDiffHighlights }).toEqual({
      ...{ type: 'sync_navigation', disableMappingFallback: false, showDiffHighlights: true },
    });
    const ids = mappingEntries.map(({ leftNodeIds, rightNodeIds }) => [leftNodeIds, rightNodeIds]);
    expect(ids).toContainEqual([['/stem/conv/Conv'], ['/stem/conv/Conv']]);
    expect(ids).toContainEqual([['/stem/Clip'], ['/stem/Clip']]);
    for (const side of [0, 1]) {
      const own = ids.flatMap((pair) => pair[side]!);
      expect(new Set(own).size).toBe(own.length);
    }
  });
});

test('operators of two TFLite files are mapped by number, and numbers say nothing more', () => {
  const subject = subjectOf({ base: 'cnn-int8.tflite', head: 'cnn-int8-wide.tflite' }, 'ethos-u55-128');
  const { mappingEntries, disableMappingFallback, showDiffHighlights } = mappingOf(subject);
  expect({ disableMappingFallback, showDiffHighlights }).toEqual({
    disableMappingFallback: true,
    showDiffHighlights: false,
  });
  const [base, head] = ['cnn-int8.tflite', 'cnn-int8-wide.tflite'].map(
    (name) => readByTools.modelExplorer[name]!.main!,
  );
  expect(mappingEntries.flatMap(({ leftNodeIds }) => leftNodeIds).sort()).toEqual(Object.keys(base!).sort());
  for (const { leftNodeIds, rightNodeIds } of mappingEntries) {
    expect(leftNodeIds.map((id) => base![id])).toEqual(rightNodeIds.map((id) => head![id]));
  }
});

test('what has no counterpart is mapped to none, so that it is marked', () => {
  const subject = subjectOf({ base: 'detector-nearest.onnx', head: 'cnn-residual.onnx' }, 'ethos-u55-128');
  const alone = subject.rows.filter(({ base, head }) => base.length === 0 || head.length === 0);
  const shown = alone.filter(({ base, head }) => [...base, ...head].some(({ nodes }) => nodes.length > 0));
  expect(shown.length).toBeGreaterThan(0);
  const { mappingEntries } = mappingOf(subject);
  const none = mappingEntries.filter(({ leftNodeIds, rightNodeIds }) =>
    [...leftNodeIds, ...rightNodeIds].includes('(no counterpart)'),
  );
  expect(none).toHaveLength(shown.length);
});
