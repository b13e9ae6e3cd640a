/** A review of a pull request or of a merge group as the App makes it. */
import { defaultConfigPath } from '../config/record.ts';
import { isActionSetUp } from '../github/action-set-up.ts';
import { adoptCheck } from '../github/adopted-check.ts';
import { checkName } from '../github/check.ts';
import { reasonOf } from '../github/client.ts';
import { objectStore } from '../github/objects.ts';
import { headOf, livePullRequest, tipOf, type Subject } from '../github/range.ts';
import { runReview } from '../github/run.ts';
import type { SettingsInput } from '../github/settings.ts';
import { commitFiles } from '../github/tree.ts';
import { checkMark } from './finish-checks.ts';
import type { Errand } from './jobs.ts';
import { pictureServer } from './picture-server.ts';
import type { Performance } from './task.ts';

export type ReviewErrand = Extract<Errand, { kind: 'review' | 'merge-group' }>;

/** @throws where it should be tried again */
export async function reviewErrand(performance: Performance, errand: ReviewErrand): Promise<void> {
  const { github, surroundings, data, objects, isRepeated } = performance;
  const subject = await subjectOf(performance, errand);
  if (subject === null) return;
  const identity = { name: checkName, headSha: headOf(subject), externalId: checkMark };
  const check = await adoptCheck(github, identity, surroundings.appId);
  const settings = await settingsFor(performance, subject);
  const { isChecked, published } = await runReview(github, {
    ...{ subject, check, isRepeated },
    id: 'default',
    readSettings: () => settings,
    folder: objects,
    isPrivate: data.isPrivate,
    apiUrl: surroundings.apiUrl,
    quickChartHost: surroundings.quickChartHost,
    serve: pictureServer(surroundings),
  });
  if (!isRepeated) return;
  if (!isChecked) throw new Error('the check could not be completed');
  if (published === null || published.comment?.kind === 'failed') throw new Error('the comment could not be written');
}

/** As it is now; null: there is nothing to review any more. */
async function subjectOf({ github }: Performance, errand: ReviewErrand): Promise<Subject | null> {
  if (errand.kind === 'merge-group') return errand;
  const live = await livePullRequest(github, errand.pullRequest);
  if (live === null) throw new Error(`pull request #${errand.pullRequest} cannot be read`);
  const { before } = errand;
  const facts = before === undefined ? live : { ...live, before };
  return live.isOpen ? { kind: 'pull-request', facts } : null;
}

/** Where the Action is set up, too, the comment is left to it: two of them would say the same. */
async function settingsFor({ github, objects }: Performance, subject: Subject): Promise<SettingsInput> {
  const settings: SettingsInput = { configPath: defaultConfigPath, targets: [] };
  if (subject.kind !== 'pull-request') return settings;
  try {
    const tip = commitFiles(github, github.repository, await tipOf(github, subject.facts.baseRef));
    const isSetUp = await isActionSetUp({ github, store: objectStore(github, objects) }, tip);
    return isSetUp ? { ...settings, comment: 'never' } : settings;
  } catch (error) {
    github.log(`workflows cannot be looked at: ${reasonOf(error)}`);
    return settings;
  }
}
