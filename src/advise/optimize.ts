/** What `optimize` answers on one target: edits that were asked for, or the smallest ones that meet the budgets. */
import { judge, measuredSide } from '../compare/budget.ts';
import type { BudgetResult } from '../compare/comparison.ts';
import { parseEdits, trialsFor } from '../optimizations/index.ts';
import { parsePhrases, printPhrases } from '../optimizations/grammar.ts';
import type { Simulation } from '../simulate/simulation.ts';
import { withDownloadBytes, type DownloadBytes } from './download.ts';
import { frontOf, type FrontPoint } from './front.ts';
import type { Goal } from './goal.ts';
import { layerErrorMeasure, leastByLayer, leastOf, type LayerError, type MeasureLayerErrors } from './layer-errors.ts';
import { search } from './search.ts';
import { chooseEdits } from './selection.ts';
import { laboratoryOf, type Laboratory, type Trial } from './trial.ts';
import { whatIf, type Subject, type WhatIf } from './what-if.ts';

export interface Question {
  readonly subject: Subject;
  /** The subject on the target that is asked about. */
  readonly base: Simulation;
  /** The subject on the first target: what `top:n` looks at. */
  readonly first: Simulation;
  readonly goal: Goal;
  /** Of `base` and of the edits that were asked for; absent: nobody wants to know. */
  readonly downloadBytes?: DownloadBytes;
  /** Of a search: is told how many trials of how many are made. */
  readonly onTrial?: (made: number, most: number) => void;
}

export interface Advice {
  /** In the grammar of what-ifs; empty where nothing is to be done, null where a search found nothing. */
  readonly edits: string | null;
  readonly whatIf: WhatIf;
  readonly budgets: readonly BudgetResult[];
  /** By name of the layer: the least SQNR of its edited weights. */
  readonly errors: ReadonlyMap<string, LayerError>;
  /** Of a search: what meets the budgets, the best of each kind of edit, best first. */
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
  const { subject, base, first, downloadBytes } = question;
  const edits = parseEdits(text);
  const simulated = whatIf(subject, base, chooseEdits(edits, first));
  const result =
    downloadBytes === undefined
      ? simulated
      : { ...simulated, head: withDownloadBytes(simulated.head, downloadBytes.head) };
  const phrases = printPhrases(edits.map(({ phrase }) => phrase));
  return { ...adviceOf(result, phrases, question), found: [], front: [] };
}

/** @param trials how many edits may be compiled and simulated */
export function searched(question: Question, trials: number): Advice {
  const { subject, base, goal } = question;
  const laboratory = observed(laboratoryOf(subject, base, goal, trials), trials, question.onTrial);
  const measure = layerErrorMeasure(subject, base);
  const found = search(laboratory, {
    trials: trialsFor(subject.prepared),
    sqnrDecibels: (trial) => leastOf(measure(trial.weights)),
  });
  const [best] = found;
  const nothing: WhatIf = { base, head: base, touched: [], notApplied: [], remarks: [], weights: [] };
  const result = best === undefined ? nothing : whatIf(subject, base, chooseEdits(parseEdits(best.edits), base));
  const edits = best?.edits ?? (laboratory.misses.length === 0 ? '' : null);
  return {
    ...adviceOf(result, edits, question),
    found: unlike(found).map((trial) => foundEdit(trial, measure)),
    front: frontOf(laboratory.made),
  };
}

function observed(laboratory: Laboratory, most: number, onTrial: Question['onTrial']): Laboratory {
  if (onTrial === undefined) return laboratory;
  const attempt = (edits: string): Trial | undefined => {
    const trial = laboratory.try(edits);
    onTrial(most - laboratory.left(), most);
    return trial;
  };
  return { ...laboratory, try: attempt };
}

const mostFound = 3;

/** The best of each kind of edit: who cannot retrain has no use for three ways to prune. */
function unlike(found: readonly Trial[]): readonly Trial[] {
  const kindOf = ({ edits }: Trial) => [...new Set(parsePhrases(edits).map(({ name }) => name))].sort().join(' ');
  const best = new Map(found.toReversed().map((trial) => [kindOf(trial), trial]));
  const kept = new Set(best.values());
  return found.filter((trial) => kept.has(trial)).slice(0, mostFound);
}

function foundEdit({ edits, touched, head, weights }: Trial, measure: MeasureLayerErrors): FoundEdit {
  const least = leastOf(measure(weights));
  return { edits, touched, totals: head.totals, simulation: head, sqnrDecibels: least === Infinity ? null : least };
}

function adviceOf(result: WhatIf, edits: string | null, { subject, goal }: Question): Omit<Advice, 'found' | 'front'> {
  const budgets = judge(goal.budgets, { ...goal.model, head: measuredSide(result.head) });
  const errors = layerErrorMeasure(subject, result.base)(result.weights);
  return { edits, whatIf: result, budgets, errors: leastByLayer(errors) };
}
