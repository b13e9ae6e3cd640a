/** Which charts a comment has pictures of. */
import { chartsOf, type Chart } from '../../report/charts.ts';
import { isQuiet, modelsWorstFirst, targetsWorstFirst } from '../../report/ranking.ts';
import type { Report, TargetReport } from '../../report/report.ts';

/** The target that each model worth a look is told by, the worst model first; a removed one has nothing to draw. */
export function leadTargets(report: Report): readonly TargetReport[] {
  return modelsWorstFirst(report)
    .filter((model) => !isQuiet(model) && model.status !== 'removed')
    .flatMap((model) => targetsWorstFirst(model).slice(0, 1));
}

/** The first chart of each model, then the second of each, …: whatever is left out, a model has its most telling one. */
export function shownCharts(report: Report, maximumCharts: number): readonly Chart[] {
  const charts = chartsOf(report);
  const ofEach = leadTargets(report).map((target) => charts.filter((chart) => chart.of === target));
  const rounds = Math.max(0, ...ofEach.map(({ length }) => length));
  return Array.from({ length: rounds }, (_, round) => ofEach.flatMap((own) => own.slice(round, round + 1)))
    .flat()
    .slice(0, maximumCharts);
}
