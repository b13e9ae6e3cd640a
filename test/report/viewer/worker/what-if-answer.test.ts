/** A what-if in the page is that of the command line, to the last digit. */
import { Command } from 'commander';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addCommand } from '../../../../src/cli/optimize.ts';
import { additiveMetrics } from '../../../../src/compare/comparison.ts';
import type { OptimizeDocument } from '../../../../src/report/optimize-document.ts';
import { answer } from '../../../../src/report/viewer/worker/answer.ts';
import type { Answers } from '../../../../src/report/viewer/worker/protocol.ts';
import { createSession } from '../../../../src/report/viewer/worker/session.ts';
import { fixturePath, pageModels } from './page-models.ts';

const targets = ['rpi4-ncnn', 'ethos-u55-256', 'ethos-u85-256', 'jetson-orin-nano'];
/** Of these. */
const compressing = 2;
const models = ['cnn-residual.onnx', 'cnn-qdq.onnx', 'cnn-int8.tflite'];
/** Of the page what it may not know: what a rare edit makes of weights that a target compresses, and their errors. */
const edits: readonly { readonly text: string; readonly unlikeTheUsual?: true }[] = [
  { text: 'int8' },
  { text: 'w8 on top:3' },
  { text: 'fp16' },
  { text: 'prune 0.5', unlikeTheUsual: true },
  { text: 'palettize 4; sparsify 0.5 on op:Conv', unlikeTheUsual: true },
  { text: 'batch 4', unlikeTheUsual: true },
  { text: 'fold' },
  { text: 'w4 on *1*' },
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'model-budget-page-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function onCommandLine(...args: readonly string[]): Promise<readonly OptimizeDocument[]> {
  const output = join(folder, 'output');
  writeFileSync(output, '');
  const program = new Command();
  addCommand(program, () => undefined);
  await program.parseAsync(['optimize', ...args, '--format', 'json', '--quiet', '--output', output], { from: 'user' });
  const lines = readFileSync(output, 'utf8').trimEnd();
  return lines === '' ? [] : lines.split('\n').map((line) => JSON.parse(line) as OptimizeDocument);
}

const asJson = (document: OptimizeDocument) => JSON.parse(JSON.stringify(document)) as OptimizeDocument;

describe.each(models)('what-ifs of %s in a page', (name) => {
  const session = createSession(pageModels([{ base: null, head: name }], { targets }));
  const asked = (target: number, text: string) =>
    answer({ kind: 'whatIf', place: { model: 0, target }, edits: text }, session) as Answers['whatIf'];

  test.each(edits)('$text', async ({ text, unlikeTheUsual }) => {
    let exact = 0;
    for (const [target, id] of targets.entries()) {
      const document = (await onCommandLine(fixturePath(name), '--apply', text, '--target', id))[0]!;
      const { document: own, assumed, changes, added } = asked(target, text);
      if (assumed.length > 0) continue;
      exact += 1;
      const errors = (one: OptimizeDocument) => one.layers.map(({ sqnrReason }) => sqnrReason);
      const unknown = errors(asJson(own)).includes('weights not available');
      if (unlikeTheUsual === undefined) expect(unknown).toBe(false);
      expect(unknown ? withoutErrors(own) : asJson(own)).toEqual(unknown ? withoutErrors(document) : document);
      for (const metric of additiveMetrics) {
        const sum = [...changes.values(), added].reduce((total, change) => total + change[metric], 0);
        if (metric === 'fileBytes') continue;
        expect(sum).toBeCloseTo(document.head[metric] - document.base[metric], 9);
      }
    }
    expect(exact).toBeGreaterThanOrEqual(unlikeTheUsual === true ? targets.length - compressing : targets.length);
  });
});

function withoutErrors(document: OptimizeDocument): OptimizeDocument {
  const layers = document.layers.map(({ sqnrReason: _, ...layer }) => ({ ...layer, sqnrDecibels: null }));
  return asJson({ ...document, layers });
}

describe('what the page cannot know', () => {
  const pair = { base: null, head: 'cnn-residual.onnx' };
  const bare = createSession(pageModels([pair], { targets: ['ethos-u55-256'], bare: true }));
  const place = { model: 0, target: 0 };

  test('is assumed, and said to be', async () => {
    const asked = answer({ kind: 'whatIf', place, edits: 'palettize 2' }, bare) as Answers['whatIf'];
    expect(asked.assumed.length).toBeGreaterThan(0);
    expect(asked.document.layers[0]!.sqnrReason).toBe('weights not available');
    const [exact] = await onCommandLine(fixturePath(pair.head), '--apply', 'palettize 2', '--target', 'ethos-u55-256');
    expect(asked.document.base).toEqual(exact!.base);
    expect(asked.document.head.fileBytes).toBe(exact!.head.fileBytes);
  });

  test('is told in a line where it is wrong', () => {
    expect(answer({ kind: 'phrases', text: 'in8; w4' }, bare)).toEqual({
      wrong: expect.stringContaining('did you mean "int8"?') as string,
    });
    expect(answer({ kind: 'phrases', text: ' int8  on "a b" ;w4 group=64' }, bare)).toEqual({
      phrases: ['int8 on "a b"', 'w4 group=64'],
    });
    expect(() => answer({ kind: 'whatIf', place, edits: 'int8 on nowhere/*' }, bare)).toThrow('no layer matches');
    const removed = createSession(pageModels([{ base: pair.head, head: null }], { targets: ['rpi4-ncnn'] }));
    expect(() => answer({ kind: 'whatIf', place, edits: 'int8' }, removed)).toThrow('head of this model');
  });
});

test('a what-if is prepared for without an answer, where there is a head', () => {
  const place = { model: 0, target: 0 };
  const session = (base: string | null, head: string | null) =>
    createSession(pageModels([{ base, head }], { targets: ['rpi4-ncnn'] }));
  expect(answer({ kind: 'prepare', place }, session(null, 'cnn-residual.onnx'))).toBeNull();
  expect(() => answer({ kind: 'prepare', place }, session('cnn-residual.onnx', null))).toThrow('head of this model');
});

/** Which of several edits that are as small comes first, the errors of weights decide, of which the page knows some. */
test('a search in the page finds an edit as small as the command line does', async () => {
  const config = join(folder, 'config.yml');
  const budget = { metric: 'size', max: 250_000, level: 'error', onBand: 'warn' } as const;
  writeFileSync(config, 'version: 1\ntargets: [rpi4-ncnn]\nbudgets:\n- { metric: size, max: 250 kB }\n');
  const pair = { base: null, head: 'cnn-residual.onnx' };
  const session = createSession(pageModels([pair], { targets: ['rpi4-ncnn'], budgets: [budget] }));
  const told: number[] = [];
  const place = { model: 0, target: 0 };
  const own = answer({ kind: 'search', place }, session, (done) => told.push(done)) as Answers['search'];
  const [expected] = await onCommandLine(fixturePath(pair.head), '--search', '--config', config);
  expect(own.document.layers).toHaveLength(expected!.layers.length);
  const [again] = await onCommandLine(fixturePath(pair.head), '--apply', own.document.edits!, '--config', config);
  expect(asJson(own.document).head).toEqual(again!.head);
  expect(own.document.budgets[0]!.verdict).toBe('pass');
  expect(told.length).toBeGreaterThan(0);
  expect(told).toEqual(told.toSorted((a, b) => a - b));

  const halved = answer({ kind: 'search', place, metric: 'latency' }, session) as Answers['search'];
  expect(halved.document.head.latencySeconds).toBeLessThan(halved.document.base.latencySeconds);
});
