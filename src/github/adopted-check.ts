/** The check of a run that may have died: whoever goes on with its work goes on with its check. */
import { createCheck, runsOf, type Check, type CheckIdentity, type CheckRuns } from './check.ts';
import { reasonOf, type GitHub } from './client.ts';

/** The check run on this head that this App left open, else a new one. Of one pull request one run at a time is at work. */
export async function adoptCheck(github: GitHub, identity: CheckIdentity, appId: number): Promise<Check> {
  const earlier = await runsOf(github, identity.headSha, identity.name).catch((error: unknown) => {
    github.log(`check runs could not be listed: ${reasonOf(error)}`);
    return undefined;
  });
  const left = earlier === undefined ? undefined : newestOpen(earlier, identity, appId);
  if (left !== undefined) {
    const appSlug = left.app?.slug ?? null;
    return { ...identity, id: left.id, appSlug, appId, refused: false, earlier };
  }
  // Not alone for sure: what a run that died has made may not be listed yet, so others are looked for at the end.
  const { isAlone: _, ...made } = await createCheck(github, identity);
  return { ...made, earlier };
}

function newestOpen(runs: CheckRuns, { externalId }: CheckIdentity, appId: number): CheckRuns[number] | undefined {
  return runs
    .filter((run) => run.app?.id === appId && run.external_id === externalId && run.status !== 'completed')
    .sort((a, b) => b.id - a.id)[0];
}
