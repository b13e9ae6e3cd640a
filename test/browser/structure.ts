/** Graphs for ONNX files. Weights are drawn from a seeded generator, or said to lie in a file that is not there. */
import onnxProto from 'onnx-proto';

const { onnx } = onnxProto;
const { FLOAT, INT64 } = onnx.TensorProto.DataType;
const { INT, INTS } = onnx.AttributeProto.AttributeType;
const { EXTERNAL } = onnx.TensorProto.DataLocation;

export type Dimensions = readonly number[];

export interface NodeShape {
  readonly op: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly attributes?: Readonly<Record<string, number | Dimensions>>;
}

export interface Structure {
  /** @returns the name of what the node makes */
  readonly node: (shape: NodeShape) => string;
  /** @returns its name */
  readonly weight: (name: string, dims: Dimensions) => string;
  /** Whole numbers that are in the file: shapes, axes. */
  readonly integers: (name: string, values: Dimensions) => string;
  readonly input: (name: string, dims: Dimensions, type?: 'float' | 'int64') => string;
  readonly output: (name: string, dims: Dimensions) => void;
  readonly encode: (opset?: number) => Uint8Array;
}

export function createStructure(weights: 'absent' | 'random'): Structure {
  const tensor = weights === 'absent' ? absentTensor : randomTensor;
  const graph = {
    name: 'structure',
    node: [] as InstanceType<typeof onnx.NodeProto>[],
    initializer: [] as InstanceType<typeof onnx.TensorProto>[],
    input: [] as InstanceType<typeof onnx.ValueInfoProto>[],
    output: [] as InstanceType<typeof onnx.ValueInfoProto>[],
  };
  return {
    node: ({ op, name, inputs, attributes = {} }) => {
      const output = `${name}_output_0`;
      const attribute = Object.entries(attributes).map(([key, value]) => attributeOf(key, value));
      graph.node.push(onnx.NodeProto.create({ opType: op, name, input: [...inputs], output: [output], attribute }));
      return output;
    },
    weight: (name, dims) => (graph.initializer.push(tensor(name, dims)), name),
    integers: (name, values) => {
      const rawData = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
      graph.initializer.push(onnx.TensorProto.create({ name, dims: [values.length], dataType: INT64, rawData }));
      return name;
    },
    input: (name, dims, type = 'float') => {
      graph.input.push(valueInfo(name, dims, type === 'float' ? FLOAT : INT64));
      return name;
    },
    output: (name, dims) => void graph.output.push(valueInfo(name, dims, FLOAT)),
    encode: (opset = 20) => {
      const opsetImport = [{ domain: '', version: opset }];
      return onnx.ModelProto.encode({ irVersion: 9, producerName: 'pytorch', opsetImport, graph }).finish();
    },
  };
}

function attributeOf(name: string, value: number | Dimensions): InstanceType<typeof onnx.AttributeProto> {
  const typed = typeof value === 'number' ? { type: INT, i: value } : { type: INTS, ints: [...value] };
  return onnx.AttributeProto.create({ name, ...typed });
}

function absentTensor(name: string, dims: Dimensions): InstanceType<typeof onnx.TensorProto> {
  const bytes = dims.reduce((product, length) => product * length, 4);
  const externalData = [
    { key: 'location', value: 'weights.bin' },
    { key: 'length', value: String(bytes) },
  ];
  return onnx.TensorProto.create({ name, dims: [...dims], dataType: FLOAT, dataLocation: EXTERNAL, externalData });
}

/** The same for the same name. */
function randomTensor(name: string, dims: Dimensions): InstanceType<typeof onnx.TensorProto> {
  const values = new Float32Array(dims.reduce((product, length) => product * length, 1));
  let state = 0;
  for (const character of name) state = (Math.imul(state, 31) + character.codePointAt(0)!) | 0;
  for (let index = 0; index < values.length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    values[index] = state / 2 ** 34;
  }
  return onnx.TensorProto.create({ name, dims: [...dims], dataType: FLOAT, rawData: new Uint8Array(values.buffer) });
}

function valueInfo(name: string, dims: Dimensions, elemType: number): InstanceType<typeof onnx.ValueInfoProto> {
  const shape = { dim: dims.map((dimValue) => ({ dimValue })) };
  return onnx.ValueInfoProto.create({ name, type: { tensorType: { elemType, shape } } });
}
