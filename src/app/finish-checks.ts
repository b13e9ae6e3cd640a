/** The end of a job that was given up: whoever waits for its check is told. */
import { UserError } from '../errors.ts';
import { checkName, completeCheck, runsOf } from '../github/check.ts';
import type { GitHub } from '../github/client.ts';
import { failedResult } from '../github/judged.ts';
import { livePullRequest } from '../github/range.ts';
import type { Task } from './task.ts';

/** What tells the check runs of the App's jobs from others. */
export const checkMark = 'model-budget-app';

/** @throws where GitHub does not answer: the end of a job is tried again, too. */
export async function finishChecks(github: GitHub, { data, surroundings }: Task, reason: string): Promise<void> {
  const headSha = await headOf(github, data.errand);
  if (headSha === null) return;
  const runs = await runsOf(github, headSha, checkName);
  const open = runs.filter(({ app, status }) => app?.id === surroundings.appId && status !== 'completed');
  for (const { id, app, output } of open) {
    const own = { appSlug: app?.slug ?? null, appId: surroundings.appId, refused: false };
    const check = { name: checkName, headSha, externalId: checkMark, id, ...own };
    // What the job had kept there is there for the next one.
    const isDone = await completeCheck(github, check, failedResult(new UserError(reason), output.text ?? undefined));
    if (!isDone) throw new Error(`the check run ${id} could not be completed`);
  }
}

async function headOf(github: GitHub, errand: Task['data']['errand']): Promise<string | null> {
  if ('headSha' in errand) return errand.headSha;
  if (!('pullRequest' in errand)) return null;
  return (await livePullRequest(github, errand.pullRequest))?.headSha ?? null;
}
