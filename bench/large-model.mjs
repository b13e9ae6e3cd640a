// An 88 MB model: 22 matrix products of 1000 x 1000 float weights, without pattern, in one file.
import onnxProto from 'onnx-proto';

const { onnx } = onnxProto;
const layers = 22;
const width = 1000;

/** @returns {Uint8Array} the file's bytes */
export function largeModel() {
  const names = Array.from({ length: layers + 1 }, (_, index) => `activation_${index}`);
  const node = Array.from({ length: layers }, (_, index) => ({
    opType: 'MatMul',
    name: `matmul_${index}`,
    input: [names[index], `weight_${index}`],
    output: [names[index + 1]],
  }));
  const initializer = Array.from({ length: layers }, (_, index) => ({
    name: `weight_${index}`,
    dataType: onnx.TensorProto.DataType.FLOAT,
    dims: [width, width],
    rawData: noise(width * width * 4, index),
  }));
  const model = {
    irVersion: 8,
    producerName: 'bench',
    opsetImport: [{ domain: '', version: 17 }],
    graph: { name: 'large', node, initializer, input: [tensor(names[0])], output: [tensor(names.at(-1))] },
  };
  return onnx.ModelProto.encode(model).finish();
}

function tensor(name) {
  const shape = { dim: [{ dimValue: 1 }, { dimValue: width }] };
  return { name, type: { tensorType: { elemType: onnx.TensorProto.DataType.FLOAT, shape } } };
}

/** Bytes of a linear congruential generator (Numerical Recipes), the same on every run. */
function noise(byteLength, seed) {
  const words = new Uint32Array(byteLength / 4);
  let state = seed + 1;
  for (let index = 0; index < words.length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    words[index] = (state & 0x007fffff) | 0x3f000000; // a float in [0.5, 1)
  }
  return new Uint8Array(words.buffer);
}
