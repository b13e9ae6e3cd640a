import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import {
  appendFloats,
  appendIntegers,
  fields,
  limits,
  nameOf,
  openWire,
  readVarint,
  rootMessage,
  textOf,
  type Field,
} from '../../src/formats/protobuf.ts';
import { bufferSource, type ByteSource } from '../../src/ir/byte-source.ts';
import { delimited, float, integer, source, varint, type Bytes } from './wire.ts';

const all = (...content: readonly Bytes[]): Field[] => [...fields(rootMessage(openWire(source(...content), 'm.onnx')))];
const first = (...content: readonly Bytes[]): Field => all(...content)[0]!;

/** A file of any length that repeats a few bytes, held nowhere. */
function repeating(pattern: Bytes, byteLength: number): ByteSource {
  return {
    byteLength,
    read: (offset, length) => Uint8Array.from({ length }, (_, index) => pattern[(offset + index) % pattern.length]!),
  };
}

describe('numbers', () => {
  test.each([
    [0n, 0],
    [127n, 127],
    [128n, 128],
    [2n ** 32n, 4294967296],
    [2n ** 53n - 1n, 9007199254740991],
    [-1n, -1],
    [-(2n ** 63n), -9223372036854775808],
    // The nearest double: INT64_MAX has no exact one.
    [2n ** 63n - 1n, 9223372036854775807],
  ])('reads the varint of %s', (value, expected) => {
    expect(first(integer(1, value)).value).toBe(expected);
  });

  test('leaves the exact bits of 64-bit numbers', () => {
    const wire = openWire(source(varint(2n ** 63n - 1n)), 'm.onnx');
    readVarint(wire, 0, 10);
    expect([wire.low, wire.high, wire.position]).toEqual([-1, 0x7fffffff, 9]);
    expect(wire.source.byteLength).toBe(9);
  });

  test('appends packed and unpacked lists alike', () => {
    const list: number[] = [];
    for (const field of all(integer(8, -1), delimited(8, varint(300), varint(-2)))) appendIntegers(field, list);
    expect(list).toEqual([-1, 300, -2]);
    const floats: number[] = [];
    const packed = delimited(7, new Uint8Array(Float32Array.of(0.5, -2).buffer));
    for (const field of all(float(7, 1.25), packed)) appendFloats(field, floats);
    expect(floats).toEqual([1.25, 0.5, -2]);
  });
});

describe('fields', () => {
  test('are walked in file order, unknown ones too, as ranges', () => {
    const seen = all(integer(1, 7), delimited(1000, 'abc'), float(3, 1), [4 * 8 + 1, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(seen.map(({ number, type, start, end }) => [number, type, end - start])).toEqual([
      [1, 0, 1],
      [1000, 2, 3],
      [3, 5, 4],
      [4, 1, 8],
    ]);
  });

  test('reads names across the edge of the window', () => {
    // Two names of 3,000 bytes: the second begins before byte 4096 and ends behind it.
    const [one, two] = all(delimited(1, 'a'.repeat(3000)), delimited(1, 'é'.repeat(1500)));
    expect(nameOf(one!)).toBe('a'.repeat(3000));
    expect(nameOf(two!)).toBe('é'.repeat(1500));
  });

  test('replaces wrong UTF-8 and keeps a byte order mark, so that names stay different', () => {
    expect(nameOf(first(delimited(1, [0x61, 0xff, 0x62])))).toBe('a\ufffdb');
    expect(nameOf(first(delimited(1, [0xef, 0xbb, 0xbf, 0x61])))).toBe('\ufeffa');
  });

  test('cuts a long text but refuses a long name', () => {
    const length = limits.textBytes + 5;
    const header = [...varint(8 + 2), ...varint(length)];
    const bytes = new Uint8Array(header.length + length).fill(0x78);
    bytes.set(header);
    const [long] = fields(rootMessage(openWire(bufferSource(bytes), 'm.onnx')));
    expect(textOf(long!)).toHaveLength(limits.textBytes);
    expect(() => nameOf(long!)).toThrow('a name of 1048581 bytes; 65536 are allowed');
  });
});

describe('damaged files', () => {
  test.each([
    ['a number that is cut off', [0x08, 0x80], 'm.onnx: damaged or cut off at byte 1: a number is cut off'],
    ['a number of 11 bytes', [0x08, ...Array<number>(10).fill(0xff), 1], 'a number is longer than 10 bytes'],
    ['a length beyond the end', [0x12, 5, 1], 'a field claims 5 bytes where 1 are left'],
    ['a length of 10 GB', [0x12, ...varint(10_000_000_000)], 'a field claims 10000000000 bytes where 0 are left'],
    ['a negative length', [0x12, ...varint(-1)], 'a field claims -1 bytes where 0 are left'],
    ['a fixed number that is cut off', [0x0d, 1, 2], 'a field claims 4 bytes where 2 are left'],
    ['a group', [0x0b, 0x0c], 'wire type 3, which this format does not use'],
    ['the end of a group', [0x0c], 'wire type 4, which this format does not use'],
    ['wire type 7', [0x0f], 'wire type 7, which this format does not use'],
    ['field number 0', [0x00, 0x00], 'a field number out of range'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => all(bytes)).toThrow(UserError);
    expect(() => all(bytes)).toThrow(message);
  });

  test('refuses messages nested deeper than the limit', () => {
    let nested: Bytes = [];
    for (let depth = 0; depth < limits.depth + 2; depth += 1) nested = delimited(1, nested);
    const descend = (message: ReturnType<typeof rootMessage>): void => {
      for (const field of fields(message)) descend(field);
    };
    expect(() => descend(rootMessage(openWire(source(nested), 'm.onnx')))).toThrow('nested deeper than 64');
  });
});

describe('files that claim too much', () => {
  test('a list of a billion numbers ends at the budget', () => {
    // One packed field of 1e9 bytes, each a varint 1.
    const header = delimited(8).slice(0, 1);
    const byteLength = 1_000_000_000;
    const start = [...header, ...varint(byteLength)];
    const ones = repeating([1], byteLength + start.length);
    const read: ByteSource['read'] = (offset, length) => {
      const bytes = ones.read(offset, length);
      for (let at = offset; at < Math.min(start.length, offset + length); at += 1) bytes[at - offset] = start[at]!;
      return bytes;
    };
    const wire = openWire({ byteLength: ones.byteLength, read }, 'm.onnx');
    wire.numbersLeft = 1000;
    const [field] = fields(rootMessage(wire));
    const list: number[] = [];
    expect(() => appendIntegers(field!, list)).toThrow('more than 16777216 numbers in attributes and shapes');
    expect(list).toHaveLength(1000);
  });

  test('a billion fields end at the budget', () => {
    const wire = openWire(repeating(integer(8, 1), 2_000_000_000), 'm.onnx');
    wire.fieldsLeft = 1000;
    let count = 0;
    expect(() => {
      for (const _ of fields(rootMessage(wire))) count += 1;
    }).toThrow(`more than ${limits.fields} protobuf fields`);
    expect(count).toBe(1000);
  });
});
