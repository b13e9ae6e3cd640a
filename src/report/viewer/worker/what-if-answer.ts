/** What-ifs of the page: by the very functions that answer on the command line. */
import { searchedFor } from '../../../advise/metric-search.ts';
import { applied, type Question } from '../../../advise/optimize.ts';
import type { SearchedMetric } from '../../../advise/searched-metrics.ts';
import { trialsWithin } from '../../../advise/trial.ts';
import { measuredSide } from '../../../compare/budget.ts';
import { additiveMetrics, type AdditiveMetric } from '../../../compare/comparison.ts';
import { UserError } from '../../../errors.ts';
import type { LayerCost, Simulation } from '../../../simulate/simulation.ts';
import { memoryTimelineOf } from '../../memory-timeline.ts';
import { optimizeDocument } from '../../optimize-document.ts';
import type { NamedChange, Place, SearchAnswer, WhatIfAnswer } from './protocol.ts';
import { modelAt, targetAt, type Session } from './session.ts';

interface Asked {
  readonly place: Place;
  readonly edits: string;
}

export function whatIfAnswer(session: Session, asked: Asked): WhatIfAnswer {
  const key = JSON.stringify([asked.place.model, asked.place.target, asked.edits]);
  const answer = session.answers.get(key) ?? newAnswer(session, asked);
  session.answers.put(key, answer);
  return answer;
}

/** What is asked in vain is so when somebody asks, and not before. */
export function rehearseWhatIf(session: Session, asked: Asked & { readonly isKept: boolean }): void {
  try {
    if (asked.isKept) whatIfAnswer(session, asked);
    else newAnswer(session, asked);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
}

function newAnswer(session: Session, { place, edits }: Asked): WhatIfAnswer {
  const question = questionAt(session, place);
  session.takeAssumed(place, 'head');
  const advice = applied(edits, question);
  const { base, head } = advice.whatIf;
  return {
    document: optimizeDocument(advice, modelAt(session.models, place).path),
    ...changesOf(base, head),
    memoryTimeline: memoryTimelineOf(head),
    assumed: assumedNames(session, place),
  };
}

/** Simulates what is there; a session keeps it. */
export function prepareWhatIfs(session: Session, place: Place): void {
  questionAt(session, place);
}

/** As `optimize --search` bounds its trials. */
const [fewestTrials, mostTrials] = [40, 1000];

export function searchAnswer(
  session: Session,
  { place, metric }: { readonly place: Place; readonly metric?: SearchedMetric },
  tell: (done: number) => void,
): SearchAnswer {
  const question = { ...questionAt(session, place), onTrial: tellNowAndThen(tell) };
  session.takeAssumed(place, 'head');
  const advice = searchedFor(metric, question, trialsWithin(question.base, fewestTrials, mostTrials));
  if (advice === null) throw new UserError('no edit that was tried lowers it');
  return {
    document: optimizeDocument(advice, modelAt(session.models, place).path),
    assumed: assumedNames(session, place),
  };
}

/** The head is what is edited; budgets may allow an increase against the base. */
function questionAt(session: Session, place: Place): Question {
  const { models } = session;
  const { path, previousPath, name, base } = modelAt(models, place);
  const model = {
    path,
    ...(previousPath === undefined ? {} : { previousPath }),
    ...(name === undefined ? {} : { name }),
    target: models.targetIds?.[place.target] ?? [targetAt(models, place).id],
    base: base === null ? ('absent' as const) : measuredSide(session.simulated(place, 'base')),
  };
  const head = session.simulated(place, 'head');
  return {
    subject: session.subject(place, 'head'),
    base: head,
    // The page asks about one target, as the command lines do that it hands on.
    first: head,
    goal: { budgets: models.budgets, model },
  };
}

function assumedNames(session: Session, place: Place): readonly string[] {
  return Array.from(session.takeAssumed(place, 'head'), ({ name }) => name);
}

/** Rounds of a search are many and short. */
const steps = 50;

function tellNowAndThen(tell: (done: number) => void): NonNullable<Question['onTrial']> {
  let told = 0;
  return (made, most) => {
    const step = Math.floor((steps * made) / most);
    if (step > told) tell(step / steps);
    told = Math.max(told, step);
  };
}

/** Each layer of the edited model counts for the layer that its first known node was in before. */
function changesOf(base: Simulation, head: Simulation): Pick<WhatIfAnswer, 'changes' | 'added'> {
  const ownerOf = new Map(base.layers.flatMap(({ id, nodes }) => nodes.map((node) => [node, id] as const)));
  const sums = new Map(base.layers.map((layer) => [layer.id, negative(layer)]));
  const added = nothing();
  for (const layer of head.layers) {
    const owner = layer.nodes.map((node) => ownerOf.get(node)).find((id) => id !== undefined) ?? layer.id;
    const sum = sums.get(owner) ?? added;
    for (const metric of additiveMetrics) sum[metric] += layer[metric];
  }
  const isChanged = (sum: NamedChange) => additiveMetrics.some((metric) => sum[metric] !== 0);
  return { changes: new Map([...sums].filter(([, sum]) => isChanged(sum))), added };
}

function nothing(): Record<AdditiveMetric, number> {
  return { latencySeconds: 0, energyJoules: 0, macs: 0, parameters: 0, weightsBytes: 0, fileBytes: 0 };
}

function negative(layer: LayerCost): Record<AdditiveMetric, number> & Pick<NamedChange, 'name'> {
  const sum = { ...nothing(), name: layer.name };
  for (const metric of additiveMetrics) sum[metric] = -layer[metric];
  return sum;
}
