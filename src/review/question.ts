/** What-ifs on the head of a changed model, asked as the review asks them, so that an answer has the review's figures. */
import type { Question } from '../advise/optimize.ts';
import { subjectOf } from '../advise/what-if.ts';
import type { JudgedModel } from '../compare/budget.ts';
import { assumedTypes, type Config } from '../config.ts';
import type { Target } from '../schedule/target.ts';
import type { Simulation } from '../simulate/simulation.ts';
import { entryOf, readSides, type ReviewedModel } from './model-sides.ts';
import { compileOptions } from './pair.ts';
import { runSide, type Run, type RunSetting } from './run-side.ts';
import type { PreparedSide, Side } from './side.ts';

export interface AskedTarget {
  readonly target: Target;
  /** Ids that it goes by, in budgets. */
  readonly ids: readonly string[];
}

/** A question, or in a sentence why there is none. */
export type Asked =
  /** The model itself cannot be asked about. */
  | { readonly path: string; readonly target: null; readonly question: string }
  /** `target`: its id. */
  | { readonly path: string; readonly target: string; readonly question: Question | string };

/** One after the other: only the one that is looked at is held. */
export function* questionsOf(
  model: ReviewedModel,
  config: Config,
  targets: readonly AskedTarget[],
): Generator<Asked, void> {
  const { path, previousPath } = model;
  const entry = entryOf(model, config);
  const [base, head] = readSides(
    model,
    entry,
    config.budgets.some(({ metric }) => metric === 'download'),
  );
  if (head === 'absent' || head.kind !== 'prepared') {
    yield { path, target: null, question: head === 'absent' ? 'the change removes it' : head.reason };
    return;
  }
  const setting: Setting = {
    ...{ base, head, rateHertz: entry?.rateHertz },
    compileOptions: compileOptions(base, head, entry?.assumeDtype && assumedTypes[entry.assumeDtype]),
    budgets: config.budgets,
    model: {
      path,
      ...(previousPath === undefined ? {} : { previousPath }),
      ...(entry?.name === undefined ? {} : { name: entry.name }),
    },
  };
  let first: Simulation | undefined;
  for (const asked of targets) {
    const question = questionOn(asked, setting, first);
    if (typeof question !== 'string') first ??= question.base;
    yield { path, target: asked.target.id, question };
  }
}

interface Setting extends Omit<RunSetting, 'target'> {
  readonly base: Side;
  readonly head: PreparedSide;
  readonly budgets: Config['budgets'];
  readonly model: Pick<JudgedModel, 'path' | 'previousPath' | 'name'>;
}

function questionOn({ target, ids }: AskedTarget, setting: Setting, first: Simulation | undefined): Question | string {
  const run = runSide(setting.head, { ...setting, target });
  const { simulation } = run;
  if (typeof simulation === 'string') return reasonOf(run);
  const base = runSide(setting.base, { ...setting, target }).measured;
  return {
    subject: subjectOf(setting.head, { ...setting.compileOptions, rateHertz: setting.rateHertz }),
    base: simulation,
    first: first ?? simulation,
    goal: { budgets: setting.budgets, model: { ...setting.model, target: ids, base } },
  };
}

function reasonOf({ measured }: Run): string {
  return (typeof measured === 'string' ? undefined : measured.reason) ?? 'it cannot be simulated';
}
