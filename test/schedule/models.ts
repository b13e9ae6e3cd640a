/** Small prepared models, written as lists of nodes; shapes and types are inferred as for a real file. */
import type { DataType } from '../../src/ir/data-type.ts';
import { bytesOf } from '../../src/ir/data-type.ts';
import type { Attribute, Initializer, Model, Node } from '../../src/ir/graph.ts';
import { prepare } from '../../src/passes/index.ts';
import type { PreparedModel } from '../../src/passes/prepared.ts';

export type Tensor = readonly [dtype: DataType, ...shape: number[]];

export interface NodeGiven {
  readonly op: string;
  readonly in: readonly string[];
  readonly out: readonly string[];
  readonly attributes?: Readonly<Record<string, number | string | readonly number[]>>;
  readonly domain?: string;
}

interface ValueGiven {
  readonly dtype: DataType;
  readonly elements: readonly number[];
  readonly shape?: readonly number[];
}

export interface ModelGiven {
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly constants?: Readonly<Record<string, Tensor>>;
  /** Constants whose elements are known: axes, shapes, limits. Lists, if no shape is given. */
  readonly values?: Readonly<Record<string, ValueGiven>>;
  readonly nodes: readonly NodeGiven[];
  readonly outputs: readonly string[];
  /** Bytes of names and structure beside the constants. */
  readonly overheadBytes?: number;
}

function attributeOf(value: number | string | readonly number[]): Attribute {
  if (typeof value === 'number') return { kind: 'int', value };
  if (typeof value === 'string') return { kind: 'string', value };
  return { kind: 'ints', values: value };
}

function nodeOf({ op, in: inputs, out: outputs, attributes, domain = '' }: NodeGiven): Node {
  const id = outputs[0] ?? op;
  return {
    id,
    name: id,
    operator: op,
    domain,
    version: 18,
    inputs,
    outputs,
    attributes: new Map(Object.entries(attributes ?? {}).map(([name, value]) => [name, attributeOf(value)])),
    sources: [id],
    repetitions: 1,
    metadata: new Map(),
  };
}

const elementCount = (shape: readonly number[]) => shape.reduce((count, size) => count * size, 1);

function initializer(name: string, [dtype, ...shape]: Tensor): Initializer {
  const fileBytes = bytesOf(dtype, elementCount(shape));
  return { name, dtype, shape, encoding: 'raw', ranges: [], fileBytes, available: false };
}

export function modelOf(given: ModelGiven): Model {
  const constants = Object.entries(given.constants ?? {}).map(([name, tensor]) => initializer(name, tensor));
  const values = Object.entries(given.values ?? {}).map(
    ([name, { dtype, elements, shape = [elements.length] }]): Initializer => {
      return { ...initializer(name, [dtype, ...shape]), value: { dtype, shape, elements } };
    },
  );
  const initializers = new Map([...constants, ...values].map((constant) => [constant.name, constant]));
  const declared = Object.entries(given.inputs).map(([name, [dtype, ...shape]]) => [name, { dtype, shape }] as const);
  const constantBytes = [...initializers.values()].reduce((sum, { fileBytes }) => sum + fileBytes, 0);
  return {
    format: 'onnx',
    producer: '',
    irVersion: 9,
    opsets: new Map([['ai.onnx', 18]]),
    graph: {
      name: 'test',
      inputs: Object.keys(given.inputs),
      outputs: given.outputs,
      nodes: given.nodes.map(nodeOf),
      initializers,
      tensors: new Map(declared),
      values: new Map(),
    },
    functions: [],
    metadata: new Map(),
    files: [{ path: 'test.onnx', byteLength: constantBytes + (given.overheadBytes ?? 0), available: true }],
    warnings: [],
  };
}

export function prepared(given: ModelGiven): PreparedModel {
  return prepare(modelOf(given), { dims: new Map(), inputs: new Map() });
}

/** Nodes given in short: `node('Relu', ['x'], 'y')`. */
export function node(
  op: string,
  inputs: readonly string[],
  out: string,
  attributes: NodeGiven['attributes'] = {},
): NodeGiven {
  return { op, in: inputs, out: [out], attributes };
}
