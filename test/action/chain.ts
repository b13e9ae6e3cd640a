/** ONNX files of as many layers, with such names, as a test needs. */
import onnxProto from 'onnx-proto';

const { ModelProto, TensorProto, AttributeProto } = onnxProto.onnx;
const channels = 4;
const floatType = TensorProto.DataType.FLOAT;

/** One 1x1 convolution a name, one after the other, over [1, 4, 8, 8]. `operator` stands for the last one. */
export function chain(names: readonly string[], operator = 'Conv'): Buffer {
  const dims = [1, channels, 8, 8];
  const value = (name: string) => ({
    name,
    type: { tensorType: { elemType: floatType, shape: { dim: dims.map((dimValue) => ({ dimValue })) } } },
  });
  const weights = { name: 'w', dims: [channels, channels, 1, 1], dataType: floatType, floatData: weightsOf() };
  const kernel = { name: 'kernel_shape', type: AttributeProto.AttributeType.INTS, ints: [1, 1] };
  const node = names.map((name, index) => ({
    opType: index === names.length - 1 ? operator : 'Conv',
    name,
    input: [`t${index}`, 'w'],
    output: [`t${index + 1}`],
    attribute: [kernel],
  }));
  const graph = {
    name: 'chain',
    node,
    initializer: [weights],
    input: [value('t0')],
    output: [value(`t${names.length}`)],
  };
  const model = { irVersion: 8, opsetImport: [{ domain: '', version: 17 }], graph };
  return Buffer.from(ModelProto.encode(model).finish());
}

const weightsOf = () => Array.from({ length: channels * channels }, (_, index) => index / 16);

export function numbered(count: number, prefix: string): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}/Conv`);
}
