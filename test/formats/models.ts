/** Models for tests: the fixtures, and small ones that onnx-proto encodes. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import onnxProto from 'onnx-proto';
import { readModel } from '../../src/formats/index.ts';
import { bufferSource, type ModelSources } from '../../src/ir/byte-source.ts';
import type { Graph, Model, Node } from '../../src/ir/graph.ts';

const folder = join(import.meta.dirname, '..', '..', 'fixtures', 'models');

export const { ModelProto, TensorProto, AttributeProto } = onnxProto.onnx;
export const { DataLocation, DataType } = TensorProto;
export const { AttributeType } = AttributeProto;

export type ModelMessage = onnxProto.onnx.IModelProto;
export type GraphMessage = onnxProto.onnx.IGraphProto;
export type TensorMessage = onnxProto.onnx.ITensorProto;

/** Names of the fixture models, sorted. */
export const fixtureNames = readdirSync(folder)
  .filter((name) => name.endsWith('.onnx'))
  .sort();

export function fixtureBytes(name: string): Uint8Array {
  return readFileSync(join(folder, name));
}

/** A fixture with every file of its folder as its external data. */
export function fixtureSources(name: string): ModelSources {
  const data = readdirSync(folder).filter((each) => each.endsWith('.data'));
  const files = data.map((each) => [each, bufferSource(fixtureBytes(each))] as const);
  return new Map([['', bufferSource(fixtureBytes(name))], ...files]);
}

export function fixture(name: string): Model {
  return readModel(fixtureSources(name), name);
}

/** A model of IR 8, opset 17, with this graph. */
export function encodeGraph(graph: GraphMessage, model: ModelMessage = {}): Uint8Array {
  return ModelProto.encode({ irVersion: 8, opsetImport: [{ domain: '', version: 17 }], graph, ...model }).finish();
}

export function readBytes(bytes: Uint8Array, external: Readonly<Record<string, Uint8Array>> = {}): Model {
  const files = Object.entries(external).map(([path, data]) => [path, bufferSource(data)] as const);
  return readModel(new Map([['', bufferSource(bytes)], ...files]), 'm.onnx');
}

export function readGraph(graph: GraphMessage, model: ModelMessage = {}): Model {
  return readBytes(encodeGraph(graph, model));
}

/** The model's only initializer with these fields. */
export function readTensor(tensor: TensorMessage, external?: Readonly<Record<string, Uint8Array>>): Model {
  return readBytes(encodeGraph({ initializer: [{ name: 'w', ...tensor }] }), external);
}

/** Every node of a graph with those of its bodies, a node before its bodies. */
export function allNodes(graph: Graph): Node[] {
  return graph.nodes.flatMap((node) => [
    node,
    ...[...node.attributes.values()].flatMap((attribute) => {
      if (attribute.kind === 'graph') return allNodes(attribute.value);
      return attribute.kind === 'graphs' ? attribute.values.flatMap(allNodes) : [];
    }),
  ]);
}

export function littleEndian(
  array: Float32Array | Float64Array | BigInt64Array | Int32Array | Uint16Array,
): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
