/** `init`: what it writes holds in the repository that it was written for, and nothing of anybody's is lost. */
import { lstatSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { run } from '../../src/cli/run.ts';
import { proposeGlobs } from '../../src/cli/init/globs.ts';
import { workflowText } from '../../src/cli/init/workflow-text.ts';
import { dimensionLines, yamlText } from '../../src/cli/yaml-text.ts';
import { pathGlob } from '../../src/glob.ts';
import type { Report } from '../../src/report/report.ts';
import { enterRepository, pointerText, type TemporaryRepository } from './repository.ts';

const configPath = '.github/model-budget.yml';
const workflowPath = '.github/workflows/model-budget.yml';
let repository: TemporaryRepository;

beforeEach(() => {
  repository = enterRepository();
});

afterEach(() => {
  repository.remove();
});

interface WrittenConfig {
  readonly models: readonly { readonly path: string }[];
  readonly targets: readonly string[];
  readonly budgets: readonly { readonly metric: string; readonly level?: string }[];
}

const config = (): WrittenConfig => parse(repository.read(configPath)) as WrittenConfig;

/** Every proposal taken up. */
const uncommented = (text: string) => text.replace(/^( *)# (- \{|dims:|inputs:)/gm, '$1$2');

async function verdictOfChange(from: string, to: string): Promise<{ exitCode: number; report: Report }> {
  const exitCode = await run(['diff', from, to, '--format', 'json', '--output', '.git/report', '--quiet']);
  return { exitCode, report: JSON.parse(repository.read('.git/report')) as Report };
}

test('writes a config that fits the models, and the next change passes', async () => {
  repository.copy('cnn-residual.onnx', 'nets/vision/a.onnx');
  repository.copy('cnn-qdq.onnx', 'nets/audio/b.onnx');
  repository.copy('cnn-int8.tflite', 'nets/c.tflite');
  repository.commit();
  expect(await run(['init', '--quiet'])).toBe(0);
  expect(config().models.map(({ path }) => path)).toEqual(['nets/**/*.onnx', 'nets/**/*.tflite']);
  expect(config().targets).toEqual(['rpi4-xnnpack', 'github-runner-onnxruntime']);
  expect(config().budgets).toEqual([
    { metric: 'size', maxIncrease: '5%' },
    { metric: 'latency', maxIncrease: '5%' },
  ]);
  expect(await run(['lint', '--quiet'])).toBe(0);
  repository.commit();
  repository.copy('cnn-residual-retrained.onnx', 'nets/vision/a.onnx');
  repository.commit();
  const { exitCode, report } = await verdictOfChange('HEAD~1', 'HEAD');
  expect([exitCode, report.verdict, report.models.map(({ path }) => path)]).toEqual([
    0,
    'pass',
    ['nets/vision/a.onnx'],
  ]);
  expect(report.models[0]?.targets.flatMap(({ budgets }) => budgets)).toHaveLength(4);
});

test('the limits that it proposes are those of today with room to spare', async () => {
  repository.copy('cnn-residual.onnx', 'a.onnx');
  repository.copy('cnn-int8.tflite', 'c.tflite');
  repository.commit();
  await run(['init', '--quiet']);
  const text = uncommented(repository.read(configPath));
  repository.put(configPath, text);
  expect(await run(['lint', '--quiet'])).toBe(0);
  const limits = config().budgets.filter((budget) => 'max' in budget);
  expect(limits.map(({ metric }) => metric).sort()).toEqual([
    ...['latency', 'latency', 'latency', 'latency'],
    ...['peak-memory', 'peak-memory', 'peak-memory', 'peak-memory', 'size', 'size'],
  ]);
  repository.commit();
  repository.copy('cnn-residual-retrained.onnx', 'a.onnx');
  const exitCode = await run(['diff', '--format', 'json', '--output', '.git/report', '--quiet', 'HEAD']);
  const { verdict } = JSON.parse(repository.read('.git/report')) as Report;
  expect([exitCode, verdict]).toEqual([0, 'pass']);
});

test('models that cannot be measured yet are named with the lines that change it, and fail nothing', async () => {
  repository.copy('transformer-block.onnx', 'm/block.onnx');
  repository.put('m/broken.onnx', 'not a model');
  repository.put('m/stored.onnx', pointerText('a'.repeat(64), 4000));
  repository.put('m/weights.gguf', 'GGUF');
  repository.commit();
  expect(await run(['init', '--quiet'])).toBe(0);
  const text = repository.read(configPath);
  expect(text).toContain('# dims: { sequence: 1 }');
  expect(text).toContain("--dim 'sequence=…'");
  expect(text).toContain('# m/broken.onnx is not measured: ');
  expect(text).toContain('# m/stored.onnx is not measured: Git LFS has not fetched it');
  expect(text).toContain("# - path: 'm/**/*.gguf' # only size and download");
  expect(config().budgets.map(({ level }) => level)).toEqual(['warn', 'warn']);
  expect(await run(['lint', '--quiet'])).toBe(0);
  repository.commit();
  repository.put('m/broken.onnx', 'still not a model');
  repository.commit();
  expect((await verdictOfChange('HEAD~1', 'HEAD')).exitCode).toBe(0);
  repository.put(configPath, uncommented(text));
  expect(await run(['lint', '--quiet'])).toBe(0);
});

test('a repository without models or commits gets files too', async () => {
  expect(await run(['init', '--quiet'])).toBe(0);
  expect(await run(['lint', '--quiet'])).toBe(0);
  expect(config().models).toBeUndefined();
  expect(repository.read(workflowPath)).toContain('branches: [main]');
});

describe('files that are there', () => {
  test('are left as they are, and the exit code says so', async () => {
    repository.put(configPath, 'budgets: []\n');
    expect(await run(['init', '--quiet'])).toBe(2);
    expect(repository.read(configPath)).toBe('budgets: []\n');
    expect(repository.read(workflowPath)).toContain('uses: model-budget/model-budget@');
    expect(readdirSync(join(repository.folder, '.github')).sort()).toEqual(['model-budget.yml', 'workflows']);
  });

  test('are replaced by --force, a link by a file of its own', async () => {
    repository.put('.github/elsewhere.yml', 'budgets: []\n');
    symlinkSync('elsewhere.yml', join(repository.folder, configPath));
    expect(await run(['init', '--quiet'])).toBe(2);
    expect(await run(['init', '--quiet', '--force'])).toBe(0);
    expect(lstatSync(join(repository.folder, configPath)).isFile()).toBe(true);
    expect(repository.read('.github/elsewhere.yml')).toBe('budgets: []\n');
  });

  test('of the same content are no trouble', async () => {
    expect(await run(['init', '--quiet'])).toBe(0);
    expect(await run(['init', '--quiet'])).toBe(0);
  });

  test('--print writes nothing', async () => {
    expect(await run(['init', '--print', '--quiet'])).toBe(0);
    expect(readdirSync(repository.folder)).toEqual(['.git']);
  });
});

describe('the workflow', () => {
  interface Workflow {
    readonly on: Readonly<Record<string, { types?: string[]; branches?: string[]; paths?: string[] } | null>>;
    readonly permissions: Readonly<Record<string, string>>;
    readonly jobs: { readonly review: { readonly steps: readonly { readonly uses?: string }[] } };
  }

  test.each([true, false])('reports in every case, and may write no contents (forks: %s)', (forks) => {
    const workflow = parse(workflowText({ forks, defaultBranch: 'trunk' })) as Workflow;
    const own = forks ? 'pull_request_target' : 'pull_request';
    expect(Object.keys(workflow.on)).toEqual([own, 'merge_group', 'issue_comment', 'push']);
    expect(workflow.on[own]).toEqual({ types: ['opened', 'synchronize', 'reopened', 'edited'] });
    expect(workflow.on.push).toEqual({ branches: ['trunk'] });
    expect(workflow.permissions).toEqual({ contents: 'read', 'pull-requests': 'write', checks: 'write' });
    expect(workflow.jobs.review.steps).toEqual([{ uses: 'model-budget/model-budget@v1' }]);
  });

  test('a branch may be called anything', () => {
    const branch = "it's: {odd} #1";
    expect((parse(workflowText({ forks: false, defaultBranch: branch })) as Workflow).on.push?.branches).toEqual([
      branch,
    ]);
  });
});

test('globs match what they were made from, whatever the folders are called', () => {
  const paths = ['a/[x]/m.onnx', 'a/[x]/y/n.onnx', 'a/b.ONNX', 'p/q/r.tflite', 'p/q/s/t.tflite', 'z.mlmodel'];
  const globs = proposeGlobs(paths);
  expect(globs).toEqual(['**/*.mlmodel', 'a/**/*.ONNX', 'a/**/*.onnx', 'p/q/**/*.tflite']);
  for (const path of paths) expect(globs.some((glob) => pathGlob(glob)(path))).toBe(true);
});

test.each(['a', 'models/a.onnx', 'true', '5', "it's", '# x', 'a: b', '\u202ehidden', 'two\nlines', '', '- a', '"'])(
  'the text %j is one line of YAML and reads back',
  (text) => {
    expect(yamlText(text)).not.toMatch(/[\n\u202e]/);
    expect(parse(`key: ${yamlText(text)}`)).toEqual({ key: text });
    expect(parse(`{ ${yamlText(text)}: 1 }`)).toEqual({ [text]: 1 });
  },
);

test('dimensions without a value become keys of an entry', () => {
  const unbound = [
    { input: 'x', axis: 1, symbol: 'height', declared: 'batch x 3 x height x ?' },
    { input: 'x', axis: 3, symbol: '', declared: 'batch x 3 x height x ?' },
    { input: 'a b', axis: 0, symbol: '', declared: '?' },
  ];
  expect(dimensionLines(unbound)).toEqual(['dims: { height: 1 }', "inputs: { x: 1x3x1x1, 'a b': 1 }"]);
});
