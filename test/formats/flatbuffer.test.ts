import { describe, expect, test } from 'vitest';
import {
  bool,
  bytes,
  encode,
  float32,
  int32,
  int8,
  numbers,
  scalar,
  table,
  tables,
  text,
} from '../../fixtures/flatbuffer.mjs';
import { UserError } from '../../src/errors.ts';
import {
  nameField,
  numberField,
  numbersField,
  openFlat,
  rootTable,
  tableField,
  tablesField,
  vectorField,
  type Table,
} from '../../src/formats/flatbuffer.ts';
import { bufferSource, type ByteSource } from '../../src/ir/byte-source.ts';

const open = (content: Uint8Array): Table => rootTable(openFlat(bufferSource(content), 'm.tflite'));
const encoded = (fields: Parameters<typeof table>[0]): Uint8Array => encode(table(fields), 'TEST');

const everything = encoded({
  0: int8(-3),
  1: int32(-70_000),
  2: float32(0.5),
  3: scalar('int64', -(2 ** 40)),
  4: bool(true),
  5: text('naïve'),
  6: numbers('int32', [1, -2, 3]),
  7: tables([table({ 0: int32(7) }), table({}), table({ 0: int32(9) })]),
  8: table({ 2: int32(5) }),
  10: bytes([1, 2, 3]),
});

describe('a file that is whole', () => {
  const root = open(everything);

  test('numbers of all kinds, and defaults of those that are not there', () => {
    expect(numberField(root, 0, 'int8')).toBe(-3);
    expect(numberField(root, 1, 'int32')).toBe(-70_000);
    expect(numberField(root, 2, 'float32')).toBe(0.5);
    expect(numberField(root, 3, 'int64')).toBe(-(2 ** 40));
    expect(numberField(root, 4, 'bool')).toBe(1);
    expect(numberField(root, 9, 'int32', 42)).toBe(42);
    expect(numberField(root, 500, 'int32', 42)).toBe(42);
  });

  test('texts, lists and tables', () => {
    expect(nameField(root, 5)).toBe('naïve');
    expect(numbersField(root, 6, 'int32')).toEqual([1, -2, 3]);
    expect([...tablesField(root, 7)].map((one) => numberField(one, 0, 'int32', -1))).toEqual([7, -1, 9]);
    expect(numberField(tableField(root, 8)!, 2, 'int32')).toBe(5);
    expect([nameField(root, 9), numbersField(root, 9, 'int32'), tableField(root, 9)]).toEqual(['', [], undefined]);
  });

  test('bytes as the range that they lie in', () => {
    const { start, length } = vectorField(root, 10, 1)!;
    expect([...everything.slice(start, start + length)]).toEqual([1, 2, 3]);
  });
});

test('bytes that nobody asks for are not read', () => {
  const content = encoded({ 0: bytes(new Array(100_000).fill(7)), 1: int32(5) });
  let read = 0;
  const source: ByteSource = {
    byteLength: content.length,
    read: (offset, length) => {
      read += length;
      return content.subarray(offset, offset + length);
    },
  };
  const root = rootTable(openFlat(source, 'm.tflite'));
  expect([numberField(root, 1, 'int32'), vectorField(root, 0, 1)?.length]).toEqual([5, 100_000]);
  expect(read).toBeLessThan(10_000);
});

describe('lies', () => {
  /** The file with a number written over the four bytes at `at`. */
  function lie(at: number, value: number): Uint8Array {
    const content = encoded({ 0: numbers('int32', [1, 2, 3]), 1: table({}) });
    new DataView(content.buffer).setInt32(at, value, true);
    return content;
  }

  const contentOf = (content: Uint8Array) => {
    const root = open(content);
    return [numbersField(root, 0, 'int32'), tableField(root, 1)];
  };

  const place = vectorField(open(encoded({ 0: numbers('int32', [1, 2, 3]), 1: table({}) })), 0, 4)!.start;

  test.each([
    ['the root lies behind the end', 0, 1_000_000],
    ['a list is longer than the file', place - 4, 0x7fffffff],
    ['a description lies before the file', open(lie(0, 16)).position, 0x7fffffff],
  ])('%s', (_, at, value) => {
    expect(() => contentOf(lie(at, value))).toThrow(UserError);
    expect(() => contentOf(lie(at, value))).toThrow(/^m\.tflite: damaged or cut off at byte -?\d+: /);
  });

  test('cut off anywhere, it is refused or read in part, and never breaks', () => {
    for (let length = 0; length < everything.length; length += 1) {
      const cut = everything.slice(0, length);
      try {
        const root = open(cut);
        [...tablesField(root, 7)].map((one) => numberField(one, 0, 'int32'));
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
      }
    }
  });
});
