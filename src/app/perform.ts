/** One job, in a thread of its own: what an errand comes to on GitHub. */
import { LRUCache } from 'lru-cache';
import { randomUUID } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createClient, isForbidden, reasonOf, watchFailures, type GitHub } from '../github/client.ts';
import { pullRequestsWithHead } from '../github/range.ts';
import type { Tree } from '../github/tree-entry.ts';
import { visibleSentence } from '../report/inert.ts';
import { conversationErrand, type ButtonErrand } from './conversation-errand.ts';
import { finishChecks } from './finish-checks.ts';
import { jobOf, type Errand, type Job } from './jobs.ts';
import { pullRequestsInto, uncheckedPullRequests } from './pull-requests.ts';
import { reviewErrand } from './review-errand.ts';
import type { Performance, Task, TaskResult } from './task.ts';
import { userAgent } from './user-agent.ts';

/** @throws where the job should come again */
export async function perform(task: Task, log: (line: string) => void): Promise<TaskResult> {
  const github = connect(task, log);
  if (task.givenUp !== undefined) {
    await finishChecks(github, task, task.givenUp);
    return { jobs: [] };
  }
  // Made by who fetches something.
  const objects = join(task.folder, `objects-${randomUUID()}`);
  try {
    return { jobs: await performErrand({ ...task, github, objects }, task.data.errand) };
  } finally {
    if (existsSync(objects)) rmSync(objects, { recursive: true, force: true });
  }
}

/** Of all jobs of this thread; counted in entries, some 30 MB. */
const trees = new LRUCache<string, Tree>({ maxSize: 100_000, sizeCalculation: ({ entries }) => 1 + entries.length });

/** The same for configs and target files; counted in characters. */
const texts = new LRUCache<string, string>({ maxSize: 16 * 1024 * 1024, sizeCalculation: ({ length }) => 1 + length });

function connect({ data, token, surroundings }: Task, log: (line: string) => void): GitHub {
  const { apiUrl, serverUrl } = surroundings;
  const line = (text: string): void => log(visibleSentence(text));
  const client = createClient({
    ...{ apiUrl, token, log: line },
    userAgent: userAgent(),
    account: String(data.installation),
  });
  return {
    ...{ client, repository: data.repository, serverUrl, token, log: line, trees, texts },
    tips: new Map(),
    ...watchFailures(client),
  };
}

async function performErrand(performance: Performance, errand: Errand): Promise<readonly Job[]> {
  const { github } = performance;
  switch (errand.kind) {
    case 'review':
    case 'merge-group':
      return reviewErrand(performance, errand);
    case 'button':
      if (errand.pullRequest === undefined) return inTurn(performance, errand);
      return conversationErrand(performance, errand);
    case 'command':
      return conversationErrand(performance, errand);
    case 'head':
      return reviews(performance, await firstWithHead(github, errand.headSha));
    case 'base':
      return reviews(performance, await pullRequestsInto(github, errand.branch));
    case 'sweep':
      return sweep(performance, errand.days);
  }
}

async function sweep({ github, data, surroundings }: Performance, days: number): Promise<readonly Job[]> {
  try {
    const unchecked = await uncheckedPullRequests(github, surroundings.appId, days);
    return unchecked.map((pullRequest) => jobOf(data, { kind: 'review', pullRequest, unlessChecked: true }));
  } catch (error) {
    // Who may not do this now may not do it in a minute either, and a permission that is given comes with an event.
    if (!isForbidden(error)) throw error;
    github.log(`this repository is not looked through for missed events: ${reasonOf(error)}`);
    return [];
  }
}

/** What a button leads to is written where reviews and commands of its pull request write, too: one after another. */
async function inTurn({ github, data }: Performance, errand: ButtonErrand): Promise<readonly Job[]> {
  const found = await firstWithHead(github, errand.headSha);
  if (found.length === 0) {
    github.log(`nothing to answer: ${errand.headSha.slice(0, 12)} is the head of no open pull request any more`);
  }
  return found.map((pullRequest) => jobOf(data, { ...errand, pullRequest }));
}

function reviews({ data }: Task, pullRequests: readonly number[]): readonly Job[] {
  return pullRequests.map((pullRequest) => jobOf(data, { kind: 'review', pullRequest }));
}

/** One review looks at all pull requests with the head, so the first is enough. */
async function firstWithHead(github: GitHub, headSha: string): Promise<readonly number[]> {
  const found = await pullRequestsWithHead(github, headSha);
  return found.slice(0, 1).map(({ number }) => number);
}
