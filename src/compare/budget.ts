/**
 * Verdicts: one row per budget metric says what is judged and what can spoil it; the rules are the same for all.
 * Budgets look at totals, or at layers by name; never at which layer was matched to which.
 */
import type { LayerCost, Simulation, Totals } from '../simulate/simulation.ts';
import type { Budget, BudgetMetric, BudgetResult, MetricKey, Verdict } from './comparison.ts';
import { pathGlob } from '../glob.ts';
import { layerSelector } from './layer-selector.ts';
import { bandOf, metricValues, type MetricValues, type MissingSide } from './totals.ts';
import { printChange, printDelta, printQuantity, type Quantity } from '../units.ts';

export interface MetricRow {
  readonly key: MetricKey;
  readonly quantity: Quantity;
  /** True where the file alone decides it: an operator that nobody knows changes nothing. */
  readonly ofFile: boolean;
  /** Of the layers that a layer budget names; absent: there is no such thing per layer. */
  readonly ofLayers?: (layers: readonly LayerCost[], side: MeasuredSide) => number;
}

const added =
  (amount: (layer: LayerCost) => number) =>
  (layers: readonly LayerCost[]): number =>
    layers.reduce((sum, layer) => sum + amount(layer), 0);

const latency = added((layer) => layer.latencySeconds);
const energy = added((layer) => layer.energyJoules);

/** To add a metric: its word in `budgetMetrics`, its key in `Totals`, one row here. */
export const budgetRows: Readonly<Record<BudgetMetric, MetricRow>> = {
  size: { key: 'fileBytes', quantity: 'size', ofFile: true, ofLayers: added((layer) => layer.fileBytes) },
  download: { key: 'downloadBytes', quantity: 'size', ofFile: true },
  weights: { key: 'weightsBytes', quantity: 'size', ofFile: true, ofLayers: added((layer) => layer.weightsBytes) },
  latency: { key: 'latencySeconds', quantity: 'time', ofFile: false, ofLayers: latency },
  energy: { key: 'energyJoules', quantity: 'energy', ofFile: false, ofLayers: energy },
  power: {
    key: 'averagePowerWatts',
    quantity: 'power',
    ofFile: false,
    // While those layers run; time that costs nothing has no power.
    ofLayers: (layers) => (latency(layers) === 0 ? 0 : energy(layers) / latency(layers)),
  },
  'peak-memory': {
    key: 'peakMemoryBytes',
    quantity: 'memory',
    ofFile: false,
    ofLayers: (layers) => layers.reduce((peak, layer) => Math.max(peak, layer.memoryBytes), 0),
  },
  'dram-traffic': {
    key: 'dramTrafficBytes',
    quantity: 'size',
    ofFile: false,
    ofLayers: (layers, side) =>
      side.dramMemories.reduce((sum, memory) => sum + added((layer) => layer.trafficBytes[memory] ?? 0)(layers), 0),
  },
  macs: { key: 'macs', quantity: 'count', ofFile: false, ofLayers: added((layer) => layer.macs) },
  parameters: { key: 'parameters', quantity: 'count', ofFile: true, ofLayers: added((layer) => layer.parameters) },
  'cpu-fallback': {
    key: 'cpuFallbackLayers',
    quantity: 'count',
    ofFile: false,
    ofLayers: (layers) => layers.filter((layer) => layer.fallback !== null).length,
  },
};

/** One version of a model on one target, as far as it could be measured. */
export interface MeasuredSide {
  readonly values: MetricValues;
  readonly bands: Totals['bands'];
  /** Null where nothing was simulated. */
  readonly layers: readonly LayerCost[] | null;
  /** Ids of the target's memories that are DRAM. */
  readonly dramMemories: readonly string[];
  /** Names of operators that nobody knows: what they cost is missing in the values. */
  readonly unknownOperators: readonly string[];
  /** Why values are missing. */
  readonly reason?: string;
}

export function measuredSide(simulation: Simulation): MeasuredSide {
  const { schedule, totals, layers } = simulation;
  return {
    values: metricValues(simulation),
    bands: totals.bands,
    layers,
    dramMemories: schedule.target.memories.filter(({ bound }) => bound === 'dram').map(({ id }) => id),
    unknownOperators: [...schedule.unknownOperators.map(({ operator }) => operator), ...schedule.uncountedOperators],
  };
}

export interface JudgedModel {
  readonly path: string;
  readonly previousPath?: string;
  readonly name?: string;
  /** Ids that the target goes by: as the config writes it, and in full. */
  readonly target: readonly string[];
  readonly base: MeasuredSide | MissingSide;
  readonly head: MeasuredSide | MissingSide;
}

interface Judgement {
  readonly verdict: Verdict;
  readonly reason?: string;
}

/** From best to worst; the worst counts. */
const ranks: readonly Verdict[] = ['pass', 'waived', 'warn', 'not-measured', 'fail'];

export function worstVerdict(verdicts: Iterable<Verdict>): Verdict {
  return [...verdicts].reduce<Verdict>(
    (worst, one) => (ranks.indexOf(one) > ranks.indexOf(worst) ? one : worst),
    'pass',
  );
}

/** A budget's model is a glob over path or name; a file that was renamed keeps the budgets of its old path. */
export function appliesTo(
  budget: Budget,
  model: Pick<JudgedModel, 'path' | 'previousPath' | 'name' | 'target'>,
): boolean {
  if (budget.target !== undefined && !model.target.includes(budget.target)) return false;
  if (budget.model === undefined) return true;
  const matches = pathGlob(budget.model);
  return [model.path, model.previousPath, model.name].some((name) => name !== undefined && matches(name));
}

/** Judges each budget that applies to the model on this target, in the config's order. */
export function judge(budgets: readonly Budget[], model: JudgedModel): readonly BudgetResult[] {
  return budgets.filter((budget) => appliesTo(budget, model)).map((budget) => judgeOne(budget, model));
}

function judgeOne(budget: Budget, { base, head }: JudgedModel): BudgetResult {
  const row = budgetRows[budget.metric];
  const actual = measure(budget, head);
  const before = measure(budget, base);
  const max = budget.max === undefined ? null : judgeLimit(budget, actual);
  const maxIncrease = budget.maxIncrease === undefined ? null : judgeIncrease(budget, before, actual);
  const parts = [max, maxIncrease].filter((part) => part !== null).map((part) => softened(part, budget));
  const verdict = worstVerdict(parts.map((part) => part.verdict));
  const reason = parts.filter((part) => part.verdict === verdict).find((part) => part.reason !== undefined)?.reason;
  return {
    metric: budget.metric,
    key: row.key,
    limit: budget.max ?? null,
    maxIncrease: budget.maxIncrease ?? null,
    actual: actual.value,
    base: before.value,
    verdict,
    verdicts: {
      max: max && softened(max, budget).verdict,
      maxIncrease: maxIncrease && softened(maxIncrease, budget).verdict,
    },
    level: budget.level,
    ...(reason === undefined ? {} : { reason }),
    ...(budget.layer === undefined ? {} : { layer: budget.layer }),
  };
}

/** `level: warn` gives at most a warning. */
function softened(judgement: Judgement, budget: Budget): Judgement {
  const hard = judgement.verdict === 'fail' || judgement.verdict === 'not-measured';
  return budget.level === 'warn' && hard ? { ...judgement, verdict: 'warn' } : judgement;
}

interface Measured {
  readonly side: 'present' | MissingSide;
  readonly value: number | null;
  /** Share of the value at the low end of the band; 1 without a band. */
  readonly lowShare: number;
  /** Why there is no value; empty where there is one. */
  readonly reason: string;
}

function measure(budget: Budget, side: MeasuredSide | MissingSide): Measured {
  if (typeof side === 'string') {
    const reason = side === 'absent' ? 'there is no such version' : 'the model could not be read';
    return { side, value: null, lowShare: 1, reason };
  }
  const row = budgetRows[budget.metric];
  const nothing = { side: 'present', value: null, lowShare: 1, reason: '' } as const;
  if (side.unknownOperators.length > 0 && !row.ofFile) {
    return { ...nothing, reason: `the cost of ${side.unknownOperators.slice(0, 3).join(', ')} is not known` };
  }
  const total = side.values[row.key];
  const low = bandOf(row.key, side.bands)?.[0];
  const lowShare = low === undefined || !total ? 1 : low / total;
  if (budget.layer === undefined) {
    if (total !== undefined) return { ...nothing, value: total, lowShare };
    return { ...nothing, reason: side.reason ?? `${budget.metric} was not measured` };
  }
  if (side.layers === null) return { ...nothing, reason: side.reason ?? 'nothing was simulated' };
  if (row.ofLayers === undefined) return { ...nothing, reason: `${budget.metric} is not known per layer` };
  const layers = side.layers.filter(layerSelector(budget.layer));
  if (layers.length === 0) return { ...nothing, reason: 'no layer matches the glob' };
  return { ...nothing, value: row.ofLayers(layers, side), lowShare };
}

function judgeLimit(budget: Budget, { side, value, lowShare, reason }: Measured): Judgement {
  const max = budget.max!;
  if (side === 'absent') return { verdict: 'pass', reason: 'the model was removed' };
  if (value === null) return { verdict: 'not-measured', reason };
  if (value <= max) return { verdict: 'pass' };
  const { quantity } = budgetRows[budget.metric];
  const [printed, limit] = [printQuantity(value, quantity), printQuantity(max, quantity)];
  const over = `${printed} is over the limit of ${limit}${by(value - max, quantity, printed === limit)}`;
  if (value * lowShare > max) return { verdict: 'fail', reason: over };
  const decides = budget.onBand === 'fail' ? ' (onBand: fail)' : '';
  return { verdict: budget.onBand, reason: `${over}, but the low end of its band is not${decides}` };
}

/** Estimates without their bands: an error of the simulator is the same on both sides. */
function judgeIncrease({ metric, maxIncrease }: Budget, base: Measured, head: Measured): Judgement {
  if (head.side === 'absent') return { verdict: 'pass', reason: 'the model was removed' };
  if (head.value === null) return { verdict: 'not-measured', reason: head.reason };
  if (base.side === 'absent') return { verdict: 'warn', reason: 'no base' };
  if (base.value === null) return { verdict: 'not-measured', reason: `base: ${base.reason}` };
  const allowed = maxIncrease!;
  const increase = head.value - base.value;
  const limit = allowed.kind === 'amount' ? allowed.value : base.value * allowed.value;
  // A hair for the rounding of products and differences, far below what is printed.
  const hair = Number.isInteger(increase) ? 0 : 1e-12 * Math.max(head.value, base.value);
  if (increase <= limit + hair) return { verdict: 'pass' };
  const { quantity } = budgetRows[metric];
  const grown = base.value === 0 ? '' : ` (${printChange(increase / base.value)})`;
  const most = allowed.kind === 'ratio' ? printChange(allowed.value) : printDelta(allowed.value, quantity);
  const printed = `${printDelta(increase, quantity)}${grown}`;
  const excess = by(increase - limit, quantity, printed.includes(most));
  return { verdict: 'fail', reason: `${printed} is more than the allowed ${most}${excess}` };
}

/** Figures that print the same need what lies between them. */
function by(excess: number, quantity: Quantity, alike: boolean): string {
  return alike ? ` (by ${printQuantity(excess, quantity)})` : '';
}
