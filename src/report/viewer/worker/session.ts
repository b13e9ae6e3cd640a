/** What the worker has compiled and simulated: each version of a model on each target once, since every question needs it. */
import { UserError } from '../../../errors.ts';
import { compile } from '../../../schedule/compile.ts';
import { simulate } from '../../../simulate/simulate.ts';
import type { Simulation } from '../../../simulate/simulation.ts';
import type { PageModel, PageModels } from '../../html/document.ts';
import type { Place, SideName } from './protocol.ts';

export interface Session {
  readonly models: PageModels;
  /** As the report has it. Throws `UserError` for a side that is not there. */
  readonly simulated: (place: Place, side: SideName) => Simulation;
}

export function createSession(models: PageModels): Session {
  const known = new Map<string, Simulation>();
  const simulated = (place: Place, side: SideName): Simulation => {
    const key = `${place.model} ${place.target} ${side}`;
    const simulation = known.get(key) ?? simulateSide(models, place, side);
    known.set(key, simulation);
    return simulation;
  };
  return { models, simulated };
}

export function modelAt(models: PageModels, { model }: Place): PageModel {
  const there = models.models[model];
  if (there === undefined) throw new UserError('the page has no such model');
  return there;
}

function simulateSide(models: PageModels, place: Place, name: SideName): Simulation {
  const { [name]: side, options, rateHertz } = modelAt(models, place);
  const target = models.targets[place.target];
  if (target === undefined) throw new UserError('the page has no such target');
  if (side === null) throw new UserError(`the ${name} of this model could not be simulated`);
  const schedule = compile(side.prepared, target, options);
  const simulation = simulate(schedule, rateHertz === null ? {} : { rateHertz });
  return { ...simulation, totals: { ...simulation.totals, downloadBytes: side.downloadBytes } };
}
