/** The JSON of `model-budget explain`: why a report says what it says. A selection of the report, ranked. */
import type { BudgetResult, DiffRow, MetricKey, Verdict } from '../compare/comparison.ts';
import { layerSelector } from '../compare/layer-selector.ts';
import type { LayerCost } from '../simulate/simulation.ts';
import { rowName } from './repeats.ts';
import type { ModelReport, Report, Suggestion, TargetReport } from './report.ts';

export interface ExplainDocument {
  readonly schema: 'model-budget/explain@1';
  readonly verdict: Verdict;
  readonly models: readonly ExplainedModel[];
}

export interface ExplainedModel {
  readonly path: string;
  readonly verdict: Verdict;
  readonly errors: readonly string[];
  readonly targets: readonly ExplainedTarget[];
}

export interface ExplainedTarget {
  readonly target: TargetReport['target'];
  readonly verdict: Verdict;
  readonly budgets: readonly ExplainedBudget[];
  /** The rows that were asked for. */
  readonly layers: readonly DiffRow[];
  readonly suggestions: readonly Suggestion[];
}

export interface ExplainedBudget extends BudgetResult {
  /** 80% band of the head's value; null for counts. */
  readonly band: readonly [number, number] | null;
  /** The rows that it comes from, the largest first: by their increase where only that is limited, else by their value. */
  readonly contributors: readonly Contributor[];
}

export interface Contributor {
  readonly name: string;
  readonly base: number;
  readonly head: number;
  /** What a row of the report says of the change. */
  readonly changes: readonly string[];
}

const mostContributors = 5;

/** `layer`: a glob over layers and their nodes. */
export function explainDocument(report: Report, layer?: string): ExplainDocument {
  const matches = layer === undefined ? () => false : layerSelector(layer);
  return {
    schema: 'model-budget/explain@1',
    verdict: report.verdict,
    models: report.models.map((model) => explainModel(model, matches)),
  };
}

function explainModel(
  { path, verdict, errors, targets }: ModelReport,
  matches: (layer: LayerCost) => boolean,
): ExplainedModel {
  return { path, verdict, errors, targets: targets.map((target) => explainTarget(target, matches)) };
}

function explainTarget(report: TargetReport, matches: (layer: LayerCost) => boolean): ExplainedTarget {
  const { target, verdict, budgets, layers, suggestions } = report;
  return {
    ...{ target, verdict },
    budgets: budgets.map((budget) => ({
      ...budget,
      band: budget.layer === undefined ? report.totals[budget.key].band : null,
      contributors: contributorsOf(budget, layers),
    })),
    layers: layers.filter((row) => [...row.base, ...row.head].some(matches)),
    suggestions,
  };
}

function contributorsOf(budget: BudgetResult, rows: readonly DiffRow[]): readonly Contributor[] {
  return contributingRows(budget, rows).map(({ row, base, head }) => ({
    ...{ name: rowName(row), base, head },
    changes: row.changes,
  }));
}

interface ContributingRow {
  readonly row: DiffRow;
  readonly base: number;
  readonly head: number;
}

/** The rows that a budget's value comes from, the largest first. */
export function contributingRows(budget: BudgetResult, rows: readonly DiffRow[]): readonly ContributingRow[] {
  const amount = amounts[budget.key];
  const named = budget.layer === undefined ? () => true : layerSelector(budget.layer);
  const weigh = ({ base, head }: ContributingRow) => (budget.limit === null ? head - base : head);
  const side = (layers: readonly LayerCost[]) => combined(budget.key, layers.filter(named).map(amount));
  return rows
    .map((row): ContributingRow => ({ row, base: side(row.base), head: side(row.head) }))
    .filter((one) => weigh(one) > 0)
    .toSorted((a, b) => weigh(b) - weigh(a))
    .slice(0, mostContributors);
}

/** Memory is shared by layers that run one after the other; all else adds up. */
function combined(key: MetricKey, values: readonly number[]): number {
  return key === 'peakMemoryBytes' ? Math.max(0, ...values) : values.reduce((sum, value) => sum + value, 0);
}

/** Average power follows the energy, the download follows the file, whatever their own units are. */
const amounts: Readonly<Record<MetricKey, (layer: LayerCost) => number>> = {
  latencySeconds: ({ latencySeconds }) => latencySeconds,
  energyJoules: ({ energyJoules }) => energyJoules,
  averagePowerWatts: ({ energyJoules }) => energyJoules,
  peakMemoryBytes: ({ memoryBytes }) => memoryBytes,
  dramTrafficBytes: ({ trafficBytes }) => trafficBytes.dram ?? 0,
  fileBytes: ({ fileBytes }) => fileBytes,
  downloadBytes: ({ fileBytes }) => fileBytes,
  weightsBytes: ({ weightsBytes }) => weightsBytes,
  parameters: ({ parameters }) => parameters,
  macs: ({ macs }) => macs,
  cpuFallbackLayers: ({ fallback }) => (fallback === null ? 0 : 1),
};
