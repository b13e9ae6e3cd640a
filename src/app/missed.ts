/** What webhooks did not bring: deliveries that failed, and pull requests whose check never came to an end. */
import type { Account, Delivery } from './account.ts';
import { jobOf, type Job } from './jobs.ts';

/** An event that three tries could not bring would not come with a fourth. */
const mostTries = 3;

/** Deliveries of the last hours to ask for again: of each event that never arrived the newest try. */
export function deliveriesToRepeat(deliveries: readonly Delivery[], now: number, hours: number): readonly number[] {
  const since = now - hours * 3_600_000;
  const recent = deliveries.filter(({ deliveredAt }) => Date.parse(deliveredAt) >= since);
  const byEvent = new Map<string, readonly Delivery[]>();
  for (const one of recent) byEvent.set(one.guid, [...(byEvent.get(one.guid) ?? []), one]);
  return [...byEvent.values()]
    .filter((tries) => tries.length < mostTries && !tries.some(({ isAnswered }) => isAnswered))
    .map((tries) => Math.max(...tries.map(({ id }) => id)));
}

/** A look at every repository that was pushed to in the last days. */
export async function sweepJobs(account: Account, now: number, days: number): Promise<readonly Job[]> {
  const since = now - days * 86_400_000;
  const jobs: Job[] = [];
  for (const installation of await account.installations()) {
    for (const { repository, isPrivate, pushedAt } of await account.repositories(installation)) {
      if (pushedAt === null || Date.parse(pushedAt) < since) continue;
      jobs.push(jobOf({ installation, repository, isPrivate }, { kind: 'sweep', days }));
    }
  }
  return jobs;
}
