import { expect, test } from 'vitest';
import { changedModels } from '../../src/review/changed-models.ts';

const isOnnx = (path: string) => path.endsWith('.onnx');
const none = () => [];

test('takes model files, sorted, and leaves the rest', () => {
  const changes = [
    { status: 'modified', path: 'z/b.onnx' },
    { status: 'added', path: 'a.onnx' },
    { status: 'modified', path: 'train.py' },
  ] as const;
  expect(changedModels(changes, [], isOnnx, none).map(({ path }) => path)).toEqual(['a.onnx', 'z/b.onnx']);
});

test('a model that is renamed away stays under review', () => {
  const change = { status: 'renamed', path: 'hidden.bin', previousPath: 'models/a.onnx' } as const;
  expect(changedModels([change], [], isOnnx, none)).toEqual([change]);
});

test('a model whose external data changed is modified', () => {
  const changes = [{ status: 'modified', path: 'models/weights/part.0' }] as const;
  const files = (path: string) => (path === 'models/a.onnx' ? ['models/weights/part.0'] : []);
  expect(changedModels(changes, ['models/a.onnx', 'models/b.onnx', 'other/c.onnx'], isOnnx, files)).toEqual([
    { status: 'modified', path: 'models/a.onnx' },
  ]);
});

test('source code opens no model, nor does data outside of its folder', () => {
  const asked: string[] = [];
  const files = (path: string) => {
    asked.push(path);
    return [];
  };
  const changes = [
    { status: 'modified', path: 'models/train.py' },
    { status: 'modified', path: 'elsewhere/a.data' },
  ] as const;
  changedModels(changes, ['models/a.onnx'], isOnnx, files);
  expect(asked).toEqual([]);
});

test('a model that changed with its data is listed once', () => {
  const changes = [
    { status: 'modified', path: 'm/a.onnx' },
    { status: 'modified', path: 'm/a.onnx.data' },
  ] as const;
  expect(changedModels(changes, ['m/a.onnx'], isOnnx, () => ['m/a.onnx.data'])).toHaveLength(1);
});

test('a model whose external data moved away is modified', () => {
  const changes = [{ status: 'renamed', path: 'old/w.bin', previousPath: 'm/w.bin' }] as const;
  expect(changedModels(changes, ['m/a.onnx', 'old/b.onnx'], isOnnx, () => ['m/w.bin'])).toEqual([
    { status: 'modified', path: 'm/a.onnx' },
    { status: 'modified', path: 'old/b.onnx' },
  ]);
  expect(changedModels(changes, ['m/a.onnx'], isOnnx, () => ['m/other.bin'])).toEqual([]);
});

test('a model that is renamed away opens no other', () => {
  const change = { status: 'renamed', path: 'hidden.bin', previousPath: 'm/a.onnx' } as const;
  const asked: string[] = [];
  changedModels([change], ['m/b.onnx', 'c.onnx'], isOnnx, (path) => {
    asked.push(path);
    return [];
  });
  expect(asked).toEqual([]);
});
