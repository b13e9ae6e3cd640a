/** The waivers of a run: what earlier runs kept of its pull requests, and which of it holds now. */
import type { Permission } from '../../config/record.ts';
import { sharedApp } from '../check.ts';
import { reasonOf, type GitHub } from '../client.ts';
import type { Range, Subject } from '../range.ts';
import { carriedRecords, type Carried, type OwnChecks, type PullRequestHead } from './carried.ts';
import { headsInGroup } from './merge-group.ts';
import { encodeRecords, type RecordSet, type WaiverRecord } from './record.ts';
import { verifyRecords, type Verified } from './verify.ts';

export interface WaiverReader {
  /** Kept of the subject itself, before anything else is known. */
  readonly ofSubject: (subject: Subject) => Promise<RecordSet>;
  /** Kept of all pull requests that the range stands for. */
  readonly ofRange: (range: Range, subject: Subject) => Promise<RecordSet>;
  readonly verified: (records: readonly WaiverRecord[], who: Permission) => Promise<Verified>;
}

export interface ReaderOptions extends OwnChecks {
  /** A waiver that was given just now, which no check holds yet. */
  readonly given?: readonly WaiverRecord[] | undefined;
}

/** Each pull request is asked for once. */
export function waiverReader(github: GitHub, { given = [], ...own }: ReaderOptions): WaiverReader {
  const carried = new Map<number, Promise<Carried>>();
  const carriedOf = (pull: PullRequestHead): Promise<Carried> => {
    const asked = carried.get(pull.number) ?? carriedRecords(github, pull, own);
    carried.set(pull.number, asked);
    return asked;
  };
  const setOf = async (pulls: readonly PullRequestHead[]): Promise<RecordSet> => {
    const each = [];
    for (const pull of pulls) each.push({ number: pull.number, ...(await carriedOf(pull)) });
    const known = each.filter(({ isKnown }) => isKnown).map(({ number }) => number);
    const fresh = given.filter(({ pullRequest }) => pulls.some(({ number }) => number === pullRequest));
    const kept = each.flatMap(({ records }) => records).filter((record) => !fresh.some(({ id }) => id === record.id));
    return { pullRequests: known, records: [...kept, ...fresh] };
  };
  return {
    ofSubject: (subject) => setOf(subject.kind === 'pull-request' ? [subject.facts] : []),
    ofRange: async (range, subject) => setOf(await pullRequestsOf(github, range, subject)),
    verified: (records, who) => verifyRecords(github, records, { who, buttonsCount: areButtonsOurs(own.check) }),
  };
}

function areButtonsOurs({ appId, appSlug }: OwnChecks['check']): boolean {
  return appId !== null && appSlug !== null && appSlug !== sharedApp;
}

async function pullRequestsOf(github: GitHub, range: Range, subject: Subject): Promise<readonly PullRequestHead[]> {
  if (subject.kind === 'merge-group') {
    return headsInGroup(github, subject).catch((error: unknown) => {
      github.log(`the pull requests of the merge group are not known, so that no waiver counts: ${reasonOf(error)}`);
      return [];
    });
  }
  const { facts } = subject;
  const numbers = [...(range.pullRequest === null ? [] : [range.pullRequest]), ...(range.alike ?? [])];
  return numbers.map((number) => (number === facts.number ? facts : { number, headSha: range.head.sha }));
}

/** What a check keeps for later runs; undefined where nobody knows what there is. */
export function keptText({ log }: GitHub, sets: readonly RecordSet[]): string | undefined {
  const pullRequests = [...new Set(sets.flatMap((set) => set.pullRequests))].sort((a, b) => a - b);
  const byId = new Map(sets.flatMap((set) => set.records).map((record) => [record.id, record]));
  if (pullRequests.length === 0 && byId.size === 0) return undefined;
  const { text, left } = encodeRecords({ pullRequests, records: [...byId.values()] });
  if (left.length > 0) log(`${left.length} old waivers have no room in the check run, and end here`);
  return text;
}
