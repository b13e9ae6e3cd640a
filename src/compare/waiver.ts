/**
 * Accepted breaches. A waiver is bound to the values that it was given for and to a date: it lapses when the numbers
 * get worse, or at the earlier of its own end and what the config allows.
 */
import { worstVerdict } from './budget.ts';
import type { BudgetResult, WaivedValue, Waiver } from './comparison.ts';

export interface WaivedModel {
  readonly path: string;
  readonly previousPath?: string;
  /** Ids that the target goes by: as the config writes it, and in full. */
  readonly target: readonly string[];
  /** ISO date; null: no waiver can be judged. */
  readonly evaluatedOn: string | null;
  /** How long a waiver may last from the day it was given. */
  readonly expiresDays: number;
}

const millisecondsPerDay = 86_400_000;

/** The last day of a waiver given at `when` that the config allows, as ISO date; empty where `when` is no time. */
export function lastAllowedDay(when: string, expiresDays: number): string {
  const given = Date.parse(when);
  const day = new Date(given + expiresDays * millisecondsPerDay);
  return Number.isNaN(day.getTime()) ? '' : day.toISOString().slice(0, 10);
}

/**
 * Failed limits that a waiver covers become `waived`, and what is left decides; of several waivers the last one given
 * counts. Values are compared exactly: the same version computes the same ones, and another version's are other numbers.
 */
export function applyWaivers(
  results: readonly BudgetResult[],
  waivers: readonly Waiver[],
  model: WaivedModel,
): readonly BudgetResult[] {
  const { evaluatedOn } = model;
  if (evaluatedOn === null) return results;
  return results.map((result) => {
    if (result.verdict !== 'fail') return result;
    const given = waivers.flatMap((waiver) => acceptedBy(waiver, result, model));
    const actual = result.actual ?? Infinity;
    const standing = given.findLast(({ waiver, accepted }) => evaluatedOn <= waiver.until && actual <= accepted);
    if (standing !== undefined) return waived(result, standing);
    const last = given.at(-1);
    if (last === undefined) return result;
    return { ...result, lapsed: { ...last, cause: evaluatedOn <= last.waiver.until ? 'worse' : 'expired' } };
  });
}

interface Accepted {
  /** `until` as the config allows it. */
  readonly waiver: Waiver;
  readonly accepted: number;
}

function acceptedBy(waiver: Waiver, result: BudgetResult, model: WaivedModel): readonly Accepted[] {
  if (waiver.metric !== result.metric) return [];
  const values = waiver.values.filter((value) => isFor(value, result, model)).map(({ actual }) => actual);
  if (values.length === 0) return [];
  const latest = lastAllowedDay(waiver.when, model.expiresDays);
  const until = waiver.until < latest ? waiver.until : latest;
  return [{ waiver: { ...waiver, until }, accepted: Math.max(...values) }];
}

/** A file that was renamed keeps what was accepted of its old path. */
function isFor(value: WaivedValue, { layer }: BudgetResult, { path, previousPath, target }: WaivedModel): boolean {
  const isModel = value.model === path || value.model === previousPath;
  return isModel && target.includes(value.target) && value.layer === layer;
}

/** A limit that was not measured stays so: nobody has accepted a number. */
function waived(result: BudgetResult, { waiver, accepted }: Accepted): BudgetResult {
  const { max, maxIncrease } = result.verdicts;
  const left = [max, maxIncrease].filter((one) => one !== null).map((one) => (one === 'fail' ? 'waived' : one));
  return { ...result, verdict: worstVerdict(left), waiver, accepted };
}
