/**
 * Weights that are stored compressed (`constexpr_` operations) and quantization at run time. The stored elements keep
 * their own few bits; the graph sees the dense tensor that comes out.
 */
import type { DataType } from '../../../../ir/data-type.ts';
import type { Initializer } from '../../../../ir/graph.ts';
import { elementCount } from '../../../dense.ts';
import { bytesOf } from '../../../../ir/data-type.ts';
import { onnxDataType } from '../../../onnx/data-types.ts';
import { withValue } from '../values.ts';
import { emit } from '../../emission.ts';
import { initializerOf, number, numbers, outputShape, shapeOf, tensor, type Operation } from '../operation.ts';
import type { Table, Translate } from './translate.ts';

const named = (operation: Operation, ...parameters: readonly string[]): string[] =>
  parameters.map((parameter) => tensor(operation, parameter));

/** By the length of the table: how many bits an index has. */
const indexTypes: ReadonlyMap<number, DataType> = new Map<number, DataType>([
  [2, 'uint1'],
  [4, 'uint2'],
  [8, 'uint3'],
  [16, 'uint4'],
  [64, 'uint6'],
  [256, 'uint8'],
]);

/**
 * Until iOS 17 packed elements were a list of bytes; the shape stood beside it. Seen as what they are they keep their
 * place in the file.
 */
function unpacked(operation: Operation, parameter: string, dtype: DataType | undefined): string {
  const name = tensor(operation, parameter);
  const packed = initializerOf(operation, parameter);
  const shape = numbers(operation, 'shape') ?? outputShape(operation);
  if (packed?.dtype !== 'uint8' || packed.shape.length !== 1 || dtype === undefined || shape === undefined) return name;
  if (bytesOf(dtype, elementCount(shape)) !== packed.fileBytes) return name;
  const { draft } = operation;
  const dense: Initializer = withValue({ ...withoutValue(packed), name, dtype, shape }, draft.reading);
  draft.initializers.set(name, dense);
  return name;
}

function withoutValue({ name, dtype, shape, encoding, ranges, fileBytes, available }: Initializer): Initializer {
  return { name, dtype, shape, encoding, ranges, fileBytes, available };
}

const tableToDense: Translate = (operation) => {
  const table = initializerOf(operation, 'lut');
  const old = operation.bindings.has('shape');
  const entries = old ? table?.shape[0] : table?.shape.at(-2);
  const indices = old
    ? unpacked(operation, 'indices', entries === undefined ? undefined : indexTypes.get(entries))
    : tensor(operation, 'indices');
  emit(operation, 'coreml.constexpr_lut_to_dense', [indices, tensor(operation, 'lut')], vectorAttributes(operation));
};

/** An entry of the table may be a vector along one axis. */
function vectorAttributes(operation: Operation) {
  const size = operation.bindings.has('shape') ? 1 : (initializerOf(operation, 'lut')?.shape.at(-1) ?? 1);
  return { vector_size: size, vector_axis: numbers(operation, 'vector_axis')?.[0] };
}

const sparseToDense: Translate = (operation) => {
  const mask = unpacked(operation, 'mask', 'uint1');
  emit(operation, 'coreml.constexpr_sparse_to_dense', [tensor(operation, 'nonzero_data'), mask]);
};

/** Outputs: the mask, and the elements that it marks. */
const tableToSparse: Translate = (operation) => {
  const inputs = named(operation, 'indices_nonzero_data', 'indices_mask', 'lut');
  emit(operation, 'coreml.constexpr_lut_to_sparse', inputs, vectorAttributes(operation));
};

const sparseShiftScale: Translate = (operation) => {
  const inputs = named(operation, 'nonzero_data', 'data_mask', 'scale', 'offset');
  emit(operation, 'coreml.constexpr_sparse_blockwise_shift_scale', inputs);
};

function dequantize(data: string, zeroPoint: string): Translate {
  return (operation) => {
    emit(operation, 'DequantizeLinear', named(operation, data, 'scale', zeroPoint), {
      axis: numbers(operation, 'axis')?.[0],
    });
  };
}

/** Blocks along any axes: each has one element of the scale. */
const dequantizeBlocks: Translate = (operation) => {
  const [data, scale] = ['data', 'scale'].map((parameter) => shapeOf(operation, parameter) ?? []);
  const sizes = data!.map((size, axis) => Math.floor(size / Math.max(1, scale![axis] ?? 1)));
  emit(operation, 'DequantizeLinear', named(operation, 'data', 'scale', 'offset'), {
    block_size: Math.max(1, ...sizes),
  });
};

const quantize: Translate = (operation) => {
  const dtype = operation.outputs[0]?.type.dtype;
  emit(operation, 'QuantizeLinear', named(operation, 'input', 'scale', 'zero_point'), {
    axis: number(operation, 'axis', 1),
    output_dtype: dtype ? onnxDataType(dtype) : undefined,
  });
};

const castConstant: Translate = (operation) => {
  const dtype = operation.outputs[0]?.type.dtype;
  emit(operation, 'Cast', named(operation, 'source_val'), { to: dtype ? onnxDataType(dtype) : undefined });
};

export const compression: Table = [
  ['constexpr_affine_dequantize', dequantize('quantized_data', 'zero_point')],
  ['constexpr_blockwise_shift_scale', dequantizeBlocks],
  ['constexpr_lut_to_dense', tableToDense],
  ['constexpr_sparse_to_dense', sparseToDense],
  ['constexpr_lut_to_sparse', tableToSparse],
  ['constexpr_sparse_blockwise_shift_scale', sparseShiftScale],
  ['constexpr_cast', castConstant],
  ['dequantize', dequantize('input', 'zero_point')],
  ['quantize', quantize],
];
