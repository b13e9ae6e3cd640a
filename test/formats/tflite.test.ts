import { describe, expect, test } from 'vitest';
import {
  addMetadata,
  addOperator,
  addSubgraph,
  addTensor,
  createModel,
  encodeTflite,
  int32,
  type ModelDraft,
  type SubgraphDraft,
} from '../../fixtures/tflite-builder.mjs';
import { UserError } from '../../src/errors.ts';
import { detectFormat, readModel } from '../../src/formats/index.ts';
import { readElements } from '../../src/formats/weights.ts';
import { bufferSource } from '../../src/ir/byte-source.ts';
import { printShape } from '../../src/ir/dimension.ts';
import type { Model } from '../../src/ir/graph.ts';
import { inferModel, prepare } from '../../src/passes/index.ts';
import { inspectDocument } from '../../src/report/inspect.ts';
import { fixture, fixtureBytes, fixtureSources } from './models.ts';

const nothing = { dims: new Map<string, number>(), inputs: new Map<string, readonly number[]>() };

function read(bytes: Uint8Array): Model {
  return readModel(new Map([['', bufferSource(bytes)]]), 'm.tflite');
}

const shapeOf = (model: Model, name: string) => printShape(model.graph.tensors.get(name)?.shape ?? null);

describe('a quantized network', () => {
  const model = fixture('cnn-int8.tflite');
  const inferred = inferModel(model, nothing);
  const document = inspectDocument(inferred, 'm');

  test('says where it comes from', () => {
    expect(model.format).toBe('tflite');
    expect(model.producer).toBe('A fixture.');
    expect([...model.metadata]).toEqual([
      ['description', 'A fixture.'],
      ['min_runtime_version', '2.3.0'],
      ['signature serving_default', 'x=image -> scores=probabilities'],
    ]);
    expect(model.warnings).toEqual([]);
  });

  test('names each operator by its output, and gives an activation inside of it a node of its own', () => {
    expect(model.graph.nodes.slice(0, 5).map(({ id, operator }) => `${id}: ${operator}`)).toEqual([
      'image_int8: QuantizeLinear',
      'stem/Relu6: Conv',
      'stem/Relu6/Clip: Clip',
      'block1/expand/Relu6: Conv',
      'block1/expand/Relu6/Clip: Clip',
    ]);
  });

  test('keeps the open batch, and layouts as they are', () => {
    expect(shapeOf(inferred, 'image')).toBe('image.0 x 32 x 32 x 3');
    expect(shapeOf(inferred, 'stem/Relu6')).toBe('image.0 x 16 x 16 x 16');
    expect(shapeOf(inferred, 'probabilities')).toBe('image.0 x 10');
    expect(model.graph.nodes.some(({ operator }) => operator === 'Transpose')).toBe(false);
    expect(prepare(model, nothing).assumptions).toEqual(['unnamed dimension 0 of input image is 1']);
  });

  test('counts by hand', () => {
    const macs = Object.fromEntries(document.layers.map((layer) => [layer.id, layer.macs]));
    // Positions × filters × channels per group × kernel.
    expect(macs['stem/Relu6']).toBe(16 * 16 * 16 * 3 * 9);
    expect(macs['block1/depthwise/Relu6']).toBe(16 * 16 * 48 * 1 * 9);
    expect(macs['block1/project']).toBe(16 * 16 * 16 * 48);
    expect(macs['block2/Relu6']).toBe(8 * 8 * 32 * 16 * 9);
    expect(macs.logits).toBe(10 * 32);
    const weights = 16 * 27 + 48 * 16 + 48 * 9 + 16 * 48 + 32 * 144 + 10 * 32;
    expect(document.model.parameters).toBe(weights + (16 + 48 + 48 + 16 + 32 + 10));
  });

  test('keeps its integers: types are those that the file gives, scales stand beside the graph', () => {
    expect(inferred.graph.tensors.get('stem/Relu6')?.dtype).toBe('int8');
    expect(model.graph.quantization?.get('stem/Relu6')).toEqual({
      scales: [Math.fround(0.05)],
      zeroPoints: [-3],
      axis: 0,
    });
    const deep = model.graph.quantization?.get('block1/depthwise/Relu6/weights');
    expect([deep?.scales.length, deep?.axis]).toEqual([48, 3]);
  });

  test('inspect shows its signatures, and how tensors are quantized', () => {
    expect(document.model.metadata['signature serving_default']).toBe('x=image -> scores=probabilities');
    const tensors = new Map(document.tensors.map((tensor) => [tensor.name, tensor]));
    expect(tensors.get('stem/Relu6')?.quantization).toEqual({ scales: 1 });
    expect(tensors.get('block1/depthwise/Relu6/weights')?.quantization).toEqual({ scales: 48, axis: 3 });
    expect(tensors.get('image')?.quantization).toBeUndefined();
  });

  test('leaves weights where they are', () => {
    const weight = model.graph.initializers.get('classifier/weights')!;
    expect([weight.dtype, weight.shape, weight.fileBytes, weight.encoding]).toEqual(['int8', [10, 32], 320, 'raw']);
    const elements = readElements(weight, fixtureSources('cnn-int8.tflite'))!;
    expect(elements.every((one) => Number.isInteger(one) && one >= -127 && one <= 127)).toBe(true);
    expect(new Set(elements).size).toBeGreaterThan(50);
  });
});

describe('other subgraphs', () => {
  const model = fixture('control.tflite');
  const inferred = inferModel(model, nothing);
  const document = inspectDocument(inferred, 'm');

  test('an If holds two of them, which read from the graph around it', () => {
    const chosen = model.graph.nodes.find(({ id }) => id === 'chosen')!;
    expect(chosen.inputs).toEqual(['positive']);
    expect(document.layers.map(({ id }) => id)).toContain('chosen/then_branch/y');
    expect(document.assumptions).toContain(
      'If chosen: the data decides the branch; the costlier one (then) is counted',
    );
  });

  test('a While that counts to 5 is a Loop of 5 turns', () => {
    // One product of 1 × 8 by 8 × 8 in the branch, five in the loop; the filter 4 × 8 features and 4 × 6 steps.
    expect(document.model.macs).toBe(64 + 5 * 64 + 4 * (8 + 6));
    const flat = prepare(model, nothing).graph.nodes.find(({ id }) => id === 'count/body/result');
    expect(flat?.repetitions).toBe(5);
  });

  test('a slice that takes one row and leaves every second column', () => {
    expect(shapeOf(inferred, 'half')).toBe('4');
  });

  test('a custom operator is unknown by its own name; what the file declares of its output is kept', () => {
    expect(document.unknownOperators).toEqual([{ op: 'custom.AcmeFilter', count: 1 }]);
    expect(shapeOf(inferred, 'custom')).toBe('1x4');
  });
});

/** A model of one subgraph whose tensors are `x` and `y`. */
function small(build: (graph: SubgraphDraft, model: ModelDraft) => void): Uint8Array {
  const model = createModel();
  build(addSubgraph(model, 'main'), model);
  return encodeTflite(model, { description: '' });
}

const vector = (name: string) => ({ name, type: 'float32', shape: [4] });

function copy(graph: SubgraphDraft, code: number | string = 28): void {
  graph.inputs.push(addTensor(graph, vector('x')));
  graph.outputs.push(addTensor(graph, vector('y')));
  addOperator(graph, code, { inputs: [0], outputs: [1] });
}

describe('files', () => {
  test('behind their own length are read too', () => {
    const bytes = fixtureBytes('cnn-int8.tflite');
    const prefixed = new Uint8Array(bytes.length + 4);
    new DataView(prefixed.buffer).setUint32(0, bytes.length, true);
    prefixed.set(bytes, 4);
    expect(detectFormat(prefixed.slice(0, 64), 'm.bin')).toBe('tflite');
    expect(read(prefixed).graph.nodes.length).toBe(read(bytes).graph.nodes.length);
  });

  test('that Git LFS left as pointers are told as such', () => {
    const pointer = Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n');
    expect(() => read(pointer)).toThrow('m.tflite: a Git LFS pointer');
  });

  test('with names that stand twice get a number', () => {
    const model = read(
      small((graph) => {
        graph.inputs.push(addTensor(graph, vector('x')));
        graph.outputs.push(addTensor(graph, vector('x')));
        addOperator(graph, 28, { inputs: [0], outputs: [1] });
      }),
    );
    expect([model.graph.inputs, model.graph.outputs]).toEqual([['x'], ['x#2']]);
  });

  test('with weights that were stripped say so, and keep their sizes', () => {
    const model = read(
      small((graph) => {
        copy(graph, 0);
        addTensor(graph, vector('w'));
        graph.outputs.push(addTensor(graph, vector('z')));
        addOperator(graph, 0, { inputs: [1, 2], outputs: [3] });
      }),
    );
    expect(model.graph.initializers.get('w')).toMatchObject({ available: false, shape: [4] });
    expect(model.warnings).toEqual([
      'weights not available: tensor "w" has neither bytes nor an operator that makes it',
    ]);
  });

  test('with an operator that is newer than this program', () => {
    const { graph } = read(small((graph_) => copy(graph_, 250)));
    expect(graph.nodes.map(({ domain, operator }) => `${domain}.${operator}`)).toEqual(['tflite.BUILTIN_250']);
  });

  test('with unknown metadata are read', () => {
    const model = read(
      small((graph, draft) => {
        copy(graph);
        addMetadata(draft, 'TFLITE_METADATA', 'anything');
      }),
    );
    expect(model.metadata.size).toBe(0);
  });
});

describe('files that contradict themselves', () => {
  test.each([
    [
      'bytes that do not fill a shape',
      (g: SubgraphDraft) => {
        copy(g);
        addTensor(g, { ...vector('w'), data: [0, 0, 0, 0] });
        addOperator(g, 28, { inputs: [2], outputs: [addTensor(g, vector('z'))] });
      },
      'tensor "w": 4 bytes do not hold 4 elements of float32',
    ],
    [
      'a tensor that two operators make',
      (g: SubgraphDraft) => {
        copy(g);
        addOperator(g, 28, { inputs: [0], outputs: [1] });
      },
      'node "y#2" defines tensor "y" a second time',
    ],
    [
      'a circle',
      (g: SubgraphDraft) => {
        graph3(g);
        addOperator(g, 0, { inputs: [0, 2], outputs: [1] });
        addOperator(g, 28, { inputs: [1], outputs: [2] });
      },
      'needs its own output: the graph has a cycle',
    ],
    [
      'a tensor that is not there',
      (g: SubgraphDraft) => {
        graph3(g);
        addOperator(g, 28, { inputs: [77], outputs: [1] });
      },
      'tensor 77 of a subgraph is not there',
    ],
    [
      'a subgraph that runs itself',
      (g: SubgraphDraft) => {
        graph3(g);
        addOperator(g, 31, { inputs: [0], outputs: [1] }, [16, { 0: int32(0) }]);
      },
      'subgraph 0 runs itself',
    ],
    [
      'a negative size',
      (g: SubgraphDraft) => {
        g.inputs.push(addTensor(g, { ...vector('x'), shape: [-4] }));
      },
      'tensor "x": [-4] is no shape',
    ],
  ] as const)('%s', (_, build, message) => {
    const bytes = small(build);
    expect(() => read(bytes)).toThrow(UserError);
    expect(() => read(bytes)).toThrow(message);
  });

  function graph3(graph: SubgraphDraft): void {
    graph.inputs.push(addTensor(graph, vector('x')));
    graph.outputs.push(addTensor(graph, vector('y')));
    addTensor(graph, vector('z'));
  }

  test('subgraphs that call two others each, many levels deep, end at a limit', () => {
    const model = createModel();
    const levels = 15;
    for (let level = 0; level < levels; level += 1) {
      const graph = addSubgraph(model, `level${level}`);
      graph.inputs.push(addTensor(graph, vector(`x${level}`)));
      const [middle, last] = ['m', 'y'].map((name) => addTensor(graph, vector(`${name}${level}`)));
      graph.outputs.push(last!);
      for (const [from, to] of [
        [0, middle!],
        [middle!, last!],
      ] as const) {
        if (level === levels - 1) addOperator(graph, 28, { inputs: [from], outputs: [to] });
        else for (let call = 0; call < 4; call += 1) addCall(graph, level + 1, from, call === 3 ? to : undefined);
      }
    }
    expect(() => read(encodeTflite(model, { description: '' }))).toThrow('grow to more than 10000 nodes');
  });

  function addCall(graph: SubgraphDraft, level: number, from: number, to: number | undefined): void {
    const output = to ?? addTensor(graph, vector('unused'));
    addOperator(graph, 31, { inputs: [from], outputs: [output] }, [16, { 0: int32(level) }]);
  }
});
