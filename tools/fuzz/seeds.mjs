// What is mutated, for each reader: the small fixtures, the large ones without their weights, and a model of one operator
// for each operator that the program knows. Small inputs, since a run should see millions of them.
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { coreMlSchema } from '../../fixtures/coreml-schema.mjs';
import {
  addIntegers,
  addOperator,
  addSubgraph,
  addTensor,
  createModel,
  encodeTflite,
  int32,
} from '../../fixtures/tflite-builder.mjs';
import { encode } from '../../fixtures/wire.mjs';
import { tablesIn } from './flatbuffer.mjs';
import { fieldsIn, slim, varint } from './protobuf.mjs';
import { concat } from './random.mjs';

const root = join(import.meta.dirname, '..', '..');
const models = join(root, 'fixtures', 'models');
const largestFixture = 24_000;

const fixtures = (extension) =>
  readdirSync(models)
    .filter((name) => extname(name) === extension)
    .map((name) => readFileSync(join(models, name)));

/** Texts and numbers that the sources under a folder name: operators, attributes, field numbers. */
function wordsOf(...folders) {
  const texts = new Set();
  const numbers = new Set();
  for (const folder of folders) {
    for (const name of readdirSync(join(root, 'src', folder), { recursive: true })) {
      if (extname(name) !== '.ts') continue;
      const source = readFileSync(join(root, 'src', folder, name), 'utf8');
      for (const [, text] of source.matchAll(/'([A-Za-z_][\w.]{1,40})'/g)) texts.add(text);
      for (const [number] of source.matchAll(/\b\d{1,4}\b/g)) numbers.add(Number(number));
    }
  }
  const encoder = new TextEncoder();
  return { texts: [...texts].map((text) => encoder.encode(text)), numbers: [...numbers].filter((each) => each > 0) };
}

const text = (bytes) => new TextDecoder().decode(bytes);

const message = (bytes) => ({ bytes, fields: fieldsIn(bytes) });

/** Operators by domain, from the page that lists them. */
function knownOperators() {
  const page = readFileSync(join(root, 'docs', 'operators.md'), 'utf8');
  return page.split(/^## /m).flatMap((section) => {
    const domain = section.split('\n', 1)[0].replace(/^ai\.onnx$/, '');
    return [...section.matchAll(/^\| `(\w+)` /gm)].map(([, operator]) => ({ domain, operator }));
  });
}

function onnxOperator({ domain, operator }) {
  const floats = (name, dims) => ({
    name,
    dims,
    dataType: 1,
    rawData: new Uint8Array(4 * dims.reduce((a, b) => a * b)),
  });
  const integers = (name, values) => ({
    name,
    dims: [values.length],
    dataType: 7,
    rawData: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
  });
  const value = (name, dims) => ({
    name,
    type: { tensorType: { elemType: 1, shape: { dim: dims.map((dimValue) => ({ dimValue })) } } },
  });
  const attribute = [
    { name: 'axis', i: 1, type: 2 },
    { name: 'kernel_shape', ints: [2, 2], type: 7 },
    { name: 'mode', s: [...new TextEncoder().encode('linear')], type: 3 },
  ];
  const node = (name, input) => ({
    name,
    opType: operator,
    domain,
    input,
    output: [`${name}/a`, `${name}/b`],
    attribute,
  });
  return Uint8Array.from(
    encode('ModelProto', {
      irVersion: 9,
      opsetImport: [{ domain: '', version: 18 }, ...(domain === '' ? [] : [{ domain, version: 1 }])],
      graph: {
        name: operator,
        node: [node('first', ['x', 'w', 'v']), node('second', ['first/a', 'v', 'v', 'w'])],
        initializer: [floats('w', [2, 2, 2, 2]), integers('v', [1, 2])],
        input: [value('x', [1, 2, 4, 4])],
        output: [{ name: 'second/a' }],
      },
    }),
  );
}

function onnxSeeds() {
  const files = fixtures('.onnx').map((bytes) => slim(new Uint8Array(bytes)));
  const small = files.filter(({ length }) => length < largestFixture);
  return [...repeated(small, 4), ...knownOperators().map(onnxOperator)].map(message);
}

/** A builtin operator with whatever it may want: a feature map, weights, numbers, options of ones. */
function tfliteOperator(code) {
  const model = createModel();
  const [main, body] = [addSubgraph(model, 'main'), addSubgraph(model, 'body')];
  for (const graph of [main, body]) {
    const image = addTensor(graph, { name: 'x', type: 'float32', shape: [1, 4, 4, 4] });
    const weights = addTensor(graph, {
      name: 'w',
      type: 'int8',
      shape: [4, 1, 1, 4],
      data: new Uint8Array(16),
      scale: 1,
    });
    const result = addTensor(graph, { name: 'y', type: 'float32', shape: [1, 4, 4, 4] });
    const sizes = addIntegers(graph, 'sizes', [1, 1, 2, 2]);
    graph.inputs.push(image);
    graph.outputs.push(result);
    const options = Object.fromEntries(Array.from({ length: 8 }, (_, field) => [field, int32(1)]));
    const inputs = graph === main ? [image, weights, sizes, sizes] : [image];
    addOperator(graph, graph === main ? code : 19, { inputs, outputs: [result] }, [1, options]);
  }
  return encodeTflite(model, { description: 'One operator.' });
}

function tfliteSeeds() {
  const files = fixtures('.tflite').map((bytes) => new Uint8Array(bytes));
  const operators = Array.from({ length: 210 }, (_, code) => tfliteOperator(code));
  const small = files.filter(({ length }) => length < largestFixture);
  return [...repeated(small, 4), ...operators].map((bytes) => ({ bytes, tables: tablesIn(bytes) }));
}

function repeated(list, times) {
  return Array.from({ length: times }, () => list).flat();
}

/** A NeuralNetwork of one layer of that number, with parameters of every kind. */
function layerNetwork(number) {
  const features = (name) => ({ name, type: { multiArrayType: { shape: [2, 4, 4], dataType: 65568 } } });
  const layer = (name, input, output) => [
    ...encode('Layer', { name, input, output }, coreMlSchema),
    ...parameters(number),
  ];
  const layers = [layer('first', ['x', 'x'], ['y']), layer('second', ['y'], ['y'])].flatMap((bytes) => [
    ...delimited(1, bytes),
  ]);
  const head = encode(
    'Model',
    { specificationVersion: 4, description: { input: [features('x')], output: [features('y')] } },
    coreMlSchema,
  );
  return concat(Uint8Array.from(head), delimited(500, layers));
}

const delimited = (number, bytes) => concat(varint(number * 8 + 2), varint(bytes.length), Uint8Array.from(bytes));

function parameters(number) {
  const integer = (field, value) => concat(varint(field * 8), varint(value));
  const weights = delimited(1, new Uint8Array(64));
  const content = concat(integer(1, 2), integer(2, 2), delimited(10, [2, 2]), delimited(20, weights), integer(30, 1));
  return delimited(number, content);
}

function mlmodelSeeds(words) {
  const layers = words.numbers.filter((number) => number >= 100 && number < 2000).map(layerNetwork);
  const files = fixtures('.mlmodel').map((bytes) => new Uint8Array(bytes));
  return [...repeated(files, 20), ...layers].map(message);
}

/** An ML Program of one operation, with every operand that operations have. */
function milOperation(type) {
  const shape = (sizes) => sizes.map((size) => ({ constant: { size } }));
  const floats = { tensorType: { dataType: 11, rank: 4, dimensions: shape([1, 2, 4, 4]) } };
  const integers = { tensorType: { dataType: 23, rank: 1, dimensions: shape([2]) } };
  const numbers = { type: integers, immediateValue: { tensor: { ints: { values: [1, 2] } } } };
  const input = (key, binding) => ({ key, value: { arguments: [binding] } });
  const named = ['x', 'y', 'weight', 'data', 'query'].map((key) => input(key, { name: 'image' }));
  const given = ['axes', 'axis', 'shape', 'begin', 'end', 'perm', 'reps', 'pad', 'kernel_sizes', 'indices'];
  const operations = ['first', 'second'].map((name) => ({
    type,
    inputs: [...named, ...given.map((key) => input(key, { value: numbers }))],
    outputs: [{ name, type: floats }],
  }));
  const main = {
    inputs: [{ name: 'image', type: floats }],
    opset: 'CoreML8',
    blocks: [{ key: 'CoreML8', value: { outputs: ['second'], operations } }],
  };
  const model = { specificationVersion: 9, mlProgram: { version: 1, functions: [{ key: 'main', value: main }] } };
  return Uint8Array.from(encode('Model', model, coreMlSchema));
}

const specification = 'Data/com.apple.CoreML/model.mlmodel';

function packageFiles() {
  const folder = join(models, 'program.mlpackage');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path.slice(folder.length + 1).replaceAll('\\', '/'), new Uint8Array(readFileSync(path))];
    }),
  );
}

/** Each seed is one file of a package whose others stay as they are. */
function packageSeeds(words) {
  const names = words.texts.filter((word) => /^[a-z][a-z0-9_]+$/.test(text(word)));
  const programs = names.map((word) => milOperation(text(word)));
  const files = [...packageFiles()].map(([file, bytes]) => ({ ...message(bytes), file }));
  return [...repeated(files, 40), ...programs.map((bytes) => ({ ...message(bytes), file: specification }))];
}

const sourceOf = (bytes) => ({
  byteLength: bytes.length,
  read: (offset, length) => bytes.subarray(offset, offset + length),
});

const oneFile = (bytes) => new Map([['', sourceOf(bytes)]]);

function inPackage() {
  const files = packageFiles();
  return (bytes, { file }) => {
    const changed = new Map(files).set(file, bytes);
    const manifest = changed.get('Manifest.json');
    changed.delete('Manifest.json');
    const sources = new Map([['', sourceOf(manifest)], ...[...changed].map(([path, each]) => [path, sourceOf(each)])]);
    return { get: (name) => sources.get(name), paths: () => [...changed.keys()] };
  };
}

/** By the name of a reader: seeds, the path that a model is read under, and how its bytes are found. */
export const readers = {
  onnx: () => ({ seeds: onnxSeeds(), words: wordsOf('operators', 'formats/onnx'), path: 'm.onnx', open: oneFile }),
  tflite: () => ({ seeds: tfliteSeeds(), words: wordsOf('formats/tflite'), path: 'm.tflite', open: oneFile }),
  mlmodel: () => {
    const words = wordsOf('formats/coreml/network', 'formats/coreml');
    return { seeds: mlmodelSeeds(words), words, path: 'm.mlmodel', open: oneFile };
  },
  mlpackage: () => {
    const words = wordsOf('formats/coreml/mil');
    return { seeds: packageSeeds(words), words, path: 'm.mlpackage', open: inPackage() };
  },
};
