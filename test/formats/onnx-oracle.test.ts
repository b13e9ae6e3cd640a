// Two readers of one file: ours against onnx-proto, which decodes with protobuf.js and knows ONNX up to IR 8.
import { describe, expect, test } from 'vitest';
import type onnxProto from 'onnx-proto';
import { readElements } from '../../src/formats/weights.ts';
import type { ModelSources } from '../../src/ir/byte-source.ts';
import { print } from '../../src/ir/dimension.ts';
import type { Attribute, Graph, Initializer, Node, TensorType } from '../../src/ir/graph.ts';
import { AttributeType, DataType, fixture, fixtureBytes, fixtureNames, fixtureSources, ModelProto } from './models.ts';

type GraphMessage = onnxProto.onnx.IGraphProto;
type TensorMessage = onnxProto.onnx.ITensorProto;
type AttributeMessage = onnxProto.onnx.IAttributeProto;

const utf8 = (bytes: Uint8Array | null | undefined) => new TextDecoder().decode(bytes ?? new Uint8Array());
/** onnx-proto gives int64 as Long objects. */
const number = (value: unknown) => Number(String(value));

/** Both sides are brought to one plain form and compared as a whole. */
function ourGraph(graph: Graph, sources: ModelSources): object {
  const types = (names: readonly string[]) => names.map((name) => [name, ourType(graph.tensors.get(name))]);
  return {
    name: graph.name,
    inputs: types(graph.inputs),
    outputs: types(graph.outputs),
    nodes: graph.nodes.map((node) => ourNode(node, sources)),
    initializers: [...graph.initializers.values()].map((each) => ({ name: each.name, ...ourTensor(each, sources) })),
  };
}

function ourType(type: TensorType | undefined): object {
  return { dtype: type?.dtype, shape: type?.shape?.map(print) };
}

function ourNode(node: Node, sources: ModelSources): object {
  const { name, operator, domain, inputs, outputs } = node;
  const attributes = [...node.attributes].map(([key, value]) => [key, ourAttribute(value, sources)]);
  return { name, operator, domain, inputs, outputs, attributes };
}

function ourAttribute(attribute: Attribute, sources: ModelSources): unknown {
  if (attribute.kind === 'tensor') return ourTensor(attribute.value, sources);
  if (attribute.kind === 'graph') return ourGraph(attribute.value, sources);
  return 'value' in attribute ? attribute.value : 'values' in attribute ? attribute.values : undefined;
}

function ourTensor(initializer: Initializer, sources: ModelSources): object {
  const { dtype, shape, fileBytes } = initializer;
  return { dtype, shape, fileBytes, elements: [...(readElements(initializer, sources) ?? [])] };
}

function theirGraph(graph: GraphMessage): object {
  const values = (infos: GraphMessage['input']) =>
    (infos ?? []).map(({ name, type }) => [
      name,
      {
        dtype: dataTypes.get(type!.tensorType!.elemType!),
        shape: type!.tensorType!.shape!.dim!.map((dim) => dim.dimParam ?? String(dim.dimValue)),
      },
    ]);
  return {
    name: graph.name,
    inputs: values(graph.input),
    outputs: values(graph.output),
    nodes: graph.node!.map((node) => ({
      name: node.name,
      operator: node.opType,
      domain: node.domain,
      inputs: node.input,
      outputs: node.output,
      attributes: node.attribute!.map((each) => [each.name, theirAttribute(each)]),
    })),
    initializers: graph.initializer!.map((each) => ({ name: each.name, ...theirTensor(each) })),
  };
}

function theirAttribute(attribute: AttributeMessage): unknown {
  switch (attribute.type) {
    case AttributeType.FLOAT:
      return attribute.f;
    case AttributeType.INT:
      return number(attribute.i);
    case AttributeType.STRING:
      return utf8(attribute.s);
    case AttributeType.INTS:
      return attribute.ints!.map(number);
    case AttributeType.STRINGS:
      return attribute.strings!.map(utf8);
    case AttributeType.TENSOR:
      return theirTensor(attribute.t!);
    case AttributeType.GRAPH:
      return theirGraph(attribute.g!);
    default:
      throw new Error(`the fixtures hold an attribute of type ${String(attribute.type)}`);
  }
}

/** The fixtures of IR 8 keep their elements in raw_data. */
function theirTensor({ dims, dataType, rawData }: TensorMessage): object {
  const bytes = Uint8Array.from(rawData!);
  return {
    dtype: dataTypes.get(dataType!),
    shape: dims!.map(number),
    fileBytes: bytes.length,
    elements: [...elements(bytes.buffer, dataType!)].map(Number),
  };
}

type Elements = ArrayLike<number | bigint> & Iterable<number | bigint>;

function elements(buffer: ArrayBuffer, dataType: number): Elements {
  const view = arrays.get(dataType);
  return view ? view(buffer) : new Uint8Array(buffer);
}

const arrays = new Map<number, (buffer: ArrayBuffer) => Elements>([
  [DataType.FLOAT, (buffer) => new Float32Array(buffer)],
  [DataType.INT64, (buffer) => new BigInt64Array(buffer)],
  [DataType.INT32, (buffer) => new Int32Array(buffer)],
  [DataType.INT8, (buffer) => new Int8Array(buffer)],
]);

const dataTypes: ReadonlyMap<number, string> = new Map([
  [DataType.FLOAT, 'float32'],
  [DataType.INT64, 'int64'],
  [DataType.INT32, 'int32'],
  [DataType.INT8, 'int8'],
  [DataType.BOOL, 'bool'],
]);

const decoded = fixtureNames
  .map((name) => ({ name, message: ModelProto.decode(fixtureBytes(name)) }))
  .filter(({ message }) => number(message.irVersion) <= 8);

test('most fixtures are of IR 8', () => {
  expect(decoded.length).toBeGreaterThanOrEqual(10);
});

describe.each(decoded)('$name', ({ name, message }) => {
  const model = fixture(name);

  test('has the same header', () => {
    expect(model.irVersion).toBe(number(message.irVersion));
    expect(model.producer).toBe(`${message.producerName} ${message.producerVersion}`);
    expect([...model.opsets]).toEqual(
      message.opsetImport.map(({ domain, version }) => [domain === '' ? 'ai.onnx' : domain, number(version)]),
    );
    expect([...model.metadata]).toEqual(message.metadataProps.map(({ key, value }) => [key, value]));
    expect(model.files).toEqual([{ path: name, byteLength: fixtureBytes(name).length, available: true }]);
    expect(model.warnings).toEqual([]);
  });

  test('has the same nodes, attributes, initializers, shapes and values', () => {
    expect(ourGraph(model.graph, fixtureSources(name))).toEqual(theirGraph(message.graph!));
  });
});
