/** A repository on the stand-in, a change of a model in it, and runs of the built Action over it, as a runner makes them. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type TestContext } from 'vitest';
import { pullRequestEvent, type WorkflowEvent } from '../stand-in/events.ts';
import { makeGitRepository, type Changes, type GitRepository } from '../stand-in/git-repository.ts';
import { workflowToken, type StandInOptions, type Token } from '../stand-in/options.ts';
import { runAction, type ActionRun } from '../stand-in/run-action.ts';
import { runnerEnvironment } from '../stand-in/runner.ts';
import { startStandIn, type StandIn } from '../stand-in/stand-in.ts';
import type { CheckRun, Comment } from '../stand-in/state.ts';

const root = join(import.meta.dirname, '..', '..');

/** Path of the Node.js that runs the Action; the one of the tests by default. */
const actionNode = process.env.ACTION_NODE === undefined ? undefined : [process.env.ACTION_NODE];

export const repositoryName = 'acme/detector';
export const modelPath = 'models/detector.onnx';
export const configPath = '.github/model-budget.yml';

export function fixture(name: string): Buffer {
  return readFileSync(join(root, 'fixtures', 'models', `${name}.onnx`));
}

/** The detector of the fixtures costs 457 µs with a nearest Resize and 2.2 ms with a cubic one, which falls back. */
export const tightConfig = `version: 1
targets: [ethos-u55-256]
budgets:
  - { metric: size, max: 5 MB }
  - { metric: latency, max: 1 ms }
`;

/** What the cubic detector meets. */
export const looseConfig = tightConfig.replace('1 ms', '100 ms');

/** Fewer writes, so fewer of the pauses between them. */
export const withoutPictures = { charts: 'text' };

/** What a workflow with the permissions of the quick start has. */
export const quickStartToken = workflowToken({ contents: 'read', pull_requests: 'write', checks: 'write' });

export interface Scenario {
  readonly repository: GitRepository;
  readonly standIn: StandIn;
  /** Opens as `opened` where no event is given. */
  readonly run: (options?: RunOptions) => Promise<ActionRun>;
  readonly comments: () => readonly Comment[];
  readonly checks: () => readonly CheckRun[];
  readonly headSha: () => string;
}

export interface RunOptions {
  readonly event?: WorkflowEvent;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly script?: string;
  readonly runId?: number;
  readonly cancelled?: Promise<void>;
}

export interface ScenarioOptions extends Partial<Omit<StandInOptions, 'gitFolder' | 'repository'>> {
  readonly token?: Token;
  readonly base?: Changes;
  readonly change?: Changes;
}

export type ChangeOptions = Omit<ScenarioOptions, 'token'> & Partial<StandInOptions>;

/** `main` holds a detector and a config that its change breaks, which is pull request 7. */
export async function startWithChange({ base, change, ...standInOptions }: ChangeOptions) {
  const repository = makeGitRepository();
  repository.commit('main', base ?? { [modelPath]: fixture('detector-nearest'), [configPath]: tightConfig });
  repository.commit('change', change ?? { [modelPath]: fixture('detector-cubic') }, { from: 'main' });
  const standIn = await startStandIn({
    pullRequests: [{ number: 7, head: { ref: 'change' }, base: 'main' }],
    ...standInOptions,
    ...{ gitFolder: repository.folder, repository: repositoryName },
  });
  return { repository, standIn };
}

/** `onTestFinished` is the test's own: tests run beside one another. */
export async function scenario(
  onTestFinished: TestContext['onTestFinished'],
  options: ScenarioOptions = {},
): Promise<Scenario> {
  const { token = quickStartToken, ...others } = options;
  const { repository, standIn } = await startWithChange({ tokens: { token }, ...others });
  const folder = mkdtempSync(join(tmpdir(), 'model-budget-action-'));
  onTestFinished(async () => {
    await standIn.close();
    repository.remove();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    repository,
    standIn,
    run: (run = {}) => runBuilt(standIn, mkdtempSync(join(folder, 'run-')), run),
    comments: () => [...standIn.state.comments],
    checks: () => [...standIn.state.checkRuns],
    headSha: () => standIn.world.git(['rev-parse', 'refs/heads/change']).toString().trim(),
  };
}

export function runBuilt(standIn: StandIn, folder: string, run: RunOptions): Promise<ActionRun> {
  const environment = runnerEnvironment(standIn.world, {
    folder,
    event: run.event ?? pullRequestEvent(standIn.world, 7, { action: 'opened' }),
    token: 'token',
    inputs: run.inputs ?? {},
    actionFile: join(root, 'action.yml'),
    ...(run.runId === undefined ? {} : { runId: run.runId }),
  });
  return runAction({
    script: run.script ?? join(root, 'dist', 'index.js'),
    environment: { ...environment, ...run.environment },
    ...(actionNode === undefined ? {} : { node: actionNode }),
    ...(run.cancelled === undefined ? {} : { cancelled: run.cancelled }),
  });
}

/** What must hold after every run, whatever went wrong: no open check, one comment at most, only valid calls. */
export function expectSound({ standIn, comments, checks }: Scenario): void {
  expect(standIn.violations).toEqual([]);
  expect(checks().filter(({ status }) => status !== 'completed')).toEqual([]);
  expect(comments().filter(({ body, author }) => author.app !== null && body.includes('model-budget:v1'))).toHaveLength(
    Math.min(1, comments().length),
  );
}
