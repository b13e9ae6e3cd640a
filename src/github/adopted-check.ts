/** The check of a run that may have died: whoever goes on with its work goes on with its check. */
import { createCheck, runsOf, type Check, type CheckIdentity } from './check.ts';
import { reasonOf, type GitHub } from './client.ts';

/** The check run on this head that this App left open, else a new one. One run at a time works on a head. */
export async function adoptCheck(github: GitHub, identity: CheckIdentity, appId: number): Promise<Check> {
  const left = await leftBy(github, identity, appId).catch((error: unknown) => {
    github.log(`check runs could not be listed: ${reasonOf(error)}`);
    return undefined;
  });
  return left === undefined ? createCheck(github, identity) : { ...identity, ...left, appId, refused: false };
}

async function leftBy(
  github: GitHub,
  { headSha, name, externalId }: CheckIdentity,
  appId: number,
): Promise<Pick<Check, 'id' | 'appSlug'> | undefined> {
  const runs = await runsOf(github, headSha, name);
  const [newest] = runs
    .filter((run) => run.app?.id === appId && run.external_id === externalId && run.status !== 'completed')
    .sort((a, b) => b.id - a.id);
  return newest === undefined ? undefined : { id: newest.id, appSlug: newest.app?.slug ?? null };
}
