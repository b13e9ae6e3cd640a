/**
 * Waivers as the check run keeps them, in the text of its output: a list for people, and the records in an HTML comment
 * behind it. What is read there may be anybody's, so it is taken whole or not at all.
 */
import { z } from 'zod';
import { budgetMetrics, type Waiver } from '../../compare/comparison.ts';
import { describeMetric, metricWords } from '../../report/metrics.ts';
import { heading, list, paragraph, type Block } from '../../report/page.ts';
import { joined, named, said, strong, type Phrase } from '../../report/phrase.ts';
import { printMarkdown } from '../../report/print-markdown.ts';
import { printQuantity } from '../../units.ts';
import { budgetRows } from '../../compare/budget.ts';
import { longestReason, longestTarget } from './acceptance.ts';

/** A waiver is given in one pull request and counts there. */
export interface WaiverRecord extends Waiver {
  readonly pullRequest: number;
}

export interface RecordSet {
  /** Pull requests of which all records are here; of others there may be some. */
  readonly pullRequests: readonly number[];
  readonly records: readonly WaiverRecord[];
}

/** More are refused when a waiver is given: select a model or a target. */
export const mostValues = 200;

/** GitHub takes 65,535 bytes. */
const maximumTextBytes = 60_000;
const mostPullRequests = 500;
const mostRecords = 500;
const longestPath = 4096;
const longestGlob = 256;

const number = z.int().positive();
const recordSchema = z.strictObject({
  pullRequest: number,
  id: z.string().regex(/^(comment-\d{1,20}|button-\d{1,20}(-[a-z-]{1,20})?)$/),
  who: z.string().regex(/^[A-Za-z0-9][\w-]{0,99}(\[bot\])?$/),
  when: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/),
  why: z.string().min(1).max(longestReason),
  until: z.string().regex(/^\d{4}-\d\d-\d\d$/),
  metric: z.enum(budgetMetrics),
  model: z.string().max(longestGlob).exactOptional(),
  target: z.string().max(longestTarget).exactOptional(),
  values: z
    .array(
      z.strictObject({
        model: z.string().max(longestPath),
        target: z.string().max(longestTarget),
        layer: z.string().max(longestGlob).exactOptional(),
        actual: z.number(),
      }),
    )
    .max(mostValues),
});
const setSchema = z.strictObject({
  pullRequests: z.array(number).max(mostPullRequests),
  records: z.array(recordSchema).max(mostRecords),
});

/** The comment is the last line, whole: a name that holds its text elsewhere forges nothing. */
const marker = /^<!-- model-budget-waivers:v1 (\{.*\}) -->$/;

export interface EncodedRecords {
  readonly text: string;
  /** The oldest, where there is no room for all; and what is no record. */
  readonly left: readonly WaiverRecord[];
}

/** False: it could not be read again, nor could any that are kept with it. */
export function isStorable(record: WaiverRecord): boolean {
  return recordSchema.safeParse(record).success;
}

export function encodeRecords({ pullRequests, records }: RecordSet): EncodedRecords {
  const sorted = records.toSorted((a, b) => (a.when < b.when ? -1 : a.when > b.when ? 1 : 0));
  let kept = sorted.filter(isStorable).slice(-mostRecords);
  const markerOf = () => printMarker({ pullRequests: pullRequests.slice(0, mostPullRequests), records: kept });
  while (kept.length > 0 && Buffer.byteLength(markerOf()) > maximumTextBytes) kept = kept.slice(1);
  const line = markerOf();
  const room = maximumTextBytes - Buffer.byteLength(line) - 2;
  const page = readablePage(kept, room);
  return { text: page === '' ? line : `${page}\n\n${line}`, left: sorted.filter((record) => !kept.includes(record)) };
}

/** Null: there are none, or they are not what this program wrote. */
export function decodeRecords(text: string): RecordSet | null {
  const last = text.trimEnd().split('\n').at(-1) ?? '';
  const [, written] = marker.exec(last) ?? [];
  if (written === undefined) return null;
  try {
    const { data } = setSchema.safeParse(JSON.parse(written));
    return data ?? null;
  } catch {
    return null;
  }
}

/** Nothing in it closes the HTML comment that it is in, or opens one. */
function printMarker(set: RecordSet): string {
  const json = JSON.stringify(set).replace(/[<>]|-(?=-)/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`);
  return `<!-- model-budget-waivers:v1 ${json} -->`;
}

/** The newest first; fewer of them where room is short. */
function readablePage(records: readonly WaiverRecord[], roomBytes: number): string {
  for (let shown = records.length; shown > 0; shown = Math.floor(shown / 2)) {
    const more = records.length - shown;
    const blocks: readonly Block[] = [
      heading(3, ['Waivers']),
      list(records.toReversed().slice(0, shown).map(recordPhrase)),
      ...(more === 0 ? [] : [paragraph(`… and ${more} more`)]),
    ];
    const page = printMarkdown(blocks);
    if (Buffer.byteLength(page) <= roomBytes) return page;
  }
  return '';
}

const namedValues = 5;

function recordPhrase(record: WaiverRecord): Phrase {
  const { quantity } = describeMetric(budgetRows[record.metric].key);
  const values = record.values.slice(0, namedValues).map(({ model, target, layer, actual }): Phrase => {
    const part: Phrase = layer === undefined ? [] : [named(layer, 40), ' in '];
    return [...part, named(model), ' on ', named(target), ` up to ${printQuantity(actual, quantity)}`];
  });
  const more = record.values.length - values.length;
  return [
    strong(metricWords(record.metric)),
    ' of ',
    ...joined(values, ', '),
    ...(more === 0 ? [] : [` and ${more} more`]),
    `, in pull request #${record.pullRequest}: accepted by `,
    ...[named(record.who), ' until ', named(record.until), ': ', said(record.why)],
  ];
}
