/** What the worker has compiled and simulated: each version of a model on each target once, since every question needs it. */
import { withDownloadBytes } from '../../../advise/download.ts';
import { simulateSubject, type Subject } from '../../../advise/what-if.ts';
import { UserError } from '../../../errors.ts';
import type { Initializer } from '../../../ir/graph.ts';
import type { Simulation } from '../../../simulate/simulation.ts';
import type { Target } from '../../../schedule/target.ts';
import type { PageModel, PageModels, PageSide } from '../../html/document.ts';
import { createAnswerMemory, type AnswerMemory } from './answer-memory.ts';
import type { Place, SideName } from './protocol.ts';

/** Each throws `UserError` for what is not there. */
export interface Session {
  readonly models: PageModels;
  /** As the report has it. */
  readonly simulated: (place: Place, side: SideName) => Simulation;
  /** What an edit of this version is asked of. */
  readonly subject: (place: Place, side: SideName) => Subject;
  /**
   * Constants of this version of which something was assumed since this was last called: the page holds no weights, only
   * what was found out about them when the report was made.
   */
  readonly takeAssumed: (place: Place, side: SideName) => ReadonlySet<Initializer>;
  /** To what-ifs, the last ones: edits are switched off and on, and were rehearsed. */
  readonly answers: AnswerMemory;
}

export function createSession(models: PageModels): Session {
  const known = new Map<string, Simulation>();
  const subjects = new Map<string, SubjectInPage>();
  const subjectAt = (place: Place, side: SideName): SubjectInPage => {
    const key = `${place.model} ${side}`;
    const subject = subjects.get(key) ?? subjectInPage(sideAt(models, place, side), modelAt(models, place));
    subjects.set(key, subject);
    return subject;
  };
  const simulated = (place: Place, side: SideName): Simulation => {
    const key = `${place.model} ${place.target} ${side}`;
    const there = known.get(key);
    if (there !== undefined) return there;
    const simulation = simulateSubject(subjectAt(place, side).subject, targetAt(models, place));
    const withDownload = withDownloadBytes(simulation, sideAt(models, place, side).downloadBytes);
    known.set(key, withDownload);
    return withDownload;
  };
  return {
    models,
    simulated,
    subject: (place, side) => subjectAt(place, side).subject,
    takeAssumed: (place, side) => subjectAt(place, side).take(),
    answers: createAnswerMemory(),
  };
}

export function modelAt(models: PageModels, { model }: Place): PageModel {
  const there = models.models[model];
  if (there === undefined) throw new UserError('the page has no such model');
  return there;
}

export function targetAt(models: PageModels, { target }: Pick<Place, 'target'>): Target {
  const there = models.targets[target];
  if (there === undefined) throw new UserError('the page has no such target');
  return there;
}

export function sideAt(models: PageModels, place: Place, side: SideName): PageSide {
  const { [side]: there } = modelAt(models, place);
  if (there === null) throw new UserError(`the ${side} of this model could not be simulated`);
  return there;
}

interface SubjectInPage {
  readonly subject: Subject;
  readonly take: () => ReadonlySet<Initializer>;
}

function subjectInPage(
  { prepared, bindings, weights, errors, edited }: PageSide,
  { options, rateHertz }: PageModel,
): SubjectInPage {
  let assumed = new Set<Initializer>();
  const subject: Subject = {
    ...{ prepared, bindings },
    recorded: {
      recorded: weights,
      onAssumed: (constant) => assumed.add(constant),
      ...(errors === undefined ? {} : { errors }),
      ...(edited === undefined ? {} : { edited }),
    },
    ...(options.assumedType === undefined ? {} : { assumedType: options.assumedType }),
    ...(rateHertz === null ? {} : { rateHertz }),
  };
  const take = () => {
    const taken = assumed;
    assumed = new Set();
    return taken;
  };
  return { subject, take };
}
