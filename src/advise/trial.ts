/** Edits tried out one by one: each is a text that anyone can give again, and what it came to. */
import { UserError } from '../errors.ts';
import { parseEdits } from '../optimizations/index.ts';
import type { EditedWeight } from '../optimizations/optimization.ts';
import type { Simulation } from '../simulate/simulation.ts';
import type { BudgetResult } from '../compare/comparison.ts';
import { missesOf, resultsOf, type Goal, type Miss } from './goal.ts';
import { chooseEdits } from './selection.ts';
import { whatIf, type Subject } from './what-if.ts';

export interface Trial {
  /** In the grammar of what-ifs. */
  readonly edits: string;
  readonly touched: readonly string[];
  readonly head: Simulation;
  readonly misses: readonly Miss[];
  readonly weights: readonly EditedWeight[];
}

/** A bounded number of compiles and simulations. */
export interface Laboratory {
  readonly base: Simulation;
  readonly misses: readonly Miss[];
  /** Trials that may still be made. */
  left(): number;
  /** Undefined: the edits do not fit the model, touch nothing, or no trial is left. */
  try(edits: string): Trial | undefined;
  /** Every trial that was made, in order. */
  readonly made: readonly Trial[];
}

/**
 * An edited network of 1,000 layers compiles and simulates in 40 to 100 ms on processors (bench/what-ifs.mjs): this many
 * layers in two to four seconds, and in more on an NPU.
 */
const layersInAll = 40_000;

/** How many trials a search may make on a model of this size. */
export function trialsWithin({ layers }: Simulation, fewest: number, most: number): number {
  return Math.min(most, Math.max(fewest, Math.floor(layersInAll / Math.max(1, layers.length))));
}

export function laboratoryOf(subject: Subject, base: Simulation, goal: Goal, trials: number): Laboratory {
  const made: Trial[] = [];
  const known = new Map<string, Trial | undefined>();
  const results = resultsOf(goal, base);
  let left = trials;
  return {
    base,
    misses: missesOf(results, results),
    left: () => left,
    made,
    try: (edits) => {
      if (known.has(edits)) return known.get(edits);
      if (left <= 0) return undefined;
      left -= 1;
      const trial = tryEdits(edits, { subject, base, goal, results });
      known.set(edits, trial);
      if (trial !== undefined) made.push(trial);
      return trial;
    },
  };
}

interface Setting {
  readonly subject: Subject;
  readonly base: Simulation;
  readonly goal: Goal;
  /** Of the base. */
  readonly results: readonly BudgetResult[];
}

function tryEdits(edits: string, { subject, base, goal, results }: Setting): Trial | undefined {
  try {
    const { head, touched, weights } = whatIf(subject, base, chooseEdits(parseEdits(edits), base));
    if (touched.length === 0) return undefined;
    return { edits, touched, head, misses: missesOf(resultsOf(goal, head), results), weights };
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
