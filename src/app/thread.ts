/** Where a job runs: a thread of its own, since a simulation takes seconds in which nothing else of the thread runs. */
import { threadLogger } from './log.ts';
import { perform } from './perform.ts';
import type { Task, TaskResult } from './task.ts';

export async function runTask(task: Task): Promise<TaskResult> {
  const { repository, errand } = task.data;
  const log = threadLogger().child({
    repository: `${repository.owner}/${repository.repo}`,
    job: errand.kind,
    ...('pullRequest' in errand ? { pullRequest: errand.pullRequest } : {}),
  });
  return perform(task, (line) => log.info(line));
}
