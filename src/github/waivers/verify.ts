/** Whether what was kept of a waiver still holds: each is asked for again, since others can write what we read. */
import type { Waiver } from '../../compare/comparison.ts';
import type { Permission } from '../../config/record.ts';
import { metricWords } from '../../report/metrics.ts';
import { reasonOf, statusOf, type GitHub } from '../client.ts';
import { isAtLeast, permissionOf } from '../permission.ts';
import { acceptanceIn, isSameAcceptance, type Acceptance } from './acceptance.ts';
import type { WaiverRecord } from './record.ts';

export interface Verified {
  /** They count as long as numbers and date allow it. */
  readonly waivers: readonly Waiver[];
  /** Those, and the ones of which GitHub did not say whether they hold. */
  readonly records: readonly WaiverRecord[];
  /** Why others do not count any more; one sentence each. */
  readonly notes: readonly string[];
}

export interface Rule {
  /** The config's `waivers.who`. */
  readonly who: Permission;
  /** False where everybody's workflows can write as we do: nothing but the record itself says that a button was pressed. */
  readonly buttonsCount: boolean;
}

export async function verifyRecords(github: GitHub, records: readonly WaiverRecord[], rule: Rule): Promise<Verified> {
  const permissions = new Map<string, Promise<Permission | null>>();
  const permissionNow = (login: string): Promise<Permission | null> => {
    const asked = permissions.get(login) ?? permissionOf(github, login);
    permissions.set(login, asked);
    return asked;
  };
  const verified: { -readonly [Key in keyof Verified]: Verified[Key][number][] } = {
    ...{ waivers: [], records: [], notes: [] },
  };
  for (const record of records) {
    const trouble = await troubleOf(github, record, { ...rule, permissionNow });
    if (trouble?.isFinal !== true) verified.records.push(record);
    if (trouble === null) verified.waivers.push(waiverOf(record));
    else verified.notes.push(noteOn(record, trouble));
  }
  for (const note of verified.notes) github.log(note);
  return verified;
}

function waiverOf({ pullRequest: _, ...waiver }: WaiverRecord): Waiver {
  return waiver;
}

function noteOn({ metric, who }: WaiverRecord, { words, isFinal }: Trouble): string {
  const fate = isFinal ? 'no longer counts' : 'does not count in this run';
  return `A waiver of ${metricWords(metric)} by \`${who}\` ${fate}: ${words}`;
}

interface Trouble {
  readonly words: string;
  /** False: GitHub did not answer, so that a later run has to ask again. */
  readonly isFinal: boolean;
}

interface Asking extends Rule {
  readonly permissionNow: (login: string) => Promise<Permission | null>;
}

async function troubleOf(github: GitHub, record: WaiverRecord, asking: Asking): Promise<Trouble | null> {
  try {
    const words = (await originTrouble(github, record, asking)) ?? (await roleTrouble(record, asking));
    return words === null ? null : { words, isFinal: true };
  } catch (error) {
    return { words: `GitHub does not say whether it still holds (${reasonOf(error)})`, isFinal: false };
  }
}

async function originTrouble(github: GitHub, record: WaiverRecord, { buttonsCount }: Asking): Promise<string | null> {
  const [origin, id] = record.id.split('-');
  if (origin === 'comment') return commentTrouble(github, record, Number(id));
  return buttonsCount ? null : 'it was given by a button, which a workflow does not have';
}

async function roleTrouble({ who }: WaiverRecord, { who: needed, permissionNow }: Asking): Promise<string | null> {
  const permission = await permissionNow(who);
  return isAtLeast(permission, needed) ? null : `\`waivers.who\` asks for the permission "${needed}"`;
}

/** The comment is there as it was written, and says what the record says. */
async function commentTrouble(github: GitHub, record: WaiverRecord, id: number): Promise<string | null> {
  const comment = await commentNumbered(github, id);
  if (comment === null) return 'the comment was deleted';
  if (comment.issueNumber !== record.pullRequest) return 'the comment is on another pull request';
  if (comment.login !== record.who) return 'the comment is by somebody else';
  if (comment.createdAt !== comment.updatedAt) return 'the comment was edited';
  const acceptance = acceptanceIn(comment.body);
  if (acceptance === null || !isSameAcceptance(acceptance, acceptedBy(record, acceptance)))
    return 'the comment does not say it';
  return comment.createdAt === record.when ? null : 'the comment is of another time';
}

/** A record ends no later than its comment wished; where that wished nothing, any day is the record's own. */
function acceptedBy(record: WaiverRecord, { until }: Acceptance): Acceptance {
  const { metric, model, target, why } = record;
  const end = until !== undefined && record.until <= until ? until : record.until;
  return {
    ...{ metric, why },
    ...(model === undefined ? {} : { model }),
    ...(target === undefined ? {} : { target }),
    ...(until === undefined ? {} : { until: end }),
  };
}

interface AnsweredComment {
  readonly body: string;
  readonly login: string | undefined;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly issueNumber: number;
}

/** Null where it is not there any more. */
async function commentNumbered({ client, repository }: GitHub, id: number): Promise<AnsweredComment | null> {
  try {
    const { data } = await client.rest.issues.getComment({ ...repository, comment_id: id });
    return {
      body: data.body ?? '',
      login: data.user?.login,
      createdAt: data.created_at,
      updatedAt: data.updated_at,
      issueNumber: Number(data.issue_url.split('/').at(-1)),
    };
  } catch (error) {
    if (statusOf(error) === 404 || statusOf(error) === 410) return null;
    throw error;
  }
}
