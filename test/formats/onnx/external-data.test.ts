import { describe, expect, test } from 'vitest';
import { externalPaths } from '../../../src/formats/index.ts';
import { DataLocation, DataType, encodeGraph, littleEndian, readBytes, readTensor } from '../models.ts';

/** Two floats in an external file. */
const tensor = (entries: Readonly<Record<string, string>>) => ({
  dataType: DataType.FLOAT,
  dims: [2],
  dataLocation: DataLocation.EXTERNAL,
  externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
});

const data = littleEndian(Float32Array.of(9, 1, 2));
const weight = (entries: Readonly<Record<string, string>>, external = { 'w.bin': data }) =>
  readTensor(tensor(entries), external).graph.initializers.get('w')!;

describe('external data', () => {
  test('is read from its range', () => {
    const initializer = weight({ location: 'w.bin', offset: '4', length: '8' });
    expect(initializer).toMatchObject({
      available: true,
      fileBytes: 8,
      ranges: [{ file: 'w.bin', offset: 4, byteLength: 8 }],
      value: { elements: [1, 2] },
    });
  });

  test('without offset and length is what type and shape ask for, from the start', () => {
    expect(weight({ location: 'w.bin' }).value?.elements).toEqual([9, 1]);
  });

  test.each(['./w.bin', 'sub/../w.bin', 'sub//.././w.bin'])('is found under %s', (location) => {
    expect(weight({ location }).ranges[0]?.file).toBe('w.bin');
  });

  test('in a folder below is known by its path', () => {
    const model = readTensor(tensor({ location: './parts/w 1.bin' }));
    expect(externalPaths(model)).toEqual(['parts/w 1.bin']);
  });

  test.each([
    '/etc/passwd',
    '../w.bin',
    'a/../../w.bin',
    'a/b/../../../w.bin',
    'file:///etc/passwd',
    'https://example.org/w.bin',
    'C:/w.bin',
    'c:w.bin',
    '..\\w.bin',
    'a\\b',
    'w.bin\0.txt',
    '',
    '.',
    'a/..',
  ])('outside of the folder is refused: %j', (location) => {
    expect(() => weight({ location })).toThrow(
      `m.onnx: tensor "w": external data path leaves the model's folder: ${JSON.stringify(location)}`,
    );
  });

  test.each([
    [{ offset: '8', length: '8' }, 'external data ends at byte 16 of "w.bin", which has 12'],
    [{ offset: '900719925474099', length: '8' }, 'external data ends at byte 900719925474107'],
    [{ length: '12' }, 'external data has 12 bytes where type and shape ask for 8'],
    [{ offset: '-4' }, 'offset and length of external data must be whole numbers of bytes'],
    [{ offset: '4.5' }, 'must be whole numbers of bytes'],
    [{ length: '0x8' }, 'must be whole numbers of bytes'],
    [{ length: '99999999999999999999' }, 'must be whole numbers of bytes'],
  ])('with a range of %j is refused', (range, message) => {
    expect(() => weight({ location: 'w.bin', ...range })).toThrow(message);
  });

  test('that is not there counts with the bytes its tensors claim, and gives one warning', () => {
    const initializer = ['b.bin', 'a.bin', 'b.bin'].map((location, index) => ({
      name: `w${index}`,
      ...tensor({ location, offset: String(index * 100) }),
    }));
    const model = readBytes(encodeGraph({ initializer }));
    expect([...model.graph.initializers.values()].map(({ available, fileBytes }) => [available, fileBytes])).toEqual([
      [false, 8],
      [false, 8],
      [false, 8],
    ]);
    expect(model.files.slice(1)).toEqual([
      { path: 'a.bin', byteLength: 108, available: false },
      { path: 'b.bin', byteLength: 208, available: false },
    ]);
    expect(model.warnings).toEqual(['weights not available: external data "a.bin" and 1 more is not there']);
  });

  test('of which only the Git LFS pointer is there is not there', () => {
    const pointer = new TextEncoder().encode('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n');
    const model = readTensor(tensor({ location: 'w.bin' }), { 'w.bin': pointer });
    expect(model.graph.initializers.get('w')).toMatchObject({ available: false, fileBytes: 8 });
    expect(model.files[1]).toEqual({ path: 'w.bin', byteLength: 12, available: false });
    expect(model.warnings).toEqual([
      'weights not available: external data "w.bin" is not there (only its Git LFS pointer is)',
    ]);
  });

  test('in too many files is refused', () => {
    const initializer = Array.from({ length: 16_385 }, (_, index) => ({
      name: `w${index}`,
      ...tensor({ location: `w${index}.bin` }),
    }));
    expect(() => readBytes(encodeGraph({ initializer }))).toThrow('m.onnx: more than 16384 external data files');
  });
});
