/** Edits tried out one by one: each is a text that anyone can give again, and what it came to. */
import { UserError } from '../errors.ts';
import { parseEdits } from '../optimizations/index.ts';
import type { EditedWeight } from '../optimizations/optimization.ts';
import type { Simulation } from '../simulate/simulation.ts';
import { missesOf, type Goal, type Miss } from './goal.ts';
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

export function laboratoryOf(subject: Subject, base: Simulation, goal: Goal, trials: number): Laboratory {
  const made: Trial[] = [];
  const known = new Map<string, Trial | undefined>();
  let left = trials;
  return {
    base,
    misses: missesOf(goal, base),
    left: () => left,
    made,
    try: (edits) => {
      if (known.has(edits)) return known.get(edits);
      if (left <= 0) return undefined;
      left -= 1;
      const trial = tryEdits(edits, { subject, base, goal });
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
}

function tryEdits(edits: string, { subject, base, goal }: Setting): Trial | undefined {
  try {
    const { head, touched, weights } = whatIf(subject, base, chooseEdits(parseEdits(edits), base));
    return touched.length === 0 ? undefined : { edits, touched, head, misses: missesOf(goal, head, base), weights };
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
