/** The commands as a user calls them: exit codes, messages, documents. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import type { Report } from '../../src/report/report.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
let folder: string;
let output: string;

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'model-budget-run-')));
  output = join(folder, 'output');
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function fixture(name: string): string {
  return join(root, 'fixtures', 'models', `${name}.onnx`);
}

function put(path: string, text: string): string {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
  return join(folder, path);
}

async function documents<Document>(...args: readonly string[]): Promise<{ exitCode: number; documents: Document[] }> {
  const exitCode = await run([...args, '--format', 'json', '--output', output, '--quiet']);
  const lines = readFileSync(output, 'utf8').trimEnd().split('\n');
  return { exitCode, documents: lines.map((line) => JSON.parse(line) as Document) };
}

describe('inspect and simulate', () => {
  test('write a document a line, model-major, and go on after a bad file', async () => {
    const bad = put('bad.onnx', 'not a model');
    const { exitCode, documents: made } = await documents<{ schema: string; target?: { id: string } }>(
      ...['simulate', fixture('cnn-residual'), bad, fixture('cnn-qdq'), '--target', 'rpi4-xnnpack,ethos-u55-256'],
    );
    expect(exitCode).toBe(2);
    expect(made.map(({ schema, target }) => target?.id ?? schema)).toEqual([
      ...['rpi4-xnnpack', 'ethos-u55-256', 'model-budget/error@1', 'rpi4-xnnpack', 'ethos-u55-256'],
    ]);
  });

  test('the layers of a simulation add up to its totals', async () => {
    const { exitCode, documents: made } = await documents<{
      totals: Record<string, number>;
      layers: Record<string, number>[];
    }>('simulate', fixture('cnn-residual'), '--target', 'ethos-u55-256');
    expect(exitCode).toBe(0);
    const [{ totals, layers }] = made as [(typeof made)[0]];
    for (const key of ['latencySeconds', 'energyJoules', 'macs', 'weightsBytes']) {
      const sum = layers.reduce((left, layer) => left + (layer[key] ?? NaN), 0);
      expect(Math.abs(sum - (totals[key] ?? NaN))).toBeLessThanOrEqual(1e-9 * sum);
    }
  });

  test('a dimension without a value ends with the flag that sets it', async () => {
    const { exitCode, documents: made } = await documents<{ message: string }>(
      'simulate',
      fixture('transformer-block'),
    );
    expect(exitCode).toBe(2);
    expect(made[0]?.message).toContain("--dim 'sequence=…'");
    const set = await documents('simulate', fixture('transformer-block'), '--dim', 'sequence=16');
    expect(set.exitCode).toBe(0);
  });

  test.each([
    [['simulate']],
    [['simulate', 'no-such-file.onnx']],
    [['simulate', fixture('cnn-residual'), '--target', 'rpi9-xnnpack']],
    [['simulate', fixture('cnn-residual'), '--dim', 'batch']],
    [['inspect', fixture('cnn-residual'), '--format', 'yaml']],
    [['optimise']],
    [['diff', 'no-such-ref...HEAD']],
  ])('wrong usage ends with 2: %j', async (args) => {
    expect(await run(args)).toBe(2);
  });
});

describe('diff of two files', () => {
  async function diff(base: string, head: string, ...args: readonly string[]) {
    const { exitCode, documents: made } = await documents<Report>('diff', fixture(base), fixture(head), ...args);
    const [report] = made;
    if (report === undefined) throw new Error('no report');
    return { exitCode, report, model: report.models[0] };
  }

  test('a model against itself is identical', async () => {
    const { exitCode, model } = await diff('cnn-residual', 'cnn-residual');
    expect(exitCode).toBe(0);
    expect(model?.change).toBe('identical');
    expect(model?.targets.flatMap(({ layers }) => layers.filter(({ delta }) => delta.latencySeconds !== 0))).toEqual(
      [],
    );
  });

  test('a renamed and reordered export is identical', async () => {
    expect((await diff('cnn-residual', 'cnn-residual-renamed')).model?.change).toBe('identical');
  });

  test('other weights in the same structure are retrained', async () => {
    expect((await diff('cnn-residual', 'cnn-residual-retrained')).model?.change).toBe('retrained');
  });

  test('rows add up to the totals', async () => {
    const { model } = await diff('cnn-residual', 'cnn-residual-wide');
    for (const { layers, totals } of model?.targets ?? []) {
      for (const key of ['macs', 'parameters', 'weightsBytes', 'fileBytes'] as const) {
        expect(layers.reduce((sum, { delta }) => sum + delta[key], 0)).toBe(totals[key].delta);
      }
      for (const key of ['latencySeconds', 'energyJoules'] as const) {
        const sum = layers.reduce((left, { delta }) => left + delta[key], 0);
        expect(sum).toBeCloseTo(totals[key].delta ?? NaN, 9);
      }
    }
  });

  test('budgets decide the exit code', async () => {
    const budget = (text: string) => put('config.yml', `version: 1\ntargets: [rpi4-xnnpack]\nbudgets:\n  - ${text}\n`);
    const wide = async (text: string) =>
      (await diff('cnn-residual', 'cnn-residual-wide', '--config', budget(text))).exitCode;
    expect(await wide('{ metric: size, max: 10 MB }')).toBe(0);
    expect(await wide('{ metric: size, max: 10 kB }')).toBe(1);
    expect(await wide('{ metric: size, max: 10 kB, level: warn }')).toBe(0);
    expect(await wide('{ metric: macs, maxIncrease: 1% }')).toBe(1);
    expect(await wide('{ metric: macs, maxIncrease: 90% }')).toBe(0);
    expect(await wide('{ metric: latency, max: 1 ms, layer: "no/such/layer" }')).toBe(3);
  });

  test('the same run twice gives the same bytes', async () => {
    const text = async () => {
      await run([
        'diff',
        fixture('detector-nearest'),
        fixture('detector-cubic'),
        '--format',
        'markdown',
        '--output',
        output,
      ]);
      return readFileSync(output, 'utf8');
    };
    expect(await text()).toBe(await text());
  });
});

describe('diff of commits', () => {
  function git(...args: readonly string[]): void {
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@localhost', ...args], { cwd: folder });
  }

  test('finds changed models, takes the config of the base, and compares from the merge base', async () => {
    git('init', '--quiet', '--initial-branch', 'main');
    put('.gitignore', 'output\n');
    put('.github/model-budget.yml', 'version: 1\ntargets: [rpi4-xnnpack]\nbudgets:\n  - { metric: size, max: 1 kB }\n');
    put('notes.md', 'nothing to review');
    copyFileSync(fixture('cnn-residual'), join(folder, 'model.onnx'));
    git('add', '--all');
    git('commit', '--quiet', '-m', 'base');
    git('switch', '--quiet', '-c', 'change');
    copyFileSync(fixture('cnn-residual-wide'), join(folder, 'model.onnx'));
    put('.github/model-budget.yml', 'version: 1\n');
    git('commit', '--quiet', '--all', '-m', 'a wider model under a looser budget');
    const previous = process.cwd();
    process.chdir(folder);
    try {
      const { exitCode, documents: made } = await documents<Report>('diff', 'main...change');
      expect(exitCode).toBe(1);
      expect(made[0]?.models.map(({ path, status }) => [path, status])).toEqual([['model.onnx', 'modified']]);
      expect(made[0]?.models[0]?.targets.map(({ target }) => target.id)).toEqual(['rpi4-xnnpack']);
      expect(made[0]?.replay).toMatch(/^npx model-budget@\S+ diff [0-9a-f]{40} [0-9a-f]{40} --config \S+$/);
      expect((await documents<Report>('diff')).documents[0]?.models).toHaveLength(1);
    } finally {
      process.chdir(previous);
    }
  });
});

describe('lint', () => {
  test('names every mistake with its line and the nearest word', async () => {
    const config = put('wrong.yml', 'version: 1\nbudgetz: []\ncomment: { whenn: always }\n');
    const { exitCode, documents: made } = await documents<{ findings: { line: number; message: string }[] }>(
      'lint',
      '--config',
      config,
    );
    expect(exitCode).toBe(2);
    expect(made[0]?.findings.map(({ line }) => line)).toEqual([2, 3]);
    expect(made[0]?.findings[0]?.message).toContain('budgets');
    expect(made[0]?.findings[1]?.message).toContain('when');
    const target = put('wrong.yml', 'version: 1\ntargets: [rpi4-xnnpak, ./no-such-target.yml]\n');
    const second = await documents<{ findings: { line: number; message: string }[] }>('lint', '--config', target);
    expect(second.documents[0]?.findings[0]?.line).toBe(2);
    expect(second.documents[0]?.findings[0]?.message).toContain('rpi4-xnnpack');
  });

  test('finds what only a target file or a list of versions can tell', async () => {
    const config = put('versions.yml', 'version: 1\ntargets:\n  - rpi4-xnnpack@9\n  - ./no-such-target.yml\n');
    const { documents: made } = await documents<{ findings: { path: string; line: number; message: string }[] }>(
      'lint',
      '--config',
      config,
    );
    expect(made[0]?.findings.map(({ line }) => line)).toEqual([3, 4]);
    expect(made[0]?.findings[0]?.message).toContain('has no version "9"');
    expect(made[0]?.findings[1]?.message).toBe('./no-such-target.yml: cannot be read: no such file');
  });

  test('names a file that is wrong as a whole once', async () => {
    const config = put('large.yml', `# ${'x'.repeat(262_144)}`);
    const { documents: made } = await documents<{ findings: { message: string }[] }>('lint', '--config', config);
    expect(made[0]?.findings.map(({ message }) => message)).toEqual(['the file is larger than 256 KiB']);
  });
});
