/** `doctor`: what is missing is found, with the lines that add it; alone and with GitHub to ask. */
import { createHash } from 'node:crypto';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { DoctorDocument, Finding } from '../../src/cli/doctor/finding.ts';
import { remoteOf } from '../../src/cli/doctor/remote.ts';
import { readWorkflow } from '../../src/cli/doctor/workflow.ts';
import type { Surroundings } from '../../src/cli/doctor/surroundings.ts';
import { workflowFindings } from '../../src/cli/doctor/workflow-findings.ts';
import { workflowText } from '../../src/cli/init/workflow-text.ts';
import { run } from '../../src/cli/run.ts';
import { githubActions, workflowToken, type AppIdentity, type StandInOptions } from '../stand-in/options.ts';
import { startStandIn, type StandIn } from '../stand-in/stand-in.ts';
import { enterRepository, pointerText, type TemporaryRepository } from './repository.ts';

let repository: TemporaryRepository;
const variables = ['GITHUB_TOKEN', 'GH_TOKEN', 'GITHUB_API_URL', 'GITHUB_SERVER_URL', 'GITHUB_REPOSITORY'] as const;
const before = new Map(variables.map((name) => [name, process.env[name]]));

beforeEach(() => {
  repository = enterRepository();
  for (const name of variables) delete process.env[name];
});

afterEach(() => {
  repository.remove();
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

interface Examined {
  readonly exitCode: number;
  readonly findings: readonly Finding[];
  /** `id: level`, each once, in their order. */
  readonly levels: readonly string[];
}

async function doctor(...args: readonly string[]): Promise<Examined> {
  const exitCode = await run(['doctor', '--format', 'json', '--output', '.git/doctor', '--quiet', ...args]);
  const { schema, findings } = JSON.parse(repository.read('.git/doctor')) as DoctorDocument;
  expect(schema).toBe('model-budget/doctor@1');
  return { exitCode, findings, levels: [...new Set(findings.map(({ id, level }) => `${id}: ${level}`))] };
}

const one = (findings: readonly Finding[], id: string): Finding => {
  const found = findings.filter((finding) => finding.id === id);
  expect(found.map((finding) => finding.id)).toEqual([id]);
  return found[0]!;
};

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
    process.env.GITHUB_TOKEN = 't';
    process.env.GITHUB_API_URL = 'not an address';
    expect(await run(['doctor', '--quiet'])).toBe(2);
  });
});

/** Without the filters of Git LFS, which is not installed everywhere. */
function writeBlob({ folder, git }: TemporaryRepository, content: string): string {
  const path = join(folder, '.git', 'blob');
  writeFileSync(path, content);
  return git('hash-object', '-w', '--no-filters', '.git/blob');
}

describe('workflows', () => {
  const around: Surroundings = {
    ...{ defaultBranch: 'main', usesLfs: true, wantsCommands: true },
    ...{ isRequired: undefined, hasMergeQueue: undefined, hasApp: undefined },
  };
  const findingsIn = (texts: readonly string[], known: Partial<Surroundings> = {}) =>
    workflowFindings(
      texts.flatMap((text, index) => readWorkflow(text, `w${String(index)}.yml`) ?? []),
      { ...around, ...known },
    );
  const levelsIn = (text: string, known: Partial<Surroundings> = {}) =>
    findingsIn([text], known).map(({ id, level }) => `${id}: ${level}`);
  const good = workflowText({ forks: false, defaultBranch: 'main' });
  const forks = workflowText({ forks: true, defaultBranch: 'main' });

  test.each([good, forks])('what init writes lacks nothing', (text) => {
    expect(levelsIn(text)).toEqual(['workflow: ok']);
    expect(levelsIn(text, { isRequired: true, hasMergeQueue: true, hasApp: true })).toEqual(['workflow: ok']);
  });

  test('the quick start works, and could do more', () => {
    const quickStart = `on: pull_request
permissions: { contents: read, pull-requests: write, checks: write }
jobs: { review: { runs-on: ubuntu-latest, steps: [{ uses: model-budget/model-budget@v1 }] } }`;
    expect(levelsIn(quickStart)).toEqual([
      ...['workflow-edited: warning', 'workflow-merge-queue: warning'],
      ...['workflow-commands: warning', 'workflow-cache: warning'],
    ]);
    expect(levelsIn(quickStart, { hasMergeQueue: true, hasApp: true, usesLfs: false })).toEqual([
      'workflow-edited: warning',
      'workflow-merge-queue: error',
    ]);
    expect(levelsIn(quickStart, { hasMergeQueue: false, wantsCommands: false, usesLfs: false })).toEqual([
      'workflow-edited: warning',
    ]);
  });

  test.each<[string, string, string, string]>([
    ['a permission less', good.replace('  checks: write\n', ''), 'workflow-permissions', 'error'],
    ['no comment', good.replace('pull-requests: write', 'pull-requests: read'), 'workflow-permissions', 'warning'],
    ['no permissions', good.replace(/permissions:\n( .*\n)+/, ''), 'workflow-permissions', 'warning'],
    ['only reads', good.replace(/permissions:\n( .*\n)+/, 'permissions: read-all\n'), 'workflow-permissions', 'error'],
    [
      'a filter',
      good.replace('    types: [opened', "    paths: ['**.onnx']\n    types: [opened"),
      'workflow-paths',
      'warning',
    ],
    ['not edited', good.replace(', edited]', ']'), 'workflow-edited', 'warning'],
    ['no new commits', good.replace('synchronize, ', ''), 'workflow-events', 'error'],
    ['no pull request', good.replace(/ {2}pull_request:\n.*\n.*\n/, ''), 'workflow-events', 'error'],
    ['a branch', good.replace('@v1', '@main'), 'workflow-version', 'warning'],
    ['a token that pushes', forks.replace('contents: read', 'contents: write'), 'workflow-contents-write', 'error'],
    [
      'may do all',
      forks.replace(/permissions:\n( .*\n)+/, 'permissions: write-all\n'),
      'workflow-contents-write',
      'error',
    ],
    ['a checkout', `${forks}      - uses: actions/checkout@v4\n`, 'workflow-checkout', 'warning'],
    [
      'the head checked out',
      `${forks}      - uses: actions/checkout@v4\n        with: { ref: '\${{ github.event.pull_request.head.sha }}' }\n`,
      'workflow-checkout',
      'error',
    ],
    ['the head fetched', `${forks}      - run: gh pr checkout 5\n`, 'workflow-checkout', 'error'],
    ['twice', `${good}      - uses: model-budget/model-budget@v1\n`, 'workflow-id', 'error'],
    [
      'a matrix',
      good.replace('    steps:', '    strategy: { matrix: { name: [a, b] } }\n    steps:'),
      'workflow-id',
      'error',
    ],
  ])('%s', (_, text, id, level) => {
    const found = findingsIn([text]).filter((finding) => finding.level !== 'ok');
    expect(new Set(found.map((finding) => `${finding.id}: ${finding.level}`))).toContain(`${id}: ${level}`);
    expect(new Set(found.map((finding) => finding.id)).size).toBe(1);
  });

  test('the lines to add are YAML', () => {
    const lines = findingsIn(['on: push\njobs: { a: { steps: [{ uses: model-budget/model-budget@v1 }] } }']).flatMap(
      (finding) => (finding.lines === undefined ? [] : [finding.lines.join('\n')]),
    );
    expect(lines.map((text) => Object.keys(parse(text) as object))).toEqual([['on'], ['on'], ['on'], ['permissions']]);
  });

  test('a filter on a required check is an error; ids of their own are none', () => {
    const filtered = good.replace('    types: [opened', "    paths: ['**.onnx']\n    types: [opened");
    expect(levelsIn(filtered, { isRequired: true })).toEqual(['workflow-paths: error']);
    const second = `${good}      - uses: model-budget/model-budget@v1\n        with: { id: other }\n`;
    expect(levelsIn(second)).toEqual(['workflow: ok']);
    expect(findingsIn([good, forks]).map(({ id }) => id)).toEqual(['workflow-id']);
    const byMatrix = good.replace('    steps:', '    strategy: { matrix: { n: [a, b] } }\n    steps:');
    expect(levelsIn(`${byMatrix}        with: { id: '\${{ matrix.n }}' }\n`)).toEqual(['workflow: ok']);
  });

  test('other workflows are none of ours; no workflow needs the App', () => {
    expect(readWorkflow('on: push\njobs: {}', 'w.yml')).toBeUndefined();
    expect(readWorkflow('# model-budget\n- 5', 'w.yml')).toBeUndefined();
    expect(findingsIn([]).map(({ level }) => level)).toEqual(['warning']);
    expect(findingsIn([], { hasApp: true }).map(({ level }) => level)).toEqual(['ok']);
    expect(findingsIn([], { isRequired: true }).map(({ level }) => level)).toEqual(['error']);
  });

  test('one that is no YAML is told', async () => {
    repository.put('.github/workflows/x.yml', 'on: [model-budget');
    const { findings, exitCode } = await doctor();
    expect(one(findings, 'workflow-unreadable').message).toContain('`.github/workflows/x.yml`: ');
    expect(exitCode).toBe(1);
  });
});

describe('with GitHub to ask', () => {
  const app: AppIdentity = { slug: 'our-budgets', id: 4711, name: 'Our budgets' };
  const reads = workflowToken({ contents: 'read', pull_requests: 'read', checks: 'read' });
  let standIn: StandIn | undefined;

  afterEach(async () => {
    expect(standIn?.violations ?? []).toEqual([]);
    await standIn?.close();
    standIn = undefined;
  });

  /** The clone is the server's own repository. */
  async function connect(options: Partial<StandInOptions> = {}): Promise<StandIn> {
    repository.copy('cnn-residual.onnx', 'a.onnx');
    await run(['init', '--quiet']);
    repository.commit();
    repository.git('branch', 'change');
    standIn = await startStandIn({
      gitFolder: join(repository.folder, '.git'),
      repository: 'acme/detector',
      pullRequests: [{ number: 1, head: { ref: 'change' }, base: 'main' }],
      tokens: {
        reads,
        nothing: workflowToken({}),
        app: { kind: 'installation', app, permissions: { checks: 'write' } },
        actions: workflowToken({ checks: 'write' }),
      },
      ...options,
    });
    process.env.GITHUB_API_URL = standIn.apiUrl;
    process.env.GITHUB_TOKEN = 'reads';
    repository.git('remote', 'add', 'origin', `${standIn.serverUrl}/acme/detector.git`);
    return standIn;
  }

  async function makeCheck(token: string, name = 'model-budget'): Promise<void> {
    const answer = await fetch(`${standIn!.apiUrl}/repos/acme/detector/check-runs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ name, head_sha: repository.git('rev-parse', 'change') }),
    });
    expect(answer.status).toBe(201);
  }

  test('a check that nobody requires holds no merge', async () => {
    await connect();
    const { findings, levels, exitCode } = await doctor();
    expect(levels).toEqual([
      ...['required-check: warning', 'config: ok', 'models: ok', 'workflow: ok', 'repository: ok', 'merge-queue: ok'],
      'app: ok',
    ]);
    expect(one(findings, 'repository').message).toContain('public, its default branch is `main`');
    expect(exitCode).toBe(0);
  });

  test('a check from any source can be made by anybody', async () => {
    await connect({ rules: { protection: [{ context: 'model-budget' }], mergeQueue: true } });
    await makeCheck('actions');
    const { findings } = await doctor();
    expect(one(findings, 'required-check')).toMatchObject({ level: 'ok' });
    expect(one(findings, 'check-source')).toMatchObject({
      level: 'warning',
      lines: ['Required check model-budget, source: GitHub Actions'],
    });
    expect(one(findings, 'merge-queue').message).toContain('goes through a merge queue');
  });

  test('Action and App together: the App is to be pinned', async () => {
    await connect({ rules: { ruleset: [{ context: 'model-budget', appId: githubActions.id }] } });
    await makeCheck('actions');
    await makeCheck('app');
    await makeCheck('app', 'model-budgeting');
    const { findings } = await doctor();
    expect(one(findings, 'app').message).toContain('leaves the comment to the Action; pin the App');
    expect(one(findings, 'check-source')).toMatchObject({
      level: 'warning',
      lines: ['Required check model-budget, source: our-budgets'],
    });
  });

  test('the App pinned is as it should be; one that makes no check is not', async () => {
    await connect({
      rules: {
        ruleset: [{ context: 'model-budget', appId: app.id }],
        protection: [{ context: 'model-budget (edge)', appId: 99 }],
      },
    });
    await makeCheck('app');
    const { findings } = await doctor();
    const sources = findings.filter(({ id }) => id === 'check-source').map(({ level, message }) => [level, message]);
    expect(sources).toEqual([
      ['warning', expect.stringContaining('the App 99')],
      ['ok', '`model-budget` must come from `our-budgets`'],
    ]);
  });

  test('a token that may not know says what it lacks', async () => {
    await connect({ private: true });
    process.env.GITHUB_TOKEN = '';
    process.env.GH_TOKEN = 'nothing';
    const { findings, exitCode } = await doctor();
    expect(one(findings, 'required-check').message).toContain('the token lacks contents: read');
    expect(one(findings, 'app').message).toContain('the token lacks checks: read');
    expect(one(findings, 'private').level).toBe('ok');
    expect(exitCode).toBe(0);
    process.env.GH_TOKEN = 'of nobody';
    const refused = await doctor();
    expect(one(refused.findings, 'repository')).toMatchObject({ level: 'unknown' });
    expect(one(refused.findings, 'repository').message).toContain('401');
  });

  test('the Git LFS endpoint is asked for an object that the last commit names', async () => {
    const folder = join(repository.folder, '.git', 'objects-of-lfs');
    mkdirSync(folder);
    const content = 'an object';
    const oid = createHash('sha256').update(content).digest('hex');
    repository.put('.gitattributes', '*.tflite filter=lfs\n');
    repository.put('b.tflite', pointerText(oid, content.length));
    repository.git('add', '.gitattributes');
    const object = writeBlob(repository, pointerText(oid, content.length));
    repository.git('update-index', '--add', '--cacheinfo', `100644,${object},b.tflite`);
    repository.git('commit', '--quiet', '-m', 'pointer');
    await connect({ lfs: { folder } });
    const missing = await doctor();
    expect(one(missing.findings, 'lfs-endpoint')).toMatchObject({ level: 'error' });
    expect(missing.exitCode).toBe(1);
    writeFileSync(join(folder, oid), content);
    expect(one((await doctor()).findings, 'lfs-endpoint')).toMatchObject({ level: 'ok' });
  });
});

describe('whom to ask', () => {
  const token = { GITHUB_TOKEN: 't' };
  test.each([
    'https://github.com/acme/detector.git',
    'https://github.com/acme/detector',
    'https://user:secret@github.com/acme/detector.git/',
    'git@github.com:acme/detector.git',
    'ssh://git@github.com:22/acme/detector',
  ])('%s', (address) => {
    expect(remoteOf(address, token)).toMatchObject({
      repository: { owner: 'acme', repo: 'detector' },
      apiUrl: 'https://api.github.com',
      serverUrl: 'https://github.com',
    });
  });

  test('the token goes to no server that only the clone names', () => {
    expect(remoteOf('https://git.example/acme/detector', token)).toContain('GITHUB_API_URL=https://git.example/api/v3');
    expect(
      remoteOf('https://git.example/acme/detector', { ...token, GITHUB_API_URL: 'https://git.example/api/v3/' }),
    ).toMatchObject({
      apiUrl: 'https://git.example/api/v3',
      serverUrl: 'https://git.example',
    });
    expect(remoteOf('/srv/git/detector', token)).toContain('GITHUB_REPOSITORY');
    expect(remoteOf(undefined, { ...token, GITHUB_REPOSITORY: 'acme/detector' })).toMatchObject({
      repository: { owner: 'acme', repo: 'detector' },
    });
    expect(remoteOf('https://github.com/acme/detector', {})).toContain('set GITHUB_TOKEN');
  });
});
