/** Records and check runs as earlier runs left them, on the stand-in. */
import type { Check } from '../../../src/github/check.ts';
import { encodeRecords, type WaiverRecord } from '../../../src/github/waivers/record.ts';
import { githubActions, type AppIdentity } from '../../stand-in/options.ts';
import { addComment, type CheckRun, type Comment, type World } from '../../stand-in/state.ts';

export const ownApp: AppIdentity = { slug: 'model-budget-acme', id: 4711, name: 'model-budget' };

export const modelPath = 'models/detector.onnx';
export const target = 'ethos-u55-256';

export const words = 'latency because the new camera needs it';

export function recordOf(changed: Partial<WaiverRecord> = {}): WaiverRecord {
  return {
    ...{ pullRequest: 1, id: 'comment-1', who: 'maintainer', when: '2026-03-01T10:00:00Z', until: '2026-03-31' },
    ...{ why: 'the new camera needs it', metric: 'latency', values: [{ model: modelPath, target, actual: 0.0033 }] },
    ...changed,
  };
}

export function textOf(records: readonly WaiverRecord[], pullRequests: readonly number[] = [1]): string {
  return encodeRecords({ pullRequests, records }).text;
}

/** By a person, who may be nobody in particular. */
export function comment(world: World, pullNumber: number, login: string, said = `/budget accept ${words}`): Comment {
  return addComment(world, pullNumber, { login, app: null }, said);
}

/** What is kept of a comment that was answered. */
export function recordOfComment(given: Comment, changed: Partial<WaiverRecord> = {}): WaiverRecord {
  const { id, pullNumber, author, createdAt } = given;
  const until = new Date(Date.parse(createdAt) + 20 * 86_400_000).toISOString().slice(0, 10);
  return recordOf({
    ...{ id: `comment-${id}`, pullRequest: pullNumber, who: author.login, when: createdAt, until },
    ...changed,
  });
}

export function addCheck(world: World, headSha: string, changed: Partial<CheckRun> = {}): CheckRun {
  const run: CheckRun = {
    ...{ id: world.nextId(), app: githubActions, headSha, name: 'model-budget' },
    ...{ status: 'completed', conclusion: 'failure', externalId: null, detailsUrl: null },
    ...{ startedAt: world.now(), completedAt: world.now(), title: 'A title', summary: 'A summary', text: null },
    ...{ images: [], actions: [], annotations: [], history: [] },
    ...changed,
  };
  world.state.checkRuns.push(run);
  return run;
}

/** This run's own check, as it was made. */
export function checkOf({ slug, id }: AppIdentity, headSha: string): Check {
  return { id: 1, name: 'model-budget', headSha, externalId: 'x', appSlug: slug, appId: id, refused: false };
}
