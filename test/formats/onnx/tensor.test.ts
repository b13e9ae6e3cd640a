import { describe, expect, test } from 'vitest';
import { readModel } from '../../../src/formats/index.ts';
import { DataType, readTensor, type TensorMessage } from '../models.ts';
import { delimited, integer, sources, varint, type Bytes } from '../wire.ts';

/** A model with this one initializer, encoded by hand. */
const byHand = (...fields: readonly Bytes[]) =>
  readModel(sources(integer(1, 8), delimited(7, delimited(5, ...fields, delimited(8, 'w')))), 'm.onnx');

describe('tensors that contradict themselves are refused', () => {
  test.each<[string, TensorMessage, string]>([
    ['an unknown type', { dataType: 99, dims: [1] }, 'm.onnx: tensor "w": its element type 99 is not known'],
    ['no type', { dims: [1] }, 'its element type 0 is not known'],
    ['65 axes', { dataType: 1, dims: Array<number>(65).fill(1) }, '[1, 1, 1, 1, 1, 1, 1, 1] is no shape'],
    ['a negative length', { dataType: 1, dims: [2, -1] }, '[2, -1] is no shape'],
    [
      'more elements than can be counted',
      { dataType: 1, dims: [2 ** 31, 2 ** 31] },
      '[2147483648, 2147483648] is no shape',
    ],
    [
      'too few bytes',
      { dataType: DataType.FLOAT, dims: [4], rawData: new Uint8Array(12) },
      'm.onnx: tensor "w": 12 bytes do not hold 4 elements of float32',
    ],
    [
      'too many bytes',
      { dataType: DataType.INT8, dims: [1], rawData: new Uint8Array(2) },
      '2 bytes do not hold 1 elements',
    ],
    [
      'half a number',
      { dataType: DataType.FLOAT, dims: [1], rawData: new Uint8Array(3) },
      '3 bytes do not hold 1 elements',
    ],
    [
      'strings as raw bytes',
      { dataType: DataType.STRING, dims: [1], rawData: new Uint8Array(2) },
      'strings cannot lie in raw_data',
    ],
    [
      'a claim of 10 GB',
      { dataType: DataType.FLOAT, dims: [2_500_000_000], rawData: new Uint8Array(4) },
      '4 bytes do not hold 2500000000 elements',
    ],
    [
      'a claim of many varints',
      { dataType: DataType.INT64, dims: [4096, 4096], int64Data: [1, 2] },
      '2 bytes do not hold 16777216 elements of int64',
    ],
  ])('%s', (_, tensor, message) => {
    expect(() => readTensor(tensor)).toThrow(message);
  });

  test('elements partly packed', () => {
    const unpacked = integer(7, 1);
    const packed = delimited(7, varint(2));
    expect(() => byHand(integer(1, 2), integer(2, 7), unpacked, packed)).toThrow('its elements are partly packed');
  });
});

describe('tensors', () => {
  test('with type and shape but no data are not available', () => {
    const model = readTensor({ dataType: DataType.FLOAT, dims: [3, 4] });
    expect(model.graph.initializers.get('w')).toEqual({
      name: 'w',
      dtype: 'float32',
      shape: [3, 4],
      encoding: 'fixed32',
      ranges: [],
      fileBytes: 0,
      available: false,
    });
    expect(model.warnings).toEqual(['weights not available: tensors with type and shape but no data: 1']);
  });

  test('take raw_data where several fields are set, and the last of those', () => {
    const raw = (value: number) => delimited(9, [value, 0, 0, 0]);
    const model = byHand(integer(1, 1), integer(2, 6), delimited(5, varint(7)), raw(8), raw(9));
    expect(model.graph.initializers.get('w')?.value?.elements).toEqual([9]);
  });

  test('join packed occurrences', () => {
    const model = byHand(integer(1, 3), integer(2, 7), delimited(7, varint(-1)), delimited(7, varint(1), varint(300)));
    expect(model.graph.initializers.get('w')).toMatchObject({ fileBytes: 13, value: { elements: [-1, 1, 300] } });
  });

  test('give values up to 4096 integers or 256 floats', () => {
    const valueOf = (dataType: number, length: number, width: number) =>
      readTensor({ dataType, dims: [length], rawData: new Uint8Array(length * width) }).graph.initializers.get('w')
        ?.value;
    expect(valueOf(DataType.INT64, 4096, 8)?.elements).toHaveLength(4096);
    expect(valueOf(DataType.INT64, 4097, 8)).toBeUndefined();
    expect(valueOf(DataType.BOOL, 4096, 1)?.elements).toHaveLength(4096);
    expect(valueOf(DataType.FLOAT, 256, 4)?.elements).toHaveLength(256);
    expect(valueOf(DataType.FLOAT, 257, 4)).toBeUndefined();
  });
});
