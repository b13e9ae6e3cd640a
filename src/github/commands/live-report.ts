/** The review of the live head, without anything being written. */
import { UserError } from '../../errors.ts';
import { didYouMean } from '../../near-miss.ts';
import { worstVerdict } from '../../compare/budget.ts';
import type { ModelReport, Report } from '../../report/report.ts';
import { reviewRange } from '../review-range.ts';
import type { Scope } from './arguments.ts';
import type { CommandContext } from './command.ts';
import { knownTargets, modelFilter } from './scope.ts';

/** Of the models and the target in the scope. @throws UserError where there is no report, or no such target in it. */
export async function liveReport(context: CommandContext, scope: Scope): Promise<Report> {
  const { fetching, range, settings, input } = context;
  const wanted = knownTargets(settings).filter(({ ids }) => scope.target === undefined || ids.includes(scope.target));
  if (wanted.length === 0) {
    const ids = knownTargets(settings).flatMap(({ ids: each }) => each);
    throw new UserError(`\`${scope.target ?? ''}\` is no target of the config${didYouMean(scope.target ?? '', ids)}`);
  }
  const waivers = await context.waivers();
  const reviewed = await reviewRange(fetching, range, { input, waivers, onProgress: () => undefined });
  if ('problem' in reviewed) throw new UserError(reviewed.problem);
  const ids = new Set(wanted.map(({ target }) => target.id));
  const models = reviewed.report.models
    .filter(modelFilter(scope, settings.config))
    .map((model) => (scope.target === undefined ? model : narrowed(model, ids)));
  const isWhole = scope.model === undefined && scope.target === undefined;
  return {
    ...reviewed.report,
    models,
    ...(isWhole ? {} : { verdict: worstVerdict(models.map(({ verdict }) => verdict)) }),
  };
}

function narrowed(model: ModelReport, ids: ReadonlySet<string>): ModelReport {
  const targets = model.targets.filter(({ target }) => ids.has(target.id));
  return { ...model, targets, verdict: worstVerdict(targets.map(({ verdict }) => verdict)) };
}
