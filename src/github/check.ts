/** The check run: made first, and completed whatever happens in between. */
import { reasonOf, isRefused, statusOf, type GitHub } from './client.ts';
import type { Annotation } from './annotation.ts';
import { middleCut } from '../report/inert.ts';
import { countingFetch } from './transport.ts';

export interface CheckIdentity {
  readonly name: string;
  readonly headSha: string;
  /** Tells the check runs of this run from those of others, so that one whose making was not heard of is found. */
  readonly externalId: string;
  /** Where the log is; undefined outside of a workflow. */
  readonly detailsUrl?: string;
}

export interface Check extends CheckIdentity {
  /** Null: it could not be made (or the answer was lost). */
  readonly id: number | null;
  /** Slug of the App that the token belongs to: its comments are by `<slug>[bot]`. */
  readonly appSlug: string | null;
  /** The App's id, by which its check runs are known. */
  readonly appId: number | null;
  /** The token may not write checks. */
  readonly refused: boolean;
  /** No other check run of this run can be open: none was there, and the answer to its making came at once. */
  readonly isAlone?: boolean;
  /** Those of its name on its head before it was made, where they were listed. */
  readonly earlier?: CheckRuns | undefined;
}

/** Of every App with one name on one commit. */
export type CheckRuns = Awaited<ReturnType<typeof runsOf>>;

export type Conclusion = 'success' | 'neutral' | 'failure';

export interface CheckResult {
  readonly conclusion: Conclusion | 'cancelled';
  /** One line, plain. */
  readonly title: string;
  /** Markdown of at most 65,535 bytes. */
  readonly summary: string;
  /** Markdown of as many: what later runs have to know. */
  readonly text?: string | undefined;
  readonly annotations: readonly Annotation[];
  /** Buttons; for Apps that hear when one is pressed. At most three. */
  readonly actions?: readonly CheckAction[];
}

export interface CheckAction {
  /** What comes back when it is pressed; at most 20 characters. */
  readonly identifier: string;
  /** At most 20 characters. */
  readonly label: string;
  /** At most 40 characters. */
  readonly description: string;
}

/** What a branch protection asks for. */
export const checkName = 'model-budget';

/** `id`: of several invocations in one pull request. */
export function checkNameOf(id: string): string {
  return id === 'default' ? checkName : `${checkName} (${id})`;
}

/** The App of all workflows: any of them can write what looks like ours. */
export const sharedApp = 'github-actions';

/** GitHub counts bytes here, not characters. */
export const maximumSummaryBytes = 65_535;

const unfinished = {
  title: 'Compiling and simulating the changed models',
  summary: 'The result follows in this place.',
};

export async function createCheck(github: GitHub, identity: CheckIdentity): Promise<Check> {
  const { client, repository, log } = github;
  const counting = countingFetch();
  try {
    const { data } = await client.rest.checks.create({
      ...repository,
      ...parameters(identity),
      status: 'in_progress',
      output: unfinished,
      request: { fetch: counting.fetch },
    });
    const { slug = null, id: appId = null } = data.app ?? {};
    return { ...identity, id: data.id, appSlug: slug, appId, refused: false, isAlone: counting.tries() === 1 };
  } catch (error) {
    log(`the check run could not be made: ${reasonOf(error)}`);
    return { ...identity, id: null, appSlug: null, appId: null, refused: isRefused(error) };
  }
}

function parameters({ name, headSha, externalId, detailsUrl }: CheckIdentity) {
  return {
    name,
    head_sha: headSha,
    external_id: externalId,
    ...(detailsUrl === undefined ? {} : { details_url: detailsUrl }),
  };
}

/** A run that is killed leaves behind what the next ones have to know. Never throws. */
export async function keepInCheck({ client, repository, log }: GitHub, { id }: Check, text: string): Promise<void> {
  if (id === null) return;
  try {
    await client.rest.checks.update({ ...repository, check_run_id: id, output: { ...unfinished, text } });
  } catch (error) {
    log(`the check run could not be written to: ${reasonOf(error)}`);
  }
}

/** True when the check says `result`. Never throws: a failed write changes no verdict. */
export async function completeCheck(github: GitHub, check: Check, result: CheckResult): Promise<boolean> {
  if (check.refused) return false;
  const others = check.isAlone === true ? [] : await leftOpen(github, check);
  const ids = new Set([...(check.id === null ? [] : [check.id]), ...others]);
  const done = await Promise.all([...ids].map((id) => complete(github, id, result)));
  if (done.some(Boolean)) return true;
  // None was made, or it cannot be changed any more: a new one of the same name takes its place.
  return createCompleted(github, check, result);
}

/** Check runs that a lost answer left behind: ours by their id, and still open. */
async function leftOpen(github: GitHub, { headSha, name, externalId }: Check): Promise<readonly number[]> {
  try {
    const runs = await runsOf(github, headSha, name);
    return runs.filter((run) => run.external_id === externalId && run.status !== 'completed').map(({ id }) => id);
  } catch {
    return [];
  }
}

/** What the newest check run of that name says in full; undefined where it is this run's own, or not at its end. */
export async function completedSummary(
  github: GitHub,
  headSha: string,
  { id, name, appSlug }: Pick<Check, 'id' | 'name' | 'appSlug'>,
): Promise<string | undefined> {
  const runs = await runsOf(github, headSha, name);
  const [newest] = runs.filter(({ app }) => app?.slug === appSlug).sort((a, b) => b.id - a.id);
  if (newest === undefined || newest.id === id || newest.status !== 'completed') return undefined;
  return newest.output.summary ?? undefined;
}

/** The check that asks says what is known of its own head. */
type OwnRuns = Pick<Check, 'name' | 'appId' | 'earlier'> & { readonly headSha?: string };

/** Of the check's own App and name, the newest first. GitHub Actions' where nobody said which App this is. */
export async function ownRunsOf(github: GitHub, sha: string, { name, appId, ...known }: OwnRuns): Promise<CheckRuns> {
  if (known.earlier !== undefined && known.headSha === sha) return ownOf(known.earlier, { name, appId });
  const runs = await runsOf(github, sha, name).catch((error: unknown) => {
    // No such commit any more, or no permission: there is nothing to be found.
    if (isRefused(error) || statusOf(error) === 422) return [];
    throw error;
  });
  return ownOf(runs, { name, appId });
}

function ownOf(runs: CheckRuns, { name, appId }: Pick<Check, 'name' | 'appId'>): CheckRuns {
  const isOwn = (app: { readonly id: number; readonly slug?: string } | null): boolean =>
    appId === null ? app?.slug === sharedApp : app?.id === appId;
  return runs.filter(({ name: own, app }) => own === name && isOwn(app)).sort((a, b) => b.id - a.id);
}

/** Those of every App with this name on this commit. */
export async function runsOf({ client, repository }: GitHub, headSha: string, name: string) {
  const { data } = await client.rest.checks.listForRef({
    ...repository,
    ref: headSha,
    check_name: name,
    filter: 'all',
    per_page: 100,
  });
  return data.check_runs;
}

async function complete(github: GitHub, id: number, result: CheckResult): Promise<boolean> {
  const { client, repository } = github;
  return tell(github, result, (output) =>
    client.rest.checks.update({
      ...repository,
      check_run_id: id,
      status: 'completed',
      conclusion: result.conclusion,
      output,
      ...actionsOf(result),
    }),
  );
}

async function createCompleted(github: GitHub, check: Check, result: CheckResult): Promise<boolean> {
  const { client, repository } = github;
  return tell(github, result, (output) =>
    client.rest.checks.create({
      ...repository,
      ...parameters(check),
      status: 'completed',
      conclusion: result.conclusion,
      output,
      ...actionsOf(result),
    }),
  );
}

function actionsOf({ actions = [] }: CheckResult) {
  return actions.length === 0 ? {} : { actions: actions.map((action) => ({ ...action })) };
}

/** Whole, and where that is refused in a few words. */
async function tell(
  { log }: GitHub,
  result: CheckResult,
  write: (output: ReturnType<typeof outputOf> | ReturnType<typeof shortOutputOf>) => Promise<unknown>,
): Promise<boolean> {
  const short = shortOutputOf(result);
  const shorter = result.text === undefined ? [] : [{ ...short, text: result.text }];
  for (const output of [outputOf(result), ...shorter, short]) {
    try {
      await write(output);
      return true;
    } catch (error) {
      log(`the check run could not be completed: ${reasonOf(error)}`);
    }
  }
  return false;
}

/** As GitHub takes it. */
export function outputOf({ title, summary, text, annotations }: CheckResult) {
  return {
    title: middleCut(title, 255),
    summary,
    ...(text === undefined ? {} : { text }),
    ...(annotations.length === 0 ? {} : { annotations: [...annotations] }),
  };
}

/** What no limit of GitHub's refuses. */
function shortOutputOf({ title }: CheckResult) {
  const words = middleCut(title, 150);
  return { title: words, summary: `${words}. The whole report is in the job's summary.` };
}
