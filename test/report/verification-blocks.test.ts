import { expect, test } from 'vitest';
import type { Verification } from '../../src/measure/verification.ts';
import { printMarkdown } from '../../src/report/print-markdown.ts';
import { printText } from '../../src/report/print-text.ts';
import { verificationBlocks } from '../../src/report/verification-blocks.ts';

const verified: Verification = {
  ...{ runtime: 'onnxruntime 1.30.0', runs: 4, inputs: 'random (seed 0)', activations: 'not quantized' },
  integerInputs: [{ name: 'ids', largest: 199 }],
  weights: 1,
  left: [
    { weight: 'a', reason: 'the file holds no plain floats' },
    { weight: 'b', reason: 'the file holds no plain floats' },
  ],
  outputs: [
    { name: 'logits', sqnrDecibels: 38.26, cosine: 0.99993 },
    { name: 'same', sqnrDecibels: null, cosine: 1 },
    { name: 'odd', sqnrDecibels: null, cosine: null, reason: '2 elements are not finite in the edited model' },
  ],
};

test('outputs, what was not rounded, what stayed', () => {
  const text = printText(verificationBlocks(verified));
  const lines = text.split('\n').map((line) => line.trim().replace(/ {2,}/g, ' | '));
  expect(lines.filter((line) => line !== '')).toEqual([
    'Outputs with 1 edited weight, 4 runs on random (seed 0) in onnxruntime 1.30.0',
    'output | SQNR | cosine',
    'logits | 38.3 dB | 0.999930',
    'same | equal | 1.000000',
    'odd | ? | – | 2 elements are not finite in the edited model',
    '- activations were not quantized: what the edit rounds of them comes on top',
    '- ids: random whole numbers from 0 to 199',
    '- run as the file has it: a, b: the file holds no plain floats',
  ]);
});

test('nothing asked, nothing run', () => {
  expect(verificationBlocks(undefined)).toEqual([]);
  expect(printText(verificationBlocks({ reason: 'the edits change no weights' })).trim()).toBe(
    'Not verified: the edits change no weights.',
  );
});

test('names of the model and words of the runtime stay text', () => {
  const outputs = [{ name: '<img src=x> @somebody', sqnrDecibels: 1, cosine: 1 }];
  const markdown =
    printMarkdown(verificationBlocks({ ...verified, outputs })) +
    printMarkdown(verificationBlocks({ reason: 'ONNX Runtime does not run it: <img src=x> @somebody' }));
  expect(markdown.replaceAll(/`[^`]*`/g, '')).not.toMatch(/<img|@somebody/);
});
