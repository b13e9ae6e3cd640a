/** Branches that merged each other have several merge bases. One is taken, and everything that a review says is of that one. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { judge } from '../../src/github/judge.ts';
import { livePullRequest } from '../../src/github/range.ts';
import type { Report } from '../../src/report/report.ts';
import { configPath, fixture, modelPath, tightConfig } from '../action/scenario.ts';
import { objectOf } from '../stand-in/git.ts';
import { makeGitRepository, type GitRepository } from '../stand-in/git-repository.ts';
import { workflowToken } from '../stand-in/options.ts';
import { startStandIn } from '../stand-in/stand-in.ts';
import { connect, temporaryFolder } from './connection.ts';

const timeout = 120_000;

interface Crossed {
  readonly repository: GitRepository;
  /** The merge base that git names first, in which the model is the head's, and the other one, in which it is an older one. */
  readonly first: string;
  readonly other: string;
  readonly head: string;
}

/** `main` merged `change` when it had a new model, `change` merged `main` before that. */
function crossed(): Crossed {
  const repository = makeGitRepository();
  onTestFinished(() => repository.remove());
  const { git, commit } = repository;
  const text = (...args: readonly string[]) =>
    git([...args])
      .toString()
      .trim();
  const root = commit('main', { [modelPath]: fixture('detector-nearest'), [configPath]: tightConfig });
  const onMain = commit('main', { 'README.md': 'words' });
  const onChange = commit('change', { [modelPath]: fixture('detector-cubic') }, { from: root });
  // Both merges hold the same files.
  const tree = `${commit('merged', { [modelPath]: fixture('detector-cubic') }, { from: onMain })}^{tree}`;
  const merge = (branch: string, one: string, two: string): void => {
    const identity = ['-c', 'user.name=t', '-c', 'user.email=t@localhost'];
    repository.reset(branch, text(...identity, 'commit-tree', tree, '-p', one, '-p', two, '-m', 'Merge'));
  };
  merge('main', onMain, onChange);
  merge('change', onChange, onMain);
  const head = commit('change', { 'docs.md': 'more' });
  expect(text('merge-base', '--all', 'main', 'change').split('\n')).toEqual([onChange, onMain]);
  return { repository, first: onChange, other: onMain, head };
}

/** As a workflow or the App reviews it, where GitHub names this merge base. */
async function reviewed({ repository, first, head }: Crossed, named: string): Promise<Report> {
  const standIn = await startStandIn({
    gitFolder: repository.folder,
    repository: 'acme/detector',
    pullRequests: [{ number: 7, head: { ref: 'change' }, base: 'main' }],
    tokens: { 'a-token': workflowToken({ contents: 'read', pull_requests: 'read' }) },
  });
  onTestFinished(() => standIn.close());
  const { github } = connect({ apiUrl: standIn.apiUrl, serverUrl: standIn.serverUrl });
  const tip = objectOf(repository.git, 'refs/heads/main', 'commit');
  // What parts from an ancestor parts there: the answer is the one that GitHub would give, had it taken that one.
  github.client.hook.before('request', (options) => {
    if (named !== first && options.basehead === `${tip}...${head}`) options.basehead = `${named}...${head}`;
  });
  const live = (await livePullRequest(github, 7))!;
  const settings = { configPath, targets: [] };
  const subject = { kind: 'pull-request', facts: live, live } as const;
  const [own] = await judge(github, subject, { settings, folder: temporaryFolder() });
  expect(standIn.violations).toEqual([]);
  if (own === undefined || 'problem' in own) throw new Error(own?.problem);
  return own.report;
}

/** As the command line reviews it in a clone. */
async function diffed({ repository }: Crossed, ...range: readonly string[]): Promise<Report> {
  const folder = temporaryFolder();
  execFileSync('git', ['clone', '--quiet', '--branch', 'change', repository.folder, folder]);
  execFileSync('git', ['branch', '--quiet', 'main', 'origin/main'], { cwd: folder });
  const start = process.cwd();
  process.chdir(folder);
  try {
    await run(['diff', ...range, '--format', 'json', '--output', '.git/report', '--quiet']);
    return JSON.parse(readFileSync(join(folder, '.git/report'), 'utf8')) as Report;
  } finally {
    process.chdir(start);
  }
}

/** What it is of, and what it found. */
const said = ({ base, verdict, models }: Report) => ({
  ...{ mergeBase: base.mergeBase, verdict },
  models: models.map(({ path, status, targets }) => ({
    ...{ path, status },
    budgets: targets.flatMap(({ budgets }) => budgets.map(({ metric, actual, verdict: one }) => [metric, actual, one])),
  })),
});

test('git and GitHub take the same one, and so do the surfaces', { timeout }, async () => {
  const given = crossed();
  const onGitHub = said(await reviewed(given, given.first));
  expect(onGitHub).toMatchObject({ mergeBase: given.first, verdict: 'pass', models: [] });
  expect(said(await diffed(given, 'main...change'))).toEqual(onGitHub);
});

test('where GitHub names another one, models, verdict and words are of that one', { timeout }, async () => {
  const given = crossed();
  const onGitHub = said(await reviewed(given, given.other));
  expect(onGitHub).toMatchObject({ mergeBase: given.other, verdict: 'fail', models: [{ path: modelPath }] });
  // The report names it, and so does whoever wants the same on the command line.
  expect(said(await diffed(given, given.other, 'change'))).toEqual({ ...onGitHub, mergeBase: null });
});
