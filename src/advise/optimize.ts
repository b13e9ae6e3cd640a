/** What `optimize` answers on one target: edits that were asked for, or the smallest ones that meet the budgets. */
import { judge, measuredSide } from '../compare/budget.ts';
import type { BudgetResult } from '../compare/comparison.ts';
import { parseEdits, trialsFor } from '../optimizations/index.ts';
import { printPhrases } from '../optimizations/grammar.ts';
import type { Simulation } from '../simulate/simulation.ts';
import { frontOf, type FrontPoint } from './front.ts';
import type { Goal } from './goal.ts';
import { errorsOf, leastByLayer, leastOf, type LayerError } from './layer-errors.ts';
import { search } from './search.ts';
import { chooseEdits } from './selection.ts';
import { laboratoryOf, type Trial } from './trial.ts';
import { whatIf, type Subject, type WhatIf } from './what-if.ts';

export interface Question {
  readonly subject: Subject;
  /** The subject on the target that is asked about. */
  readonly base: Simulation;
  /** The subject on the first target: what `top:n` looks at. */
  readonly first: Simulation;
  readonly goal: Goal;
}

export interface Advice {
  /** In the grammar of what-ifs; empty where nothing is to be done, null where a search found nothing. */
  readonly edits: string | null;
  readonly whatIf: WhatIf;
  readonly budgets: readonly BudgetResult[];
  /** By name of the layer: the least SQNR of its edited weights. */
  readonly errors: ReadonlyMap<string, LayerError>;
  /** Of a search: what meets the budgets, best first. */
  readonly found: readonly FoundEdit[];
  /** Of a search: see `frontOf`. */
  readonly front: readonly FrontPoint[];
}

export interface FoundEdit extends FrontPoint {
  readonly simulation: Simulation;
  /** The least of all edited weights; null where it is not known or nothing is lost. */
  readonly sqnrDecibels: number | null;
}

/** Throws `UserError` for a text that is no list of edits, or does not fit the model. */
export function applied(text: string, question: Question): Advice {
  const { subject, base, first } = question;
  const edits = parseEdits(text);
  const result = whatIf(subject, base, chooseEdits(edits, first));
  const phrases = printPhrases(edits.map(({ phrase }) => phrase));
  return { ...adviceOf(result, phrases, question), found: [], front: [] };
}

/** @param trials how many edits may be compiled and simulated */
export function searched(question: Question, trials: number): Advice {
  const { subject, base, goal } = question;
  const laboratory = laboratoryOf(subject, base, goal, trials);
  const found = search(laboratory, {
    trials: trialsFor(subject.prepared),
    sqnrDecibels: (trial) => leastOf(errorsOf(subject, base, trial.weights)),
  });
  const [best] = found;
  const nothing: WhatIf = { base, head: base, touched: [], notApplied: [], remarks: [], weights: [] };
  const result = best === undefined ? nothing : whatIf(subject, base, chooseEdits(parseEdits(best.edits), base));
  const edits = best?.edits ?? (laboratory.misses.length === 0 ? '' : null);
  return {
    ...adviceOf(result, edits, question),
    found: found.slice(0, 3).map((trial) => foundEdit(trial, question)),
    front: frontOf(laboratory.made),
  };
}

function foundEdit({ edits, touched, head, weights }: Trial, { subject, base }: Question): FoundEdit {
  const least = leastOf(errorsOf(subject, base, weights));
  return { edits, touched, totals: head.totals, simulation: head, sqnrDecibels: least === Infinity ? null : least };
}

function adviceOf(result: WhatIf, edits: string | null, { subject, goal }: Question): Omit<Advice, 'found' | 'front'> {
  const budgets = judge(goal.budgets, { ...goal.model, head: measuredSide(result.head) });
  return { edits, whatIf: result, budgets, errors: leastByLayer(errorsOf(subject, result.base, result.weights)) };
}
