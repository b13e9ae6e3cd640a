import { expect, test } from 'vitest';
import { changedModels } from '../../src/review/changed-models.ts';
import { packageOf, withPackages } from '../../src/review/packages.ts';

const isModel = (path: string): boolean => /\.(onnx|mlpackage)$/.test(path);
const weights = 'Data/com.apple.CoreML/weights/weight.bin';

test('the outermost package counts, and a file called like one is none', () => {
  expect(packageOf('a/x.mlpackage/Data/y.mlpackage/z')).toBe('a/x.mlpackage');
  expect(packageOf('a/x.mlpackage')).toBeUndefined();
  expect(packageOf('a/x.mlpackages/z')).toBeUndefined();
});

test('a changed file in a package is a changed package', () => {
  const changes = [
    { status: 'modified', path: `nets/x.mlpackage/${weights}` },
    { status: 'modified', path: 'nets/x.mlpackage/Data/com.apple.CoreML/model.mlmodel' },
  ] as const;
  expect(changedModels(changes, [], isModel, () => [])).toEqual([{ status: 'modified', path: 'nets/x.mlpackage' }]);
});

test('the manifest says whether a package came, went or moved', () => {
  const file = (name: string, path: string) => `${name}.mlpackage/${path}`;
  expect(
    withPackages([
      { status: 'added', path: file('new', weights) },
      { status: 'added', path: file('new', 'Manifest.json') },
      { status: 'removed', path: file('old', 'Manifest.json') },
      { status: 'removed', path: file('old', weights) },
      { status: 'renamed', path: file('to', weights), previousPath: file('from', weights) },
      { status: 'renamed', path: file('to', 'Manifest.json'), previousPath: file('from', 'Manifest.json') },
    ]),
  ).toEqual([
    { status: 'added', path: 'new.mlpackage' },
    { status: 'removed', path: 'old.mlpackage' },
    { status: 'renamed', path: 'to.mlpackage', previousPath: 'from.mlpackage' },
  ]);
});

test('a file that moves out of a package changes both places', () => {
  const changes = [{ status: 'renamed', path: 'b.onnx', previousPath: `a.mlpackage/${weights}` }] as const;
  expect(changedModels(changes, [], isModel, () => [])).toEqual([
    { status: 'modified', path: 'a.mlpackage' },
    { status: 'added', path: 'b.onnx' },
  ]);
});
