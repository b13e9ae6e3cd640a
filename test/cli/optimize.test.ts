/** `optimize` and `explain` as a user calls them. */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import type { ExplainDocument } from '../../src/report/explain-document.ts';
import type { OptimizeDocument } from '../../src/report/optimize-document.ts';

const root = join(import.meta.dirname, '../..');
const schema = (name: string) => JSON.parse(readFileSync(join(root, 'schemas', `${name}.json`), 'utf8')) as object;
const isOptimize = new Ajv({ allowUnionTypes: true }).compile(schema('optimize@1'));
const fixture = (name: string) => join(root, 'fixtures/models', name);
let folder: string;

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'model-budget-optimize-')));
  mkdirSync(folder, { recursive: true });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function config(budgets: string): string {
  const path = join(folder, 'config.yml');
  writeFileSync(path, `version: 1\ntargets: [rpi4-ncnn]\nbudgets:\n${budgets}\n`);
  return path;
}

async function call(...args: readonly string[]): Promise<{ readonly exitCode: number; readonly text: string }> {
  const output = join(folder, 'output');
  writeFileSync(output, '');
  const exitCode = await run([...args, '--output', output, '--quiet']);
  return { exitCode, text: readFileSync(output, 'utf8') };
}

async function optimize(...args: readonly string[]): Promise<readonly OptimizeDocument[]> {
  const { text } = await call('optimize', fixture('cnn-residual.onnx'), ...args, '--format', 'json');
  const documents = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as OptimizeDocument);
  for (const document of documents) expect(isOptimize(document), JSON.stringify(isOptimize.errors)).toBe(true);
  return documents;
}

describe('optimize --apply', () => {
  test('gives a document for each target, whose layers say what the weights lose', async () => {
    const made = await optimize('--apply', 'int8', '--target', 'rpi4-ncnn,ethos-u55-256');
    expect(made.map(({ target }) => target.id)).toEqual(['rpi4-ncnn', 'ethos-u55-256']);
    const [cpu, npu] = made as [OptimizeDocument, OptimizeDocument];
    expect(cpu.head.latencySeconds).toBeLessThan(cpu.base.latencySeconds);
    // Its floats are taken for int8 already.
    expect(npu.head.latencySeconds).toBe(npu.base.latencySeconds);
    for (const { base, head, layers } of made) {
      expect(head.fileBytes).toBeLessThan(0.6 * base.fileBytes);
      const products = layers.filter(({ op }) => op === 'Conv' || op === 'Gemm');
      for (const { sqnrDecibels } of products) expect(sqnrDecibels).toBeGreaterThan(40);
    }
  });

  test('takes top:n from the first target on all of them', async () => {
    const [first, second] = (await optimize('--apply', 'w8 on top:3', '--target', 'rpi4-ncnn,ethos-u55-256')) as [
      OptimizeDocument,
      OptimizeDocument,
    ];
    expect(first.layers).toHaveLength(3);
    expect(second.layers.map(({ name }) => name)).toEqual(first.layers.map(({ name }) => name));
  });

  test('composes, and says where an edit does not apply', async () => {
    const [document] = await optimize('--apply', 'sparsify 0.5 on op:Conv; int8 on "*Add"', '--target', 'rpi4-ncnn');
    expect(document!.edits).toBe('sparsify 0.5 on op:Conv; int8 on *Add');
    const [mixed] = await optimize('--apply', 'int8 granularity=channel; w8', '--target', 'rpi4-ncnn');
    expect(mixed!.notApplied.some(({ reason }) => reason.includes('already'))).toBe(true);
  });

  test.each([[['--apply', 'int9']], [['--apply', 'int8 on nowhere/*']], [[]], [['--apply', 'int8', '--search']]])(
    'is wrong usage with %j',
    async (args) => {
      expect(await call('optimize', fixture('cnn-residual.onnx'), ...args)).toEqual({ exitCode: 2, text: '' });
    },
  );
});

describe('optimize --search', () => {
  test('finds an edit that meets the budgets, and the same text gives the same totals', async () => {
    const path = config('- { metric: size, max: 250 kB }\n- { metric: latency, max: 4.5 ms }');
    const [found] = await optimize('--search', '--config', path);
    expect(found!.edits).not.toBeNull();
    expect(found!.head.fileBytes).toBeLessThanOrEqual(250_000);
    expect(found!.head.latencySeconds).toBeLessThanOrEqual(4.5e-3);
    const [again] = await optimize('--apply', found!.edits!, '--config', path);
    expect(again!.head).toEqual(found!.head);
    expect(found!.front.length).toBeGreaterThan(1);
  });

  test('exits with 1 where nothing meets them', async () => {
    const path = config('- { metric: macs, max: 10 }');
    const { exitCode, text } = await call('optimize', fixture('cnn-residual.onnx'), '--search', '--config', path);
    expect(exitCode).toBe(1);
    expect(text).toContain('No edit that was tried meets the budgets');
  });
});

describe('explain', () => {
  test('says what a broken budget comes from, what would mend it, and explains a layer in full', async () => {
    const path = config('- { metric: size, maxIncrease: 1% }');
    const [base, head] = [fixture('cnn-residual.onnx'), fixture('cnn-residual-wide.onnx')];
    const { exitCode, text } = await call('explain', base, head, '--config', path, '--layer', '/head/*');
    expect(exitCode).toBe(1);
    expect(text).toContain('❌ size: 392 kB from 290 kB, may grow by 1%');
    expect(text).toMatch(/- \/stage3\/block\d\/expand\/conv\/Conv: 30\.0 kB \(\+16\.1 kB\); widened 96→144/);
    expect(text).toContain('Smallest edits that meet the budgets (simulated)');
    expect(text).toContain('/head/conv/Conv\n');
    expect(text).toMatch(/Matched by .*, confidence \d+%/);
  });

  test('is a document too', async () => {
    const args = [fixture('detector-nearest.onnx'), fixture('detector-cubic.onnx'), '--target', 'ethos-u55-256'];
    const { exitCode, text } = await call('explain', ...args, '--layer', '*Resize*', '--format', 'json');
    expect(exitCode).toBe(0);
    const { schema: kind, models } = JSON.parse(text) as ExplainDocument;
    expect(kind).toBe('model-budget/explain@1');
    const [row] = models[0]!.targets[0]!.layers;
    expect(row!.head.some(({ fallback }) => fallback !== null)).toBe(true);
  });
});
