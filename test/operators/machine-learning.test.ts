import { describe, expect, test } from 'vitest';
import { inferred, macs, vectorTotals } from './one-node.ts';
import type { OneNode } from './one-node.ts';

const ml = (op: string, input: string, more: Partial<OneNode> = {}): OneNode => ({
  op,
  domain: 'ai.onnx.ml',
  version: 3,
  inputs: [input],
  ...more,
});

describe('classical machine learning', () => {
  test.each<[string, OneNode, readonly string[]]>([
    [
      'classes by number',
      ml('TreeEnsembleClassifier', 'float32[b,4]', { attributes: { classlabels_int64s: [0, 1, 2] }, outputs: 2 }),
      ['int64[b]', 'float32[b,3]'],
    ],
    [
      'classes by name',
      ml('LinearClassifier', 'float32[b,4]', { attributes: { classlabels_strings: ['no', 'yes'] }, outputs: 2 }),
      ['string[b]', 'float32[b,2]'],
    ],
    ['targets', ml('TreeEnsembleRegressor', 'float64[b,4]', { attributes: { n_targets: 2 } }), ['float32[b,2]']],
    ['scaled integers', ml('Scaler', 'int64[b,4]'), ['float32[b,4]']],
    ['labels', ml('LabelEncoder', 'string[b]', { attributes: { values_int64s: [1, 2] } }), ['int64[b]']],
    ['categories', ml('OneHotEncoder', 'int64[b,1]', { attributes: { cats_int64s: [1, 2, 3] } }), ['float32[b,1,3]']],
    [
      'columns side by side',
      ml('FeatureVectorizer', '', { inputs: ['float32[b,2]', 'float32[b,3]'] }),
      ['float32[b,5]'],
    ],
    ['picked columns', ml('ArrayFeatureExtractor', '', { inputs: ['float32[b,9]', 'int64[2]'] }), ['float32[b,2]']],
    ['a map for each sample', ml('ZipMap', 'float32[b,3]'), ['float32']],
  ])('%s', (_, given, expected) => {
    expect(inferred(given)).toEqual(expected);
  });

  test('linear models multiply features by coefficients', () => {
    const coefficients = Array.from({ length: 12 }, () => 1);
    const given = ml('LinearClassifier', 'float32[5,4]', {
      attributes: { classlabels_ints: [0, 1, 2] },
      floats: { coefficients },
    });
    expect(macs(given)).toBe(5 * 4 * 3);
  });

  test('trees compare once a level', () => {
    // 2 trees of 7 nodes: 3 levels each
    const ids = (each: number) => Array.from({ length: 14 }, (_, index) => Math.floor(index / each));
    const given = ml('TreeEnsembleRegressor', 'float32[10,4]', {
      attributes: { nodes_featureids: ids(14), nodes_treeids: ids(7) },
    });
    expect(vectorTotals(given)).toEqual({ add: 60, move: 60 });
  });
});

describe('losses, dropout and determinants', () => {
  test('reduce, or keep one loss a label', () => {
    const loss = (reduction: string): OneNode => ({
      op: 'SoftmaxCrossEntropyLoss',
      inputs: ['float32[b,10,d]', 'int64[b,d]'],
      attributes: { reduction },
      outputs: 2,
    });
    expect(inferred(loss('mean'))).toEqual(['float32[]', 'float32[b,10,d]']);
    expect(inferred(loss('none'))).toEqual(['float32[b,d]', 'float32[b,10,d]']);
  });

  test('dropout passes its input on, with a mask whose type changed at opset 10', () => {
    const dropout = (version: number) => inferred({ op: 'Dropout', version, inputs: ['float32[b,8]'], outputs: 2 });
    expect(dropout(7)).toEqual(['float32[b,8]', 'float32[b,8]']);
    expect(dropout(13)).toEqual(['float32[b,8]', 'bool[b,8]']);
    expect(vectorTotals({ op: 'Dropout', inputs: ['float32[4,8]'] })).toEqual({});
  });

  test('determinants are of the last two axes', () => {
    expect(inferred({ op: 'Det', inputs: ['float32[b,3,3]'] })).toEqual(['float32[b]']);
    // 3³/3 = 9 for each of 2 matrices
    expect(vectorTotals({ op: 'Det', inputs: ['float32[2,3,3]'] })).toEqual({ multiply: 18, add: 18 });
  });
});
