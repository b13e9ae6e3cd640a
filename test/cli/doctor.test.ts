/** `doctor` in a clone alone: what is missing is found, with the lines that add it. */
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { one, openPractice, writeBlob, type Practice } from './practice.ts';
import { pointerText, type TemporaryRepository } from './repository.ts';

let practice: Practice;
let repository: TemporaryRepository;
let doctor: Practice['doctor'];

beforeEach(() => {
  practice = openPractice();
  ({ repository, doctor } = practice);
});

afterEach(() => {
  practice.close();
});

describe('a clone alone', () => {
  test('that init has set up lacks nothing', async () => {
    repository.copy('cnn-residual.onnx', 'a.onnx');
    await run(['init', '--quiet']);
    repository.commit();
    const { exitCode, levels } = await doctor();
    expect(levels).toEqual(['token: unknown', 'config: ok', 'models: ok', 'workflow: ok']);
    expect(exitCode).toBe(0);
  });

  test('without anything is told how to begin', async () => {
    const { exitCode, findings, levels } = await doctor();
    expect(levels).toEqual(['config: warning', 'workflow: warning', 'token: unknown', 'models: ok']);
    expect(one(findings, 'workflow').lines).toEqual(['npx model-budget init']);
    expect(exitCode).toBe(0);
  });

  test('hears of every mistake in config and target files', async () => {
    repository.put('hw/board.yml', 'id: board\n');
    repository.put('.github/model-budget.yml', 'targets: [rpi4-xnnpak]\nbudget: []\n');
    const first = await doctor();
    expect(first.findings.filter(({ id }) => id === 'config').map(({ message }) => message)).toEqual([
      '`.github/model-budget.yml:2`: unknown key "budget" (did you mean "budgets"?)',
    ]);
    expect(first.exitCode).toBe(1);
    repository.put('.github/model-budget.yml', 'targets: [./hw/board.yml]\n');
    const second = await doctor();
    expect(one(second.findings, 'config').message).toMatch(/^`\.\/hw\/board\.yml:1`: /);
    repository.put('.github/model-budget.yml', 'extends: o/r:c.yml@main\n');
    expect((await doctor()).levels).toContain('config-extends: unknown');
  });

  test('has the lines for dimensions, worse where a budget needs them', async () => {
    repository.copy('transformer-block.onnx', 'm/block.onnx');
    const without = await doctor();
    expect(one(without.findings, 'model-dimensions')).toMatchObject({
      level: 'warning',
      lines: ['models:', '  - path: m/block.onnx', '    dims: { sequence: 1 }'],
    });
    const config = "models:\n  - path: 'm/*.onnx'\nbudgets:\n  - { metric: latency, max: 1 s }\n";
    repository.put('.github/model-budget.yml', config);
    const judged = await doctor();
    const { level, lines } = one(judged.findings, 'model-dimensions');
    expect([level, judged.exitCode]).toEqual(['error', 1]);
    // What it says to add is what is missing.
    repository.put('.github/model-budget.yml', config.replace("  - path: 'm/*.onnx'", lines!.join('\n')));
    expect((await doctor()).levels).toContain('models: ok');
  });

  test('names unknown operators and models that cannot be read', async () => {
    repository.copy('program.mlpackage', 'p.mlpackage');
    repository.put('broken.onnx', 'not a model');
    const { findings, exitCode } = await doctor();
    expect(one(findings, 'model-operators').message).toContain('`coreml.my_custom_layer` ×1');
    expect(one(findings, 'model-unreadable').message).toContain('`broken.onnx`: ');
    expect(exitCode).toBe(0);
  });

  test('looks after Git LFS', async () => {
    repository.put('.gitattributes', '*.tflite filter=lfs diff=lfs merge=lfs -text\n');
    repository.put('large.onnx', '');
    truncateSync(join(repository.folder, 'large.onnx'), 100 * 1024 * 1024 + 1);
    repository.put('stored.tflite', pointerText('a'.repeat(64), 4000));
    repository.git('add', '.gitattributes', 'stored.tflite');
    const object = writeBlob(repository, 'whole file');
    repository.git('update-index', '--add', '--cacheinfo', `100644,${object},whole.tflite`);
    repository.git('commit', '--quiet', '-m', 'state');
    repository.put('whole.tflite', 'whole file');
    const { findings, exitCode } = await doctor();
    expect(one(findings, 'lfs-too-large').lines).toEqual(['*.onnx filter=lfs diff=lfs merge=lfs -text']);
    expect(one(findings, 'lfs-not-fetched').lines).toEqual(["git lfs pull --include='stored.tflite'"]);
    expect(one(findings, 'lfs-not-stored').message).toContain('`whole.tflite`');
    expect(exitCode).toBe(1);
  });

  test('prints for people, and knows wrong usage', async () => {
    repository.put('a`b\u202e.onnx', 'not a model');
    for (const format of ['text', 'markdown']) {
      expect(await run(['doctor', '--format', format, '--output', '.git/out'])).toBe(0);
      const text = repository.read('.git/out');
      expect(text).toContain('model-unreadable');
      expect(text).toContain('npx model-budget init');
      expect(text).not.toContain('\u202e');
    }
    expect(await run(['doctor', '--format', 'sarif'])).toBe(2);
    expect(await run(['doctor', '--config', 'nowhere.yml', '--quiet'])).toBe(2);
    vi.stubEnv('GITHUB_TOKEN', 't');
    vi.stubEnv('GITHUB_API_URL', 'not an address');
    expect(await run(['doctor', '--quiet'])).toBe(2);
  });

  test('a workflow that is no YAML is told', async () => {
    repository.put('.github/workflows/x.yml', 'on: [model-budget');
    const { findings, exitCode } = await doctor();
    expect(one(findings, 'workflow-unreadable').message).toContain('`.github/workflows/x.yml`: ');
    expect(exitCode).toBe(1);
  });
});
