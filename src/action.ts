/** The Action: one run of a workflow, from its event to the check, the comment, the outputs and the exit code. */
import { info, setFailed, warning } from '@actions/core';
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import packageDescription from '../package.json' with { type: 'json' };
import { readId, readInputs, readToken } from './action/inputs.ts';
import { readRunner, type Runner } from './action/runner.ts';
import { UserError } from './errors.ts';
import { objectCache } from './github/actions-cache.ts';
import { resultsServiceOf } from './github/actions-results.ts';
import { checkNameOf, completeCheck, createCheck, type Check, type CheckResult } from './github/check.ts';
import { createClient, type GitHub } from './github/client.ts';
import { failedResult, type Judged } from './github/judged.ts';
import type { StoreCache } from './github/objects.ts';
import { headOf, subjectOf, type Subject } from './github/range.ts';
import { runReview } from './github/run.ts';
import type { WaiverRecord } from './github/waivers/record.ts';
import { triggerOf, type WrittenComment } from './github/trigger.ts';
import { visibleSentence } from './report/inert.ts';

function connect(runner: Runner): GitHub {
  const token = readToken();
  const log = (line: string): void => info(visibleSentence(line));
  const userAgent = `model-budget/${packageDescription.version}`;
  const client = createClient({ apiUrl: runner.apiUrl, token, userAgent, log });
  return { client, repository: runner.repository, serverUrl: runner.serverUrl, token, log };
}

async function run(): Promise<number> {
  const runner = readRunner(process.env);
  try {
    return await answer(runner);
  } finally {
    rmSync(objectsFolder(runner), { recursive: true, force: true });
  }
}

/** Where models lie while the run needs them. */
function objectsFolder({ folder }: Runner): string {
  return join(folder, 'objects');
}

async function answer(runner: Runner): Promise<number> {
  const trigger = triggerOf(runner.event, runner.payload);
  if (trigger.kind === 'none') {
    info(`nothing to review: ${visibleSentence(trigger.reason)}`);
    return 0;
  }
  const github = connect(runner);
  if (trigger.kind === 'push') {
    const { warmCache } = await import('./action/warm.ts');
    await warmCache(github, trigger.headSha, objectsFolder(runner), readInputs().settings);
    return 0;
  }
  if (trigger.kind === 'command') return converse(runner, github, trigger);
  return reviewSubject(runner, { github, subject: await subjectOf(github, trigger) });
}

async function converse(runner: Runner, github: GitHub, comment: WrittenComment): Promise<number> {
  const { answerInJob } = await import('./action/command.ts');
  const { exitCode, again } = await answerInJob(github, comment, {
    ...{ id: readId() ?? 'default', input: readInputs().settings },
    ...{ folder: objectsFolder(runner), cache: cacheOf(github) },
  });
  if (again === null) return exitCode;
  const subject = await subjectOf(github, { kind: 'pull-request-number', number: again.pullRequest });
  return reviewSubject(runner, { github, subject, given: again.given });
}

function cacheOf({ log }: GitHub): StoreCache | undefined {
  const service = resultsServiceOf(process.env);
  return service === undefined ? undefined : objectCache(service, log);
}

interface Reviewing {
  readonly github: GitHub;
  readonly subject: Subject;
  /** Waivers that were given just now. */
  readonly given?: readonly WaiverRecord[];
}

async function reviewSubject(runner: Runner, { github, subject, given = [] }: Reviewing): Promise<number> {
  const id = readId() ?? 'default';
  const making = createCheck(github, {
    name: checkNameOf(id),
    headSha: headOf(subject),
    // Jobs of a matrix share all the rest.
    externalId: `${runner.runId}.${id}.${randomUUID()}`,
    ...(runner.runUrl === undefined ? {} : { detailsUrl: runner.runUrl }),
  });
  let kept: string | undefined;
  const ignoreCancel = onCancel(github, making, () => kept);
  const onKept = (text: string): void => void (kept = text);
  try {
    return await review({ runner, github, subject, given, check: await making, id, onKept });
  } finally {
    ignoreCancel();
  }
}

interface Run {
  readonly runner: Runner;
  readonly github: GitHub;
  readonly subject: Subject;
  readonly check: Check;
  readonly id: string;
  readonly given: readonly WaiverRecord[];
  readonly onKept: (text: string) => void;
}

async function review({ runner, github, subject, check, id, given, onKept }: Run): Promise<number> {
  const outcome = await runReview(github, {
    ...{ subject, check, id, given, onKept },
    readSettings: () => readInputs().settings,
    folder: objectsFolder(runner),
    cache: cacheOf(github),
    isPrivate: runner.isPrivate,
    apiUrl: runner.apiUrl,
    quickChartHost: process.env.MODEL_BUDGET_QUICKCHART_HOST,
    keepPage: async (pieces) => (await import('./action/report-page.ts')).keepPageOfJob(pieces, id, runner),
  });
  try {
    const { tellJob } = await import('./action/results.ts');
    await tellJob(outcome, { check, id, folder: runner.folder, isFork: runner.isFork });
  } catch (error) {
    // What could not be written changes no verdict.
    warning(`a part of the report could not be written: ${visibleSentence(String(error))}`);
  }
  const { judged } = outcome;
  if (judged.result.conclusion !== 'failure' || mayNotFail()) return 0;
  setFailed(wordsOf(judged));
  return 1;
}

/** Inputs that cannot be read are what failed. */
function mayNotFail(): boolean {
  try {
    return readInputs().failOn === 'never';
  } catch {
    return false;
  }
}

/** The line that the page of the run shows. */
function wordsOf({ result, reviews: [own], problem }: Judged): string {
  const reason = own !== undefined && 'problem' in own ? own.problem : problem;
  return reason === undefined ? result.title : visibleSentence(reason);
}

/** A cancelled job has a few seconds: enough to say so in the check. */
function onCancel(github: GitHub, making: Promise<Check>, kept: () => string | undefined): () => void {
  const complete = (): void => {
    const failed = failedResult(new UserError('the run was cancelled'), kept());
    const result: CheckResult = { ...failed, conclusion: 'cancelled' };
    void making.then((check) => completeCheck(github, check, result)).finally(() => process.exit(1));
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.once(signal, complete);
  return () => {
    for (const signal of signals) process.removeListener(signal, complete);
  };
}

try {
  process.exitCode = await run();
} catch (error) {
  const words =
    error instanceof UserError ? error.message : error instanceof Error ? (error.stack ?? '') : String(error);
  setFailed(visibleSentence(words));
}
