// `optimize --verify` as a user calls it. ONNX Runtime is no dependency: MODEL_BUDGET_ONNXRUNTIME names a folder that it
// is installed in; without it the runs are skipped, and what is said then is tested instead.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { loadRuntime } from '../../src/measure/onnxruntime.ts';
import type { Verified } from '../../src/measure/verification.ts';
import type { OptimizeDocument } from '../../src/report/optimize-document.ts';

const folder = mkdtempSync(join(tmpdir(), 'model-budget-verify-test-'));
const models = join(import.meta.dirname, '..', '..', 'fixtures', 'models');
const installed = isInstalled();

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function isInstalled(): boolean {
  try {
    loadRuntime();
    return true;
  } catch {
    return false;
  }
}

async function optimize(model: string, edits: string, ...flags: readonly string[]) {
  const output = join(folder, 'output');
  rmSync(output, { force: true });
  const given = [join(models, model), '--apply', edits, '--target', 'rpi4-xnnpack', ...flags];
  const exitCode = await run(['optimize', ...given, '--format', 'json', '--output', output, '--quiet']);
  const { verification } = JSON.parse(readFileSync(output, 'utf8')) as OptimizeDocument;
  return { exitCode, verification };
}

async function verified(model: string, edits: string, ...flags: readonly string[]): Promise<Verified> {
  const { verification } = await optimize(model, edits, '--verify', ...flags);
  if (verification === undefined || 'reason' in verification) throw new Error(verification?.reason ?? 'nothing');
  return verification;
}

describe.skipIf(!installed)('in ONNX Runtime (skipped where MODEL_BUDGET_ONNXRUNTIME names no installation)', () => {
  test('the more bits, the nearer the outputs', async () => {
    const decibels: number[] = [];
    for (const edit of ['palettize 2', 'palettize 4', 'w8', 'bf16', 'fp16']) {
      const { outputs, weights, left } = await verified('cnn-residual.onnx', edit, '--verify-runs', '2');
      expect({ left, names: outputs.map(({ name }) => name) }).toEqual({ left: [], names: ['logits'] });
      expect(weights).toBeGreaterThanOrEqual(31);
      decibels.push(outputs[0]!.sqnrDecibels!);
    }
    expect(decibels).toEqual(decibels.toSorted((a, b) => a - b));
    expect(decibels.at(-1)).toBeGreaterThan(55);
  });

  test('all outputs, external data, indices and what could not be written', async () => {
    const block = await verified('transformer-block.onnx', 'int8', '--dim', 'sequence=9');
    expect(block).toMatchObject({ runs: 4, inputs: 'random (seed 0)', activations: 'not quantized' });
    expect(block.runtime).toMatch(/^onnxruntime \d+\./);
    expect(block.integerInputs).toContainEqual({ name: 'input_ids', largest: 199 });
    const recurrent = await verified('recurrent-control.onnx', 'w8');
    expect(recurrent.outputs.map(({ name }) => name)).toEqual(['state', 'trace']);
    const everything = await verified('everything-ir11.onnx', 'w8', '--input', 'x=3x32');
    expect(everything.left.map(({ weight }) => weight)).toContain('sparse.weight');
    expect(everything.outputs[0]!.sqnrDecibels).toBeGreaterThan(30);
  });

  test('weights that the edit leaves as they are give equal outputs', async () => {
    const { outputs } = await verified('cnn-residual.onnx', 'sparsify 0.00001');
    expect(outputs).toEqual([{ name: 'logits', sqnrDecibels: null, cosine: 1 }]);
  });

  test('edits that change more than weights say why they are not run', async () => {
    const { exitCode, verification } = await optimize('cnn-residual.onnx', 'w8; batch 2', '--verify');
    expect(exitCode).toBe(0);
    expect(verification).toEqual({ reason: '`batch` changes what is computed, not only the weights' });
  });
});

test('nobody asked', async () => {
  expect((await optimize('cnn-residual.onnx', 'w8')).verification).toBeUndefined();
});

test.each([
  ['--verify-runs', '3'],
  ['--verify', '--verify-runs', '0'],
  ['--verify', '--search'],
])('flags that do not go together: %s %s %s', async (...flags) => {
  const edits = flags.includes('--search') ? [] : ['--apply', 'w8'];
  expect(await run(['optimize', join(models, 'cnn-residual.onnx'), ...edits, ...flags.filter(Boolean)])).toBe(2);
});

test.skipIf(installed)('without ONNX Runtime one line says how to install it', () => {
  expect(() => loadRuntime()).toThrow(/^--verify needs ONNX Runtime, .* npm install onnxruntime-node .*$/);
});
