/** The files of a range, what it changes in them, and the changed models. */
import { UserError } from '../errors.ts';
import { comparedChanges, pullRequestChanges, type ChangeList, type ChangeRange } from './changes.ts';
import type { GitHub } from './client.ts';
import { fetchModels, type FetchedModels, type Fetching, type WantedModels } from './models.ts';
import type { Range } from './range.ts';
import { commitFiles, type CommitFiles } from './tree.ts';

/** @param tip files of the base branch's tip, where somebody has them: mostly that is the merge base */
export function rangeFiles({ github }: { readonly github: GitHub }, range: Range, tip?: CommitFiles): ChangeRange {
  const { repository } = github;
  return {
    // Trees of the same commit are read once.
    base: tip?.commit === range.mergeBase ? tip : commitFiles(github, repository, range.mergeBase),
    head: commitFiles(github, repository, range.head.sha),
    compared: range.compared,
  };
}

export function changesOf({ github }: Fetching, range: Range, files: ChangeRange): Promise<ChangeList> {
  const { pullRequest, base, fileCount } = range;
  if (pullRequest === null) return comparedChanges(github, files);
  return pullRequestChanges(github, { number: pullRequest, baseRef: base.ref, fileCount }, files);
}

/** @throws UserError when it cannot be told which models changed. */
export async function changedModelsOf(fetching: Fetching, range: Range, wanted: WantedModels): Promise<FetchedModels> {
  const files = rangeFiles(fetching, range);
  const list = await changesOf(fetching, range, files);
  if ('problem' in list) throw new UserError(list.problem);
  return fetchModels(fetching, files, list.changes, wanted);
}
