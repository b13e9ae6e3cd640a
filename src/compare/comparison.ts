/** Two simulations of two versions of one model, side by side: matched rows that add up, totals, budget verdicts. */
import type { LayerCost, Totals } from '../simulate/simulation.ts';

export type MatchStatus =
  | 'identical'
  | 'retrained'
  | 'resized'
  | 'replaced'
  | 'fused'
  | 'split'
  | 'moved'
  | 'added'
  | 'removed'
  /** One of several equal blocks, of which nobody can say which one is new. */
  | 'copy';

export type Evidence = 'weight-hash' | 'structure' | 'scope' | 'aligned' | 'name' | 'none';

export interface Match {
  readonly status: MatchStatus;
  readonly evidence: Evidence;
  /** 0 to 1. Below 0.5 the comment marks the row with `~`. */
  readonly confidence: number;
}

/** A pair of groups of nodes (by id); one side is empty for added and removed. */
export interface NodeMatch extends Match {
  readonly base: readonly string[];
  readonly head: readonly string[];
  /** What changed, in words: `widened 96→128`, `kernel 3→5`, `Relu → HardSwish`. */
  readonly changes: readonly string[];
}

export type ModelChange = 'identical' | 'retrained' | 'changed' | 'not-measured';

export interface GraphMatch {
  readonly change: ModelChange;
  readonly matches: readonly NodeMatch[];
}

/** Metrics of a layer that add up to the total. */
export const additiveMetrics = [
  'latencySeconds',
  'energyJoules',
  'macs',
  'parameters',
  'weightsBytes',
  'fileBytes',
] as const;
export type AdditiveMetric = (typeof additiveMetrics)[number];

export interface DiffRow {
  readonly match: Match;
  /** Layers on each side; a fusion has several on one side. The row `file overhead` has none. */
  readonly base: readonly LayerCost[];
  readonly head: readonly LayerCost[];
  readonly delta: Readonly<Record<AdditiveMetric, number>>;
  /** Changes in words, and what the target made of it: `falls back to the CPU`. */
  readonly changes: readonly string[];
  /** What the row is called when it has no layers: `file overhead`. */
  readonly name: string;
  /** `path:line` in the head's repository of the code that made the head's layer, where the exporter left it. */
  readonly source?: string;
  /** True for the row at which the head's activations peak. */
  readonly setsPeakMemory: boolean;
}

export type MetricKey =
  Exclude<keyof Totals, 'bands' | 'peakMemoryBytesByMemory' | 'trafficBytes'> | 'dramTrafficBytes';

export interface TotalDiff {
  readonly base: number | null;
  readonly head: number | null;
  readonly delta: number | null;
  /** head / base; null when the base is 0 or missing. */
  readonly ratio: number | null;
  /** 80% band of the head's value; null for counts. */
  readonly band: readonly [number, number] | null;
}

/** The words of the config file. */
export const budgetMetrics = [
  'size',
  'download',
  'weights',
  'latency',
  'energy',
  'power',
  'peak-memory',
  'dram-traffic',
  'macs',
  'parameters',
  'cpu-fallback',
] as const;
export type BudgetMetric = (typeof budgetMetrics)[number];

/** From best to worst. */
export type Verdict = 'pass' | 'waived' | 'warn' | 'not-measured' | 'fail';

export interface Budget {
  readonly metric: BudgetMetric;
  /** SI units. */
  readonly max?: number;
  /** A share of the base (`0.05`) or an amount in SI units. */
  readonly maxIncrease?: { readonly kind: 'ratio' | 'amount'; readonly value: number };
  /** Target id; absent: every target. */
  readonly target?: string;
  /** Glob over path or name; absent: every model. */
  readonly model?: string;
  /** Glob over layer names; absent: the model's total. */
  readonly layer?: string;
  readonly level: 'error' | 'warn';
  readonly onBand: 'warn' | 'fail';
  readonly reason?: string;
  /** Line of the config file that set it, from 1. */
  readonly line?: number;
}

export interface BudgetResult {
  readonly metric: BudgetMetric;
  /** The key of `totals` that it was judged on. */
  readonly key: MetricKey;
  readonly limit: number | null;
  readonly maxIncrease: Budget['maxIncrease'] | null;
  readonly actual: number | null;
  readonly base: number | null;
  /** The worst of the two below, after level and waiver. */
  readonly verdict: Verdict;
  /** Of the limit and of the increase by themselves; null where the budget sets none. */
  readonly verdicts: { readonly max: Verdict | null; readonly maxIncrease: Verdict | null };
  /** One sentence: why it failed, or could not be measured. */
  readonly reason?: string;
  readonly layer?: string;
  readonly level: 'error' | 'warn';
  /** Of a breach that stands accepted; `until` is its last day as the config allows it. */
  readonly waiver?: Waiver;
  /** The value that the waiver was given for. */
  readonly accepted?: number;
  /** Of a budget that fails, and was accepted before. */
  readonly lapsed?: LapsedWaiver;
}

/** What somebody accepted of one budget: a value of one model on one target. */
export interface WaivedValue {
  /** Path. */
  readonly model: string;
  /** The target's id in full, as reports name it. */
  readonly target: string;
  /** The budget's glob, where it is one of layers. */
  readonly layer?: string;
  /** SI units. */
  readonly actual: number;
}

/** Accepted breaches: bound to the measured values and a date; written by slash commands. */
export interface Waiver {
  readonly id: string;
  readonly who: string;
  /** ISO time. */
  readonly when: string;
  readonly why: string;
  /** ISO date: the last day. */
  readonly until: string;
  readonly metric: BudgetMetric;
  /** The selectors that it was given with; which budgets it covers is said by `values` alone. */
  readonly model?: string;
  readonly target?: string;
  readonly values: readonly WaivedValue[];
}

/** A waiver of this very budget that does not cover it any more. */
export interface LapsedWaiver {
  /** `until` is its last day as the config allows it. */
  readonly waiver: Waiver;
  readonly cause: 'worse' | 'expired';
  /** The value that it was given for. */
  readonly accepted: number;
}
