/**
 * Accepted breaches. A waiver is bound to the values that it was given for and to a date: it lapses when the numbers
 * get worse, or at the earlier of its own end and what the config allows.
 */
import { worstVerdict } from './budget.ts';
import type { BudgetResult, Waiver } from './comparison.ts';
import { pathGlob } from '../glob.ts';

export interface WaivedModel {
  readonly path: string;
  readonly name?: string;
  readonly target: readonly string[];
  /** ISO date; null: no waiver can be judged. */
  readonly evaluatedOn: string | null;
  /** How long a waiver may last from the day it was given. */
  readonly expiresDays: number;
}

const secondsPerDay = 86_400;

/**
 * Failed limits that a waiver covers become `waived`, and what is left decides; of several waivers the last one given
 * counts.
 */
export function applyWaivers(
  results: readonly BudgetResult[],
  waivers: readonly Waiver[],
  model: WaivedModel,
): readonly BudgetResult[] {
  const { evaluatedOn } = model;
  if (evaluatedOn === null) return results;
  const standing = waivers.filter(
    (waiver) => covers(waiver, model) && evaluatedOn <= lastDay(waiver, model.expiresDays),
  );
  return results.map((result) => {
    const waiver = standing.findLast(
      (one) => one.metric === result.metric && (result.actual ?? Infinity) <= one.actual,
    );
    return result.verdict === 'fail' && waiver !== undefined ? waived(result, waiver) : result;
  });
}

/** A limit that was not measured stays so: nobody has accepted a number. */
function waived(result: BudgetResult, waiver: Waiver): BudgetResult {
  const { max, maxIncrease } = result.verdicts;
  const left = [max, maxIncrease].filter((one) => one !== null).map((one) => (one === 'fail' ? 'waived' : one));
  return { ...result, verdict: worstVerdict(left), waiver };
}

function covers(waiver: Waiver, { path, name, target }: WaivedModel): boolean {
  if (waiver.target !== undefined && !target.includes(waiver.target)) return false;
  if (waiver.model === undefined) return true;
  const matches = pathGlob(waiver.model);
  return matches(path) || (name !== undefined && matches(name));
}

/** ISO dates compare as text. */
function lastDay({ when, until }: Waiver, days: number): string {
  const given = Date.parse(when);
  if (Number.isNaN(given)) return '';
  const latest = new Date(given + days * secondsPerDay * 1000).toISOString().slice(0, 10);
  return until < latest ? until : latest;
}
