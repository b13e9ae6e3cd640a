import { describe, expect, test } from 'vitest';
import { detectFormat, readModel } from '../../src/formats/index.ts';
import { UserError } from '../../src/errors.ts';
import { bufferSource } from '../../src/ir/byte-source.ts';
import { fixtureBytes, fixtureNames } from './models.ts';
import { delimited, integer, varint } from './wire.ts';

const bytes = (...parts: readonly (string | readonly number[])[]) =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? [...Buffer.from(part, 'latin1')] : part)));

const notYet = (name: string) => `m.bin: ${name} cannot be parsed yet; size budgets still apply`;

describe('files that are no ONNX', () => {
  test.each([
    ['empty', 'm.bin', bytes(), 'm.bin: the file is empty'],
    [
      'git-lfs-pointer',
      'm.bin',
      bytes('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n'),
      'm.bin: a Git LFS pointer whose object is not in the local store: fetch it with `git lfs pull`',
    ],
    [
      'tflite',
      'm.bin',
      bytes([28, 0, 0, 0], 'TFL3', [0, 0]),
      'm.bin: damaged or cut off at byte 28: 4 bytes are claimed where 0 are',
    ],
    ['ort', 'm.bin', bytes([28, 0, 0, 0], 'ORTM'), notYet('the ONNX Runtime format (.ort)')],
    ['executorch', 'm.bin', bytes([28, 0, 0, 0], 'ET12'), notYet('ExecuTorch (.pte)')],
    ['gguf', 'm.bin', bytes('GGUF', [3, 0, 0, 0]), notYet('GGUF')],
    ['hdf5', 'm.bin', bytes('\x89HDF\r\n\x1a\n'), notYet('HDF5 (Keras .h5)')],
    ['zip', 'm.bin', bytes('PK\x03\x04', [20, 0]), notYet('a zip archive')],
    ['pytorch', 'm.bin', bytes([0x80, 2, 0x8a]), notYet('a Python pickle')],
    ['safetensors', 'm.bin', bytes([64, 0, 0, 0, 0, 0, 0, 0], '{"__metadata__"'), notYet('safetensors')],
    [
      'text',
      'm.bin',
      bytes('<!DOCTYPE html>\n<html>'),
      'm.bin: text, not a model: was an error page or a placeholder saved here?',
    ],
    ['coreml', 'm.bin', bytes(integer(1, 5), delimited(700)), 'm.bin: this Core ML file holds no model that is known'],
    [undefined, 'm.bin', bytes([0xff, 0xd8, 0xff, 0xe0]), 'm.bin: not a model file of a known format'],
  ])('%s', (format, path, content, message) => {
    expect(detectFormat(content, path)).toBe(format);
    const read = () => readModel(new Map([['', bufferSource(content)]]), path);
    expect(read).toThrow(UserError);
    expect(read).toThrow(message);
  });

  test('the path tells what a zip holds', () => {
    const zip = bytes('PK\x03\x04', [20, 0]);
    expect(detectFormat(zip, 'models/net.pt')).toBe('pytorch');
    expect(detectFormat(zip, 'models/net.keras')).toBe('keras');
    expect(detectFormat(zip, 'models/net.onnx')).toBe('zip');
  });

  test('a file that is not there', () => {
    expect(() => readModel(new Map(), 'gone.onnx')).toThrow('gone.onnx: there is no such file');
  });
});

describe('ONNX', () => {
  test.each(fixtureNames)('%s is recognised by its first bytes, whatever its name', (name) => {
    expect(detectFormat(fixtureBytes(name).subarray(0, 4096), 'unnamed')).toBe('onnx');
    expect(detectFormat(fixtureBytes(name).subarray(0, 16), 'unnamed')).toBe('onnx');
  });

  test('may begin with any field of a model', () => {
    const graph = delimited(7, delimited(2, 'g'));
    expect(detectFormat(bytes(graph), '')).toBe('onnx');
    expect(detectFormat(bytes(delimited(8, integer(2, 13)), graph), '')).toBe('onnx');
    expect(detectFormat(bytes(varint(7 * 8 + 2), varint(5_000_000), [0x0a]), '')).toBe('onnx');
    // Field 9 is none of ModelProto's, and field 1 is no string.
    expect(detectFormat(bytes(integer(9, 1)), '')).toBeUndefined();
    expect(detectFormat(bytes(delimited(1, [1, 2])), '')).toBeUndefined();
  });

  test('cut off is recognised and refused', () => {
    const content = fixtureBytes('cnn-qdq.onnx').subarray(0, 3000);
    expect(() => readModel(new Map([['', bufferSource(content)]]), 'm.onnx')).toThrow('m.onnx: damaged or cut off');
  });
});

describe('the name does not decide', () => {
  const files = ['cnn-int8.tflite', 'control.tflite', 'network.mlmodel', 'pipeline.mlmodel'];
  test.each(files)('%s is recognised and read under any', (name) => {
    const content = fixtureBytes(name);
    for (const path of ['weights.bin', 'net.onnx', 'net']) {
      expect(detectFormat(content.subarray(0, 4096), path)).toBe(name.endsWith('.tflite') ? 'tflite' : 'coreml');
      const model = readModel(new Map([['', bufferSource(content)]]), path);
      expect(model.graph.nodes.length).toBeGreaterThan(1);
    }
  });

  test('a Core ML file whose model begins behind the head is told from ONNX by its description', () => {
    const description = delimited(2, [...delimited(1, [...delimited(1, 'x'), ...delimited(2, 'y'.repeat(5000))])]);
    expect(detectFormat(bytes(integer(1, 5), description).subarray(0, 4096), 'net')).toBe('coreml');
    expect(detectFormat(bytes(integer(1, 5), delimited(2, 'pytorch')), 'net.mlmodel.onnx')).toBe('onnx');
  });
});
