/** Files for other tools from the command line: which there are, and where they go. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';

let folder: string;

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'model-budget-tools-')));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/models/${name}`, import.meta.url));

const quiet = ['--target', 'rpi4-xnnpack', '--quiet'];

test('one file goes where --output says', async () => {
  const output = join(folder, 'one.json');
  const models = [fixture('cnn-qdq.onnx'), fixture('cnn-qdq-lost.onnx')];
  expect(await run(['diff', ...models, '--format', 'trace', '--output', output, ...quiet])).toBe(0);
  expect(Object.keys(JSON.parse(readFileSync(output, 'utf8')) as object)).toEqual(['traceEvents']);
});

test('several files need a folder', async () => {
  const output = join(folder, 'several');
  const simulate = ['simulate', fixture('cnn-qdq.onnx'), '--format', 'model-explorer', ...quiet, '--output'];
  expect(await run([...simulate, output])).toBe(2);
  expect(existsSync(output)).toBe(false);
  expect(await run([...simulate, `${output}/`])).toBe(0);
  expect(readdirSync(output)).toContain('cnn-qdq-onnx-rpi4-xnnpack-latency.json');
  expect(readdirSync(output)).toHaveLength(7);
});

test('models of one name have files of their own', async () => {
  const output = join(folder, 'twice');
  const model = fixture('cnn-qdq.onnx');
  expect(await run(['simulate', model, model, '--format', 'netron', '--output', `${output}/`, ...quiet])).toBe(0);
  const names = ['cnn-qdq-onnx-rpi4-xnnpack-2.netron.json', 'cnn-qdq-onnx-rpi4-xnnpack.netron.json'];
  expect(readdirSync(output).sort()).toEqual(names);
});

test('a name that was made up is not that of another target', async () => {
  const [output, model] = [join(folder, 'targets'), fixture('cnn-qdq.onnx')];
  const own = readFileSync(new URL('../../hardware/rpi4-xnnpack.yml', import.meta.url), 'utf8');
  const other = join(folder, 'other.yml');
  writeFileSync(other, own.replace(/^id: rpi4-xnnpack$/m, 'id: rpi4-xnnpack-2'));
  const targets = ['--target', 'rpi4-xnnpack', '--target', other];
  const dims = ['--dim', 'batch=1', '--quiet'];
  expect(
    await run(['simulate', model, model, ...targets, '--format', 'netron', '--output', `${output}/`, ...dims]),
  ).toBe(0);
  expect(readdirSync(output)).toHaveLength(4);
});

test('operations of a Core ML program are told at what they make', async () => {
  const output = join(folder, 'program.json');
  const model = fixture('program.mlpackage');
  expect(await run(['simulate', model, '--format', 'netron', '--output', output, ...quiet])).toBe(0);
  const { metrics } = JSON.parse(readFileSync(output, 'utf8')) as {
    readonly metrics: readonly { readonly kind: string; readonly target?: string }[];
  };
  const told = new Set(metrics.filter(({ kind }) => kind === 'value').map(({ target }) => target));
  expect(metrics.some(({ kind }) => kind === 'node')).toBe(false);
  // As Netron 9.3.3 names tensors of this program.
  for (const tensor of ['stem', 'middle', 'pooled', 'hidden', 'scores']) expect(told).toContain(tensor);
});

test('a model that cannot be read is told, and the others are written', async () => {
  const output = join(folder, 'left.json');
  const models = [fileURLToPath(import.meta.url), fixture('cnn-qdq.onnx')];
  expect(await run(['simulate', ...models, '--format', 'trace', '--output', output, ...quiet])).toBe(2);
  expect(existsSync(output)).toBe(true);
});

test('where no tool opens the model nothing is written', async () => {
  const output = join(folder, 'none.json');
  const simulate = ['simulate', fixture('network.mlmodel'), '--format', 'model-explorer'];
  expect(await run([...simulate, '--output', output, ...quiet])).toBe(0);
  expect(existsSync(output)).toBe(false);
});
