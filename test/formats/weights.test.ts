import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { elementChunks, readElements, weightDigests, weightFingerprints } from '../../src/formats/weights.ts';
import { bufferSource, type ModelSources } from '../../src/ir/byte-source.ts';
import type { Initializer } from '../../src/ir/graph.ts';
import {
  DataType,
  encodeGraph,
  fixture,
  fixtureSources,
  littleEndian,
  readBytes,
  type GraphMessage,
  type TensorMessage,
} from './models.ts';

interface Stored {
  readonly initializer: Initializer;
  readonly sources: ModelSources;
}

function storedGraph(graph: GraphMessage): Stored {
  const bytes = encodeGraph(graph);
  const [initializer] = readBytes(bytes).graph.initializers.values();
  return { initializer: initializer!, sources: new Map([['', bufferSource(bytes)]]) };
}

const stored = (tensor: TensorMessage) => storedGraph({ initializer: [{ name: 'w', ...tensor }] });
const elementsOf = ({ initializer, sources }: Stored) => [...(readElements(initializer, sources) ?? [])];
const fingerprintOf = ({ initializer, sources }: Stored) => weightFingerprints([initializer], sources).get('w')!;

const floats = [1, -2.5, 0, 3];
const raw = (dims: number[], values: number[]) =>
  stored({ dataType: DataType.FLOAT, dims, rawData: littleEndian(Float32Array.from(values)) });

describe('elements', () => {
  test.each<[string, TensorMessage, number[]]>([
    ['raw float32', { dataType: DataType.FLOAT, dims: [4], rawData: littleEndian(Float32Array.from(floats)) }, floats],
    ['float_data', { dataType: DataType.FLOAT, dims: [4], floatData: floats }, floats],
    ['double_data', { dataType: DataType.DOUBLE, dims: [2], doubleData: [0.1, -7] }, [0.1, -7]],
    ['int64_data', { dataType: DataType.INT64, dims: [2], int64Data: [-1, 2 ** 40] }, [-1, 2 ** 40]],
    ['uint64_data', { dataType: DataType.UINT64, dims: [1], uint64Data: [2 ** 40] }, [2 ** 40]],
    ['uint32 in uint64_data', { dataType: DataType.UINT32, dims: [1], uint64Data: [2 ** 32 - 1] }, [2 ** 32 - 1]],
    ['int32_data', { dataType: DataType.INT32, dims: [2], int32Data: [-5, 7] }, [-5, 7]],
    ['int8 in int32_data', { dataType: DataType.INT8, dims: [3], int32Data: [-128, 127, -1] }, [-128, 127, -1]],
    ['uint16 in int32_data', { dataType: DataType.UINT16, dims: [1], int32Data: [65535] }, [65535]],
    ['bool in int32_data', { dataType: DataType.BOOL, dims: [2], int32Data: [1, 0] }, [1, 0]],
    // Sign, exponent and mantissa: 0x3c00 is 1, 0xc100 is -2.5.
    ['float16 in int32_data', { dataType: DataType.FLOAT16, dims: [2], int32Data: [0x3c00, 0xc100] }, [1, -2.5]],
    ['bfloat16', { dataType: DataType.BFLOAT16, dims: [1], rawData: Uint8Array.of(0x20, 0xc0) }, [-2.5]],
    // The first element is in the low bits of 0x9f: 15 and 9, as int4 -1 and -7; the last nibble is padding.
    ['int4', { dataType: 22, dims: [3], rawData: Uint8Array.of(0x9f, 0x03) }, [-1, -7, 3]],
    ['uint4 in int32_data', { dataType: 21, dims: [3], int32Data: [0x9f, 0x03] }, [15, 9, 3]],
    // 0b00_11_10_01: 1, -2, -1, 0.
    ['int2', { dataType: 26, dims: [4], rawData: Uint8Array.of(0b00111001) }, [1, -2, -1, 0]],
    ['uint2', { dataType: 25, dims: [2], int32Data: [0b1011] }, [3, 2]],
    // Codes 0 to 7 of float4e2m1: 0, 0.5, 1, 1.5, 2, 3, 4, 6; 0xb is the negative of 3.
    ['float4e2m1', { dataType: 23, dims: [2], rawData: Uint8Array.of(0xb7) }, [6, -1.5]],
    // 0x38 is 1 (exponent 7), 0xc0 is -2, 0x7f is NaN; the largest is 0x7e.
    ['float8e4m3fn', { dataType: 17, dims: [3], rawData: Uint8Array.of(0x38, 0xc0, 0x7e) }, [1, -2, 448]],
    ['float8e5m2', { dataType: 19, dims: [2], rawData: Uint8Array.of(0x3c, 0x7c) }, [1, Infinity]],
    ['float8e4m3fnuz', { dataType: 18, dims: [2], rawData: Uint8Array.of(0x40, 0x80) }, [1, NaN]],
    ['float8e5m2fnuz', { dataType: 20, dims: [1], rawData: Uint8Array.of(0xc0) }, [-1]],
    ['float8e8m0', { dataType: 24, dims: [2], rawData: Uint8Array.of(127, 130) }, [1, 8]],
    // Four codes of 6 bits in 3 bytes: 0x08 (1), 0x3f (-7.5), 0x01 (0.125), 0x20 (-0).
    ['float6e2m3', { dataType: 27, dims: [4], rawData: Uint8Array.of(0xc8, 0x1f, 0x80) }, [1, -7.5, 0.125, -0]],
    ['float6e2m3 in int32_data', { dataType: 27, dims: [4], int32Data: [8, 63, 1, 32] }, [1, -7.5, 0.125, -0]],
    ['float6e3m2', { dataType: 28, dims: [1], rawData: Uint8Array.of(0x1f) }, [28]],
    ['an empty tensor', { dataType: DataType.FLOAT, dims: [0, 3] }, []],
  ])('of %s', (_, tensor, expected) => {
    const read = stored(tensor);
    expect(read.initializer.available).toBe(true);
    expect(elementsOf(read)).toEqual(expected);
  });

  test('behind tags of their own are read too', () => {
    // Encoded by hand below: dims 2, float32, float_data unpacked twice.
    const tensor = [0x08, 2, 0x10, 1, 0x25, 0, 0, 0x80, 0x3f, 0x25, 0, 0, 0, 0xc0, 0x42, 1, 0x77];
    const bytes = Uint8Array.from([8, 8, 0x3a, tensor.length + 2, 0x2a, tensor.length, ...tensor]);
    const initializer = readBytes(bytes).graph.initializers.get('w')!;
    expect(initializer).toMatchObject({ encoding: 'tagged-fixed32', fileBytes: 10, value: { elements: [1, -2] } });
  });

  test('of strings and complex numbers are no numbers', () => {
    const text = stored({ dataType: DataType.STRING, dims: [1], stringData: [new TextEncoder().encode('a')] });
    expect(readElements(text.initializer, text.sources)).toBeUndefined();
    const complex = stored({ dataType: DataType.COMPLEX64, dims: [1], floatData: [1, 2] });
    expect(readElements(complex.initializer, complex.sources)).toBeUndefined();
  });

  test('of a sparse tensor include its zeros', () => {
    const { sources, model } = {
      sources: fixtureSources('everything-ir11.onnx'),
      model: fixture('everything-ir11.onnx'),
    };
    const elements = readElements(model.graph.initializers.get('sparse.weight')!, sources)!;
    expect(elements).toHaveLength(1024);
    // A diagonal of ones without rows 3, 7, 11 ...
    const diagonal = Array.from({ length: 32 }, (_, row) => elements[row * 32 + row]);
    expect(diagonal).toEqual(Array.from({ length: 32 }, (_, row) => (row % 4 === 3 ? 0 : 1)));
    expect(elements.reduce((sum, each) => sum + each, 0)).toBe(24);
  });

  test('of a sparse tensor may be given by coordinates', () => {
    const values = { name: 'w', dataType: DataType.FLOAT, dims: [2], floatData: [5, 6] };
    const indices = { dataType: DataType.INT64, dims: [2, 2], int64Data: [0, 1, 1, 2] };
    expect(elementsOf(storedGraph({ sparseInitializer: [{ values, indices, dims: [2, 3] }] }))).toEqual([
      0, 5, 0, 0, 0, 6,
    ]);
  });

  test('outside of a sparse tensor are not read', () => {
    const values = { name: 'w', dataType: DataType.FLOAT, dims: [1], floatData: [5] };
    const indices = { dataType: DataType.INT64, dims: [1], int64Data: [-1] };
    expect(elementsOf(storedGraph({ sparseInitializer: [{ values, indices, dims: [2] }] }))).toEqual([]);
  });

  test('of a large tensor come in chunks that join without a seam', () => {
    const length = 70_001;
    const values = Array.from({ length }, (_, index) => index - 100);
    const read = stored({ dataType: DataType.INT64, dims: [length], int64Data: values });
    const chunks = [...elementChunks(read.initializer, read.sources)];
    expect(chunks.length).toBeGreaterThan(2);
    expect(chunks.flatMap((chunk) => [...chunk])).toEqual(values);
    expect(read.initializer.value).toBeUndefined();
  });

  test('fewer or more than the shape says are refused', () => {
    const few = { dataType: DataType.INT64, dims: [3], int64Data: [1000, 1000] };
    expect(() => stored(few)).toThrow('m.onnx: tensor "w" does not hold the elements that its shape [3] asks for');
    expect(() => stored({ ...few, dims: [1] })).toThrow('does not hold the elements');
    expect(() => stored({ ...few, dims: [500] })).toThrow(
      'm.onnx: tensor "w": 4 bytes do not hold 500 elements of int64',
    );
  });
});

describe('digests', () => {
  test('are equal for equal values, however they are stored', () => {
    const digest = fingerprintOf(raw([4], floats)).digest;
    expect(fingerprintOf(stored({ dataType: DataType.FLOAT, dims: [4], floatData: floats })).digest).toBe(digest);
    const packed = stored({ dataType: 22, dims: [4], rawData: Uint8Array.of(0x21, 0x43) });
    const numbers = stored({ dataType: 22, dims: [4], int32Data: [0x21, 0x43] });
    expect(fingerprintOf(numbers)).toEqual(fingerprintOf(packed));
  });

  test('differ with values, shape and type', () => {
    const others = [
      raw([4], [1, -2.5, 0, 4]),
      raw([2, 2], floats),
      stored({ dataType: DataType.INT32, dims: [4], rawData: littleEndian(Float32Array.from(floats)) }),
    ];
    const digests = [raw([4], floats), ...others].map((each) => fingerprintOf(each).digest);
    expect(new Set(digests).size).toBe(4);
  });

  test('are SHA-256 over type, shape and dense bytes', () => {
    // printf 'uint8[2]\x01\x02' | sha256sum
    const two = stored({ dataType: DataType.UINT8, dims: [2], rawData: Uint8Array.of(1, 2) });
    expect(fingerprintOf(two).digest).toBe('d2ccb3f64259b47205b03be15ccf2b8d08e78ed5a1fba5f9cc6d6f4554956670');
  });

  test('of a model cover initializers, Constant nodes and bodies, and tell fixtures apart', () => {
    const digestsOf = (name: string) => weightDigests(fixture(name), fixtureSources(name));
    const control = digestsOf('recurrent-control.onnx');
    expect([...control.keys()]).toEqual(expect.arrayContaining(['gru.bias', 'then.weight', '/Constant_output_0']));
    const [base, renamed] = [digestsOf('cnn-residual.onnx'), digestsOf('cnn-residual-renamed.onnx')];
    expect([...renamed.values()].sort()).toEqual([...base.values()].sort());
    const retrained = digestsOf('cnn-residual-retrained.onnx');
    const unchanged = [...base].filter(([name, digest]) => retrained.get(name) === digest).map(([name]) => name);
    expect(unchanged).toEqual(['relu6.min', 'relu6.max']);
  });

  test('are missing where the bytes are', () => {
    const digests = weightDigests(
      fixture('everything-ir11-absent.onnx'),
      fixtureSources('everything-ir11-absent.onnx'),
    );
    expect(digests.has('external.weight')).toBe(false);
    expect(digests.has('int4.weight')).toBe(true);
  });
});

describe('the order-free fingerprint', () => {
  test.each([
    ['float32', DataType.FLOAT, 4],
    ['float16', DataType.FLOAT16, 2],
    ['int8', DataType.INT8, 1],
  ])('survives a transpose of %s', (_, dataType, width) => {
    const shuffled = fc.uint8Array({ minLength: 6 * width, maxLength: 6 * width }).map((bytes) => {
      const elements = Array.from({ length: 6 }, (_, index) => [...bytes.subarray(index * width, (index + 1) * width)]);
      const [a, b, c, d, e, f] = elements;
      return [bytes, Uint8Array.from([a!, d!, b!, e!, c!, f!].flat())] as const;
    });
    fc.assert(
      fc.property(shuffled, ([bytes, transposed]) => {
        const [one, two] = [
          stored({ dataType, dims: [2, 3], rawData: bytes }),
          stored({ dataType, dims: [3, 2], rawData: transposed }),
        ];
        expect(fingerprintOf(two).orderFree).toBe(fingerprintOf(one).orderFree);
        expect(fingerprintOf(two).digest).not.toBe(fingerprintOf(one).digest);
      }),
    );
  });

  test('survives a transpose of 4-bit elements', () => {
    const one = stored({ dataType: 22, dims: [2, 2], rawData: Uint8Array.of(0x21, 0x43) });
    const two = stored({ dataType: 22, dims: [2, 2], rawData: Uint8Array.of(0x31, 0x42) });
    expect(fingerprintOf(two).orderFree).toBe(fingerprintOf(one).orderFree);
  });

  test('tells other elements apart', () => {
    const seen = [
      [1, 2, 3, 4],
      [1, 2, 3, 5],
      [2, 2, 2, 4],
      [1, 2, 3, -4],
      [0, 0, 0, 0],
      [10, 0, 0, 0],
    ];
    expect(new Set(seen.map((values) => fingerprintOf(raw([4], values)).orderFree)).size).toBe(seen.length);
  });
});
