// A network of inverted residual blocks in four stages, as long as asked for. The weights are said to lie in a file that
// is not there: what is measured is scheduling, not reading.
import onnxProto from 'onnx-proto';

const { onnx } = onnxProto;
const { FLOAT } = onnx.TensorProto.DataType;
const { INT, INTS } = onnx.AttributeProto.AttributeType;
const { EXTERNAL } = onnx.TensorProto.DataLocation;
const stages = 4;
const expansion = 4;

/** @returns {Uint8Array} the file's bytes; at least as many nodes as `layers` */
export function residualModel(layers) {
  const graph = { name: 'residual', node: [], initializer: [] };
  let [channels, size] = [16, 64];
  const shape = { channels: 3, kernel: 3, group: 1, stride: 1 };
  let tensor = relu(graph, convolution(graph, 'input', { ...shape, filters: channels }));
  for (let stage = 0; stage < stages; stage++) {
    if (stage > 0) {
      const halved = { ...shape, channels, filters: 2 * channels, stride: 2 };
      tensor = relu(graph, convolution(graph, tensor, halved));
      channels *= 2;
      size /= 2;
    }
    while (graph.node.length < (layers * (stage + 1)) / stages) tensor = block(graph, tensor, channels);
  }
  graph.input = [valueInfo('input', [1, 3, 64, 64])];
  graph.output = [valueInfo(tensor, [1, channels, size, size])];
  const model = { irVersion: 8, producerName: 'bench', opsetImport: [{ domain: '', version: 17 }], graph };
  return onnx.ModelProto.encode(model).finish();
}

function block(graph, input, channels) {
  const wide = channels * expansion;
  const [point, depthwise] = [
    { kernel: 1, group: 1, stride: 1 },
    { kernel: 3, group: wide, stride: 1 },
  ];
  const widened = relu(graph, convolution(graph, input, { ...point, channels, filters: wide }));
  const filtered = relu(graph, convolution(graph, widened, { ...depthwise, channels: wide, filters: wide }));
  const narrowed = convolution(graph, filtered, { ...point, channels: wide, filters: channels });
  return relu(graph, node(graph, 'Add', [input, narrowed]));
}

function convolution(graph, input, { channels, filters, kernel, group, stride }) {
  const name = `Conv_${graph.node.length}`;
  const pad = kernel >> 1;
  const weights = [
    [`${name}.weight`, [filters, channels / group, kernel, kernel]],
    [`${name}.bias`, [filters]],
  ];
  graph.initializer.push(...weights.map(([tensor, dims]) => absentTensor(tensor, dims)));
  return node(
    graph,
    'Conv',
    [input, ...weights.map(([tensor]) => tensor)],
    [
      { name: 'kernel_shape', type: INTS, ints: [kernel, kernel] },
      { name: 'pads', type: INTS, ints: [pad, pad, pad, pad] },
      { name: 'strides', type: INTS, ints: [stride, stride] },
      { name: 'group', type: INT, i: group },
    ],
  );
}

function relu(graph, input) {
  return node(graph, 'Relu', [input]);
}

function node(graph, opType, input, attribute = []) {
  const name = `${opType}_${graph.node.length}`;
  graph.node.push({ opType, name, input, output: [`${name}.output`], attribute });
  return `${name}.output`;
}

function absentTensor(name, dims) {
  const bytes = dims.reduce((product, length) => product * length, 4);
  const externalData = [
    { key: 'location', value: 'weights.bin' },
    { key: 'length', value: String(bytes) },
  ];
  return { name, dims, dataType: FLOAT, dataLocation: EXTERNAL, externalData };
}

function valueInfo(name, dims) {
  return { name, type: { tensorType: { elemType: FLOAT, shape: { dim: dims.map((dimValue) => ({ dimValue })) } } } };
}
