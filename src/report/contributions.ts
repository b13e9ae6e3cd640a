/** Which rows of a diff a reader should see: equal changes of repeated blocks together, the largest first. */
import { additiveMetrics, type AdditiveMetric, type DiffRow, type MetricKey } from '../compare/comparison.ts';
import { doubtOf, operatorContribution, rollUpOperators, type Doubt } from './operator-rollup.ts';
import { groupRepeats, type Contribution } from './repeats.ts';
import type { TargetReport } from './report.ts';
import { rollUpScopes } from './scope-rollup.ts';

export interface Contributions {
  /** The metric that the rows are ranked by. */
  readonly metric: AdditiveMetric;
  readonly shown: readonly Contribution[];
  readonly others: readonly DiffRow[];
  /** Where the matches are too poor for rows by layer: why the rows are operators. */
  readonly doubt?: Doubt;
}

/** Of the largest row; less than that is noise beside it. */
const worthARow = 1e-3;

export function contributionsOf(target: TargetReport, maximumRows: number): Contributions {
  const metric = leadingMetric(target);
  const doubt = doubtOf(target.layers, metric);
  if (doubt !== undefined) {
    const rows = rollUpOperators(target.layers);
    return { ...choose(rows, rows.map(operatorContribution), { target, metric, maximumRows }), doubt };
  }
  return choose(target.layers, groupRepeats(target.layers), { target, metric, maximumRows });
}

interface Choice {
  readonly target: TargetReport;
  readonly metric: AdditiveMetric;
  readonly maximumRows: number;
}

function choose(rows: readonly DiffRow[], groups: readonly Contribution[], choice: Choice): Contributions {
  const { target, metric, maximumRows } = choice;
  // Whatever leads, nobody should have to search for the latency.
  const ofLatency =
    metric === 'latencySeconds' ? [] : largestBy(groups, 'latencySeconds').slice(0, Math.ceil(maximumRows / 3));
  const setsPeak = isMemoryNews(target)
    ? groups.filter((contribution) => contribution.rows.some((row) => row.setsPeakMemory))
    : [];
  const room = maximumRows - ofLatency.length;
  const own = new Set([...ofLatency, ...setsPeak]);
  const ranked = largestBy(groups, metric);
  const free = ranked.filter((group) => !own.has(group));
  const first = ranked.slice(0, room);
  const left = room - first.filter((group) => own.has(group)).length;
  const rolledUp = largestBy(rollUpScopes(free, groups, metric, left), metric).slice(0, left);
  const leading = [...first.filter((group) => own.has(group)), ...rolledUp].toSorted(
    (a, b) => Math.abs(b.delta[metric]) - Math.abs(a.delta[metric]),
  );
  const shown = [...new Set([...leading, ...ofLatency, ...setsPeak])];
  const kept = new Set(shown.flatMap((contribution) => contribution.rows));
  return { metric, shown, others: rows.filter((row) => !kept.has(row)) };
}

/** Those that are worth a row. */
function largestBy(groups: readonly Contribution[], key: AdditiveMetric): readonly Contribution[] {
  const size = (contribution: Contribution): number => Math.abs(contribution.delta[key]);
  const ranked = groups.toSorted((a, b) => size(b) - size(a));
  const least = worthARow * (ranked[0] === undefined ? 0 : size(ranked[0]));
  return ranked.filter((contribution) => size(contribution) > 0 && size(contribution) >= least);
}

/** The additive metric of the first budget that is broken, else the first that changed at all. */
export function leadingMetric({ budgets, totals }: TargetReport): AdditiveMetric {
  const changed = (key: MetricKey): boolean => (totals[key].delta ?? 0) !== 0;
  const broken = budgets.filter(({ verdict }) => verdict === 'fail').map(({ key }) => additive(key));
  const candidates = [...broken.filter((key) => key !== undefined), ...additiveMetrics];
  return candidates.find(changed) ?? 'latencySeconds';
}

/** The additive metric that explains a total; average power follows energy, the download size the file. */
function additive(key: MetricKey): AdditiveMetric | undefined {
  if (key === 'averagePowerWatts') return 'energyJoules';
  if (key === 'downloadBytes') return 'fileBytes';
  return additiveMetrics.find((metric) => metric === key);
}

function isMemoryNews({ budgets, totals }: TargetReport): boolean {
  const broken = budgets.some(({ key, verdict }) => key === 'peakMemoryBytes' && verdict !== 'pass');
  return broken || (totals.peakMemoryBytes.delta ?? 0) !== 0;
}
