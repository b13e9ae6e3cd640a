import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { layerGlob, pathGlob } from '../src/glob.ts';

describe('path globs', () => {
  test.each<[string, string, boolean]>([
    ['models/**/*.onnx', 'models/a.onnx', true],
    ['models/**/*.onnx', 'models/kws/v2/a.onnx', true],
    ['models/**/*.onnx', 'other/models/a.onnx', false],
    ['models/**/*.onnx', 'models/a.tflite', false],
    ['models/*.onnx', 'models/kws/a.onnx', false],
    ['models/kws/**', 'models/kws/v2/a.onnx', true],
    ['models/kws/**', 'models/kws2/a.onnx', false],
    ['**', '/home/me/a.onnx', true],
    ['**/*.onnx', 'a.onnx', true],
    ['*.onnx', '.hidden.onnx', true],
    ['a?.onnx', 'ab.onnx', true],
    ['a?.onnx', 'a/.onnx', false],
    ['net-[a-c].onnx', 'net-b.onnx', true],
    ['net-[!a-c].onnx', 'net-b.onnx', false],
    ['net-[.onnx', 'net-[.onnx', true],
    ['{a,b/c}/*.{onnx,ort}', 'b/c/x.ort', true],
    ['{a,b/c}/*.{onnx,ort}', 'b/x.ort', false],
    ['./models/a.onnx', 'models/a.onnx', true],
    ['keyword-spotter', 'keyword-spotter', true],
    ['a+(b).onnx', 'a+(b).onnx', true],
    ['', '', true],
  ])('%j on %j: %j', (pattern, path, expected) => {
    expect(pathGlob(pattern)(path)).toBe(expected);
  });

  test('patterns that are too long or stand for too much are refused', () => {
    expect(() => pathGlob('a'.repeat(257))).toThrow('a glob is longer than 256 characters');
    expect(() => pathGlob('{a,b}'.repeat(7))).toThrow('a glob stands for more than 64 alternatives');
  });

  test('no pattern takes more than pattern times text', () => {
    const started = performance.now();
    expect(pathGlob(`${'*a'.repeat(100)}b`)('a'.repeat(4000))).toBe(false);
    expect(pathGlob(`${'**/'.repeat(80)}b`)('a/'.repeat(2000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(3000);
  });
});

describe('layer globs', () => {
  test.each<[string, string, boolean]>([
    ['backbone/*', 'backbone/stage1/conv', true],
    ['backbone/*', '/backbone/stage1/conv', true],
    ['/backbone/*', 'backbone/conv', true],
    ['backbone/*', 'neck/backbone/conv', false],
    ['*/Conv', '/layer1/layer1.0/conv1/Conv', true],
    ['Conv_1', 'Conv_12', false],
    ['conv[0]', 'conv[0]', true],
    ['conv[0]', 'conv0', false],
    ['conv?', 'conv1', false],
    ['*', '', true],
  ])('%j on %j: %j', (pattern, name, expected) => {
    expect(layerGlob(pattern)(name)).toBe(expected);
  });

  test('agrees with a regular expression', () => {
    const piece = fc.constantFrom('a', 'b', '/', '*', '.');
    fc.assert(
      fc.property(
        fc.string({ unit: piece, maxLength: 8 }),
        fc.string({ unit: piece, maxLength: 12 }),
        (pattern, name) => {
          const escaped = pattern.replace(/^\//, '').replace(/[.]/g, '\\.').replace(/\*/g, '.*');
          expect(layerGlob(pattern)(name)).toBe(new RegExp(`^${escaped}$`).test(name.replace(/^\//, '')));
        },
      ),
    );
  });
});
