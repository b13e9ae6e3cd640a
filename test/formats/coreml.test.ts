import { describe, expect, test } from 'vitest';
import { readModel } from '../../src/formats/index.ts';
import { modelInitializers, readElements, weightFingerprints } from '../../src/formats/weights.ts';
import { bufferSource, type ModelSources } from '../../src/ir/byte-source.ts';
import { print } from '../../src/ir/dimension.ts';
import type { Model } from '../../src/ir/graph.ts';
import { inferModel, prepare } from '../../src/passes/index.ts';
import { inspectDocument } from '../../src/report/inspect.ts';
import { fixtureFile, packageFiles, packageSources } from './coreml/sources.ts';

const none = { dims: new Map(), inputs: new Map() };
const weightFile = 'Data/com.apple.CoreML/weights/weight.bin';
const specification = 'Data/com.apple.CoreML/model.mlmodel';

function alone(name: string): Model {
  return readModel(new Map([['', bufferSource(fixtureFile(name))]]), name);
}

function programOf(files = packageFiles('program.mlpackage')): {
  readonly model: Model;
  readonly sources: ModelSources;
} {
  const sources = packageSources(files);
  return { model: readModel(sources, 'nets/program.mlpackage'), sources };
}

describe('an ML Program in a package', () => {
  const { model, sources } = programOf();
  const document = inspectDocument(inferModel(model, none), 'program.mlpackage');

  test('all files of the package count, and the op set is told', () => {
    const sizes = [...packageFiles('program.mlpackage').values()].map(({ length }) => length);
    expect(document.model.fileBytes).toBe(sizes.reduce((sum, size) => sum + size, 0));
    expect(model.files.map(({ path }) => path)).toEqual(['Manifest.json', specification, weightFile]);
    expect(document.model.opsets).toEqual({ 'coreml.specification': 9, 'mil.CoreML': 8 });
    expect(document.model.producer).toBe('coremltools 9.0');
  });

  test('weights count by their stored bits, MACs by their dense shape', () => {
    // 16·3·3·3 halves, 32·16·3·3 of 3 bits, 24·32 of 4 bits, 96 halves that are not zero.
    expect(document.model.parameters).toBe(432 + 4608 + 768 + 96);
    // Beside them a table of 8 halves, 24·2 scales of blocks, a mask of 10·24 bits.
    expect(document.model.weightsBytes).toBe(864 + (1728 + 16) + (384 + 96) + (192 + 30));
    // 16·16 and 8·8 positions, then two products with a vector.
    expect(document.model.macs).toBe(432 * 256 + 4608 * 64 + 768 + 240);
  });

  test('layers are called by their first output; a custom one is named, and its declared shape is kept', () => {
    expect(document.layers.map(({ id }) => id)).toContain('middle');
    expect(document.layers.map(({ id }) => id)).toContain('result/then_branch/soft');
    expect(document.unknownOperators).toEqual([{ op: 'coreml.my_custom_layer', count: 1 }]);
    expect(document.outputs).toEqual([{ name: 'output', shape: [1, 10], dtype: 'float16' }]);
    const types = new Map(document.tensors.map(({ name, shape, dtype }) => [name, `${dtype} ${shape?.join('x')}`]));
    expect(types.get('palettized')).toBe('float16 32x16x3x3');
    expect(types.get('sparse')).toBe('float16 10x24');
    expect(types.get('best')).toBe('int32 1');
  });

  test('compiled, the weights are floats that remember their few bits', () => {
    const { graph, unresolved } = prepare(model, none);
    expect(unresolved).toEqual([]);
    const convolutions = graph.nodes.filter(({ operator }) => operator === 'Conv');
    const weights = convolutions.map(({ inputs }) => graph.initializers.get(inputs[1]!));
    expect(weights.map((weight) => weight?.dtype)).toEqual(['float16', 'float16']);
    expect(weights.map((weight) => weight?.packing)).toEqual([undefined, { table: { bits: 3, entries: 8 } }]);
    const packings = [...graph.initializers.values()].flatMap(({ packing }) => packing ?? []);
    expect(packings.filter(({ kept }) => kept !== undefined).every(({ kept }) => kept! < 240)).toBe(true);
    expect(packings.some(({ kept }) => kept !== undefined)).toBe(true);
  });

  test('every tensor can be read and has a digest', () => {
    const digests = weightFingerprints(modelInitializers(model), sources);
    const stored = [...modelInitializers(model)].filter(({ available }) => available);
    for (const tensor of stored) {
      expect(readElements(tensor, sources)).toHaveLength(tensor.shape.reduce((product, size) => product * size, 1));
    }
    expect(digests.size).toBe(stored.length);
  });

  test('weights that are not there leave the sizes that the shapes declare', () => {
    const files = packageFiles('program.mlpackage');
    const padded = files.get(weightFile)!.length;
    files.delete(weightFile);
    const absent = programOf(files).model;
    const claimed = absent.files.find(({ path }) => path === weightFile);
    // The last tensor ends where its bits do; the file pads it to 64.
    expect(claimed).toMatchObject({ available: false, byteLength: padded - 64 + 30 });
    expect(absent.warnings.join()).toContain('weights not available');
  });

  test('a Git LFS pointer in place of the weights is no weight file', () => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 4545\n`;
    const files = packageFiles('program.mlpackage').set(weightFile, new TextEncoder().encode(pointer));
    const { model } = programOf(files);
    expect(model.warnings.join()).toContain('only its Git LFS pointer is');
    expect(model.files.at(-1)).toEqual({ path: weightFile, byteLength: 4545, available: false });
  });
});

describe('manifests that lie', () => {
  const withManifest = (text: string) => {
    const files = packageFiles('program.mlpackage').set('Manifest.json', new TextEncoder().encode(text));
    return () => programOf(files);
  };
  const naming = (path: string) =>
    withManifest(JSON.stringify({ rootModelIdentifier: 'a', itemInfoEntries: { a: { path } } }));

  test.each(['../../secret', '/etc/passwd', 'C:\\x', 'a\0b', 'file:///x'])(
    'a root outside of the package: %j',
    (path) => {
      expect(naming(path)).toThrow(/^nets\/program.mlpackage: the root model lies outside of the package: "[^\n]*"$/);
    },
  );

  test('one line for each other trouble', () => {
    expect(naming('com.apple.CoreML/none.mlmodel')).toThrow('which the manifest names, is not there');
    expect(withManifest('{')).toThrow('Manifest.json is no JSON');
    expect(withManifest('{"rootModelIdentifier":"__proto__","itemInfoEntries":{}}')).toThrow('names no root model');
    expect(withManifest(`{${' '.repeat(70_000)}}`)).toThrow('65536 are allowed');
  });
});

describe('a NeuralNetwork', () => {
  const model = alone('network.mlmodel');
  const document = inspectDocument(inferModel(model, none), 'network.mlmodel');

  test('counts weights of 5 and 4 bits by those, and the table of 16 floats', () => {
    expect(document.model.parameters).toBe(8 * 27 + 8 + 24);
    expect(document.model.weightsBytes).toBe((216 * 5) / 8 + 32 + (12 + 64));
    expect(document.model.macs).toBe(216 * 64 + 24);
  });

  test('a layer that writes over its input makes a tensor of its own', () => {
    const relu = document.layers.find(({ name }) => name === 'relu')!;
    expect(relu.inputs).toEqual(['features']);
    expect(relu.outputs.map(({ name, shape }) => [name, shape])).toEqual([['features@relu', [1, 8, 8, 8]]]);
    expect(document.layers.find(({ name }) => name === 'pool')!.inputs).toEqual(['features@relu']);
  });

  test('gives the label beside the probabilities', () => {
    expect(document.outputs.map(({ name, dtype }) => [name, dtype])).toEqual([
      ['probabilities', 'float32'],
      ['label', 'string'],
    ]);
  });
});

test('a pipeline is its parts in one graph', () => {
  const inferred = inferModel(alone('pipeline.mlmodel'), none);
  expect(inferred.graph.nodes.map(({ id, operator, inputs }) => [id, operator, inputs])).toEqual([
    ['scale/scaled', 'Scaler', ['x']],
    ['classify/label', 'LinearClassifier', ['scaled']],
  ]);
  expect(inferred.graph.outputs).toEqual(['label', 'scores']);
  expect(inferred.graph.tensors.get('scores')?.shape?.map(print)).toEqual(['1', '3']);
});
