/** A waiver given: by somebody who may, for numbers that were there to be seen, and for those alone. */
import { lastAllowedDay } from '../../compare/waiver.ts';
import type { BudgetMetric, BudgetResult } from '../../compare/comparison.ts';
import { pathGlob } from '../../glob.ts';
import { metricWords } from '../../report/metrics.ts';
import { joined, named, said, type Phrase } from '../../report/phrase.ts';
import type { ModelReport } from '../../report/report.ts';
import { ownRunsOf, type Check } from '../check.ts';
import type { GitHub } from '../client.ts';
import { failedTitle } from '../judged.ts';
import type { Reviewed } from '../outcome.ts';
import { isAtLeast, permissionOf } from '../permission.ts';
import type { RangeReview } from '../review-range.ts';
import type { Acceptance } from './acceptance.ts';
import { isStorable, mostValues, type WaiverRecord } from './record.ts';

export interface WaiverRequest {
  readonly acceptance: Acceptance;
  /** `comment-<id>`, or `button-<id>-<metric>` where a button of the check was pressed. */
  readonly id: `comment-${number}` | `button-${number}-${BudgetMetric}`;
  readonly login: string;
  /** ISO time of the comment, by GitHub's clock. */
  readonly at: string;
  readonly pullRequest: number;
  /** Of the live head, computed now. */
  readonly reviews: readonly Reviewed[];
  readonly check: Pick<Check, 'name' | 'appId'>;
}

export type GivenWaiver =
  | { readonly kind: 'given'; readonly record: WaiverRecord; readonly remarks: readonly Phrase[] }
  | { readonly kind: 'refused'; readonly refusal: Phrase };

/** Requests may fail; all else is a value. */
export async function giveWaiver(github: GitHub, request: WaiverRequest): Promise<GivenWaiver> {
  const refused = (...refusal: Phrase): GivenWaiver => ({ kind: 'refused', refusal });
  const own = request.reviews.find(({ range }) => isOf(request.pullRequest, range));
  if (own === undefined) return refused('This pull request was not reviewed');
  if ('problem' in own) return refused('The budgets cannot be read: ', said(own.problem));
  const { who, expiresDays } = own.settings.config.waivers;
  if (!isAtLeast(await permissionOf(github, request.login), who)) {
    return refused(
      named(request.login),
      ' may not accept: ',
      named('waivers.who'),
      ' asks for the permission ',
      named(who),
    );
  }
  if (!(await wereSeen(github, own.range.head.sha, request))) {
    return refused(
      ...['No finished check stood on the head ', named(own.range.head.sha.slice(0, 12)), ' when this was written: '],
      'the numbers are others by now. Look at them, and accept again',
    );
  }
  const broken = brokenBudgets(own);
  const values = distinct(broken.filter((one) => isMeant(one, request.acceptance)).map(valueOf));
  if (values.length === 0) return refused(...nothingToAccept(request.acceptance, broken));
  if (values.length > mostValues) {
    return refused(`That would accept ${values.length} values at once; name a model or a target`);
  }
  const end = endOf(request, expiresDays);
  if ('problem' in end) return refused(...end.problem);
  const record = recordOf(request, end.until, values);
  if (!isStorable(record)) return refused('A name in it is too long to be kept');
  return { kind: 'given', record, remarks: end.remarks };
}

function isOf(pullRequest: number, range: RangeReview['range']): boolean {
  return range.pullRequest === pullRequest || range.alike?.includes(pullRequest) === true;
}

/** Whoever accepts must have been able to see what: a run that showed numbers had ended on this head. */
async function wereSeen(github: GitHub, headSha: string, { check, at }: WaiverRequest): Promise<boolean> {
  const runs = await ownRunsOf(github, headSha, check);
  return runs.some(
    ({ conclusion, completed_at: end, output }) =>
      end !== null &&
      Date.parse(end) <= Date.parse(at) &&
      (conclusion === 'failure' || conclusion === 'success' || conclusion === 'neutral') &&
      output.title !== failedTitle,
  );
}

interface BrokenBudget {
  readonly model: ModelReport;
  /** In full, and as the config writes it. */
  readonly targets: readonly [string, ...string[]];
  readonly result: BudgetResult;
}

/** Those that were accepted before can be accepted again, until another day. */
function brokenBudgets({ report, settings }: RangeReview): readonly BrokenBudget[] {
  return report.models.flatMap((model) =>
    model.targets.flatMap(({ target, budgets }, index) => {
      const written = settings.config.targets[index]?.id;
      const targets = [target.id, ...(written === undefined ? [] : [written])] as const;
      return budgets
        .filter(({ verdict, waiver, actual }) => (verdict === 'fail' || waiver !== undefined) && actual !== null)
        .map((result) => ({ model, targets, result }));
    }),
  );
}

function isMeant({ model, targets, result }: BrokenBudget, { metric, ...selected }: Acceptance): boolean {
  if (result.metric !== metric) return false;
  if (selected.target !== undefined && !targets.includes(selected.target)) return false;
  if (selected.model === undefined) return true;
  const matches = pathGlob(selected.model);
  return [model.path, model.previousPath, model.name].some((name) => name !== undefined && matches(name));
}

function valueOf({ model, targets, result }: BrokenBudget): WaiverRecord['values'][number] {
  const { layer, actual } = result;
  return { model: model.path, target: targets[0], ...(layer === undefined ? {} : { layer }), actual: actual! };
}

const namedBudgets = 10;

function nothingToAccept({ metric }: Acceptance, broken: readonly BrokenBudget[]): Phrase {
  if (broken.length === 0) return ['No budget is exceeded: there is nothing to accept'];
  const each = broken.map(({ model, targets, result }): Phrase => {
    const layer: Phrase = result.layer === undefined ? [] : [named(result.layer, 40), ' in '];
    return [`${metricWords(result.metric)} of `, ...layer, named(model.path), ' on ', named(targets[0])];
  });
  const more = each.length > namedBudgets ? ` and ${each.length - namedBudgets} more` : '';
  const opening = `No budget of ${metricWords(metric)} that this names is exceeded. Exceeded: `;
  return [opening, ...joined(each.slice(0, namedBudgets), ', '), more];
}

interface End {
  readonly until: string;
  readonly remarks: readonly Phrase[];
}

function endOf({ acceptance, at }: WaiverRequest, expiresDays: number): End | { readonly problem: Phrase } {
  const latest = lastAllowedDay(at, expiresDays);
  const { until = latest } = acceptance;
  if (until <= at.slice(0, 10)) return { problem: [named(until), ' is not a day to come'] };
  if (until <= latest) return { until, remarks: [] };
  const remark: Phrase = ['It ends on ', named(latest), ': ', named('waivers.expires'), ` allows ${expiresDays} days`];
  return { until: latest, remarks: [remark] };
}

function recordOf(
  { acceptance, id, login, at, pullRequest }: WaiverRequest,
  until: string,
  values: WaiverRecord['values'],
): WaiverRecord {
  const { metric, model, target, why } = acceptance;
  return {
    ...{ pullRequest, id, who: login, when: at, why, until, metric },
    ...(model === undefined ? {} : { model }),
    ...(target === undefined ? {} : { target }),
    values,
  };
}

/** Several budgets may look at the same value. */
function distinct(values: WaiverRecord['values']): WaiverRecord['values'] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
