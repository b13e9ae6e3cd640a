/** A review of a pull request or of a merge group as the App makes it. */
import { defaultConfigPath } from '../config/record.ts';
import { isActionSetUp } from '../github/action-set-up.ts';
import { adoptCheck } from '../github/adopted-check.ts';
import { checkName } from '../github/check.ts';
import { reasonOf } from '../github/client.ts';
import { objectStore } from '../github/objects.ts';
import type { Reviewed } from '../github/outcome.ts';
import { headOf, livePullRequest, tipOf, type Subject } from '../github/range.ts';
import { runReview } from '../github/run.ts';
import type { SettingsInput } from '../github/settings.ts';
import { commitFiles } from '../github/tree.ts';
import type { WaiverRecord } from '../github/waivers/record.ts';
import { checkMark } from './finish-checks.ts';
import { jobOf, type Errand, type Job, type JobData } from './jobs.ts';
import { hasCompletedCheck } from './pull-requests.ts';
import { pageServer, pictureServer } from './picture-server.ts';
import { resultStore } from './result-store.ts';
import type { Performance } from './task.ts';

export type ReviewErrand = Extract<Errand, { kind: 'review' | 'merge-group' }>;

/** The App has the config where everybody has it. */
export const defaultInput: SettingsInput = { configPath: defaultConfigPath, targets: [] };

/** What it leads to. @throws where it should be tried again */
export async function reviewErrand(performance: Performance, errand: ReviewErrand): Promise<readonly Job[]> {
  if (errand.kind === 'merge-group') return reviewSubject(performance, errand, []);
  const { pullRequest, ...reason } = errand;
  return reviewPullRequest(performance, pullRequest, reason);
}

export interface ReviewReason {
  /** The head before the push. */
  readonly before?: string | null;
  /** The head that `before` came before. */
  readonly of?: string;
  /** Waivers that were given just now. */
  readonly given?: readonly WaiverRecord[];
  /** A completed check is enough. */
  readonly unlessChecked?: true;
}

/** As it is now; there may be nothing to review any more. What it leads to. @throws where it should be tried again */
export async function reviewPullRequest(
  performance: Performance,
  pullRequest: number,
  { before, of, given = [], unlessChecked }: ReviewReason,
): Promise<readonly Job[]> {
  const live = await livePullRequest(performance.github, pullRequest);
  if (live === null) throw new Error(`pull request #${pullRequest} cannot be read`);
  if (!live.isOpen) return [];
  const { github, surroundings } = performance;
  // A command came before it: budgets bind as they are now.
  github.tips?.clear();
  if (unlessChecked === true && (await hasCompletedCheck(github, surroundings.appId, live.headSha))) return [];
  // An event that came late tells of another head: that the pull request was new then means nothing now.
  const isSaid = before !== undefined && (before !== null || of === live.headSha);
  const facts = isSaid ? { ...live, before } : live;
  return reviewSubject(performance, { kind: 'pull-request', facts, live }, given);
}

async function reviewSubject(
  performance: Performance,
  subject: Subject,
  given: readonly WaiverRecord[],
): Promise<readonly Job[]> {
  const { github, surroundings, data, objects, isRepeated } = performance;
  const identity = { name: checkName, headSha: headOf(subject), externalId: checkMarkOf(subject) };
  const adopted = await adoptCheck(github, identity, surroundings.appId);
  // Where no check could be made nobody else says who writes here, and our comment would not be found.
  const check = { ...adopted, appId: surroundings.appId, appSlug: adopted.appSlug ?? surroundings.appSlug };
  const settings = await settingsFor(performance, subject);
  const { judged, isChecked, published } = await runReview(github, {
    ...{ subject, check, isRepeated, given },
    id: 'default',
    hasButtons: true,
    readSettings: () => settings,
    folder: objects,
    isPrivate: data.isPrivate,
    apiUrl: surroundings.apiUrl,
    quickChartHost: surroundings.quickChartHost,
    serve: pictureServer(surroundings),
    keepPage: pageServer(surroundings),
    isPageFirst: true,
    // What is done for a pull request is done in turn; only a lease in Redis may end before who holds it does.
    isOnlyWriter: surroundings.isOnlyProcess,
    results: resultStore(surroundings),
  });
  const leadsTo = reviewsOfFirst(data, judged.reviews);
  if (!isRepeated) return leadsTo;
  // Who may not write checks may not do so in a minute either; the comment says it all the same.
  if (!isChecked && !check.refused) throw new Error('the check could not be completed');
  if (published === null || published.comment?.kind === 'failed') throw new Error('the comment could not be written');
  return leadsTo;
}

/**
 * A head has one check, and several pull requests may have the head: their reviews run side by side, and one that began before
 * the other pull request was there may end last. So each leads to another review of the first of them, which takes its turn
 * there and knows all.
 */
function reviewsOfFirst(data: JobData, reviews: readonly Reviewed[]): readonly Job[] {
  const [own, ...others] = reviews.flatMap(({ range: { pullRequest, alike = [] } }) =>
    pullRequest === null ? [] : [pullRequest, ...alike],
  );
  const first = Math.min(...others);
  return own === undefined || own < first ? [] : [jobOf(data, { kind: 'review', pullRequest: first })];
}

/** Of several pull requests with one head each has a check run of its own: what one of them keeps there is not written over. */
function checkMarkOf(subject: Subject): string {
  return subject.kind === 'pull-request' ? `${checkMark} #${subject.facts.number}` : checkMark;
}

/** Where the Action is set up, too, the comment is left to it: two of them would say the same. */
async function settingsFor({ github, objects }: Performance, subject: Subject): Promise<SettingsInput> {
  const settings = defaultInput;
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
