/** What `doctor` finds in workflows that run the Action. */
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Surroundings } from '../../src/cli/doctor/surroundings.ts';
import { readWorkflow } from '../../src/cli/doctor/workflow.ts';
import { workflowFindings } from '../../src/cli/doctor/workflow-findings.ts';
import { workflowText } from '../../src/cli/init/workflow-text.ts';

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
});
