/** What the page exports is what the command line writes. */
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPage } from '../../../../src/report/html/read.ts';
import { neighbourFormats } from '../../../../src/report/neighbours/neighbour.ts';
import { answer } from '../../../../src/report/viewer/worker/answer.ts';
import type { Answers } from '../../../../src/report/viewer/worker/protocol.ts';
import { createSession } from '../../../../src/report/viewer/worker/session.ts';

/** The command line, without its types: those of Node.js's streams do not get on with those of browsers. */
const commandLine: string = new URL('../../../../src/cli/run.ts', import.meta.url).href;

async function run(args: readonly string[]): Promise<number> {
  const { run: runCommand } = (await import(commandLine)) as {
    readonly run: (args: readonly string[]) => Promise<number>;
  };
  return runCommand(args);
}

let folder: string;

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'model-budget-neighbours-')));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const fixture = (name: string) => fileURLToPath(new URL(`../../../../fixtures/models/${name}`, import.meta.url));

const pairs = [
  ['cnn-residual.onnx', 'cnn-residual-wide.onnx'],
  ['cnn-int8.tflite', 'cnn-int8-wide.tflite'],
] as const;

test.each(pairs)('%s and its change', async (base, head) => {
  const diff = ['diff', fixture(base), fixture(head), '--target', 'ethos-u55-128', '--quiet', '--format'];
  const file = join(folder, 'page.html');
  expect(await run([...diff, 'html', '--output', file])).toBe(0);
  const page = readPage(readFileSync(file, 'utf8'));
  const session = createSession(page.models);
  const rows = page.report.report.models[0]!.targets[0]!.layers;
  for (const format of neighbourFormats) {
    const output = join(folder, head, format);
    expect(await run([...diff, format, '--output', `${output}/`])).toBe(0);
    const place = { model: 0, target: 0 };
    const { files } = answer({ kind: 'neighbours', place, format, rows }, session) as Answers['neighbours'];
    expect(readdirSync(output)).toEqual(files.map(({ name }) => name).sort());
    for (const { name, text } of files) expect(text).toBe(readFileSync(join(output, name), 'utf8'));
  }
});
