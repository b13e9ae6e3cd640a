/**
 * The one record that every output is made from: comment, check, page, JSON file. Versioned; its JSON schema is
 * generated from these types and shipped in `schemas/`. SI units, units in the keys.
 */
import type {
  BudgetResult,
  DiffRow,
  MetricKey,
  ModelChange,
  TotalDiff,
  Verdict,
  Waiver,
} from '../compare/comparison.ts';
import type { TargetStatus } from '../schedule/target.ts';

export interface Report {
  readonly schema: 'model-budget/report@1';
  readonly tool: { readonly version: string };
  /** `sha` is null for files compared directly. */
  readonly base: { readonly ref: string | null; readonly sha: string | null; readonly mergeBase: string | null };
  readonly head: { readonly ref: string | null; readonly sha: string | null };
  /** ISO date, null without waivers. */
  readonly evaluatedOn: string | null;
  /** All that were given, lapsed ones too: the file that the replay reads. Absent without any. */
  readonly waivers?: readonly Waiver[];
  readonly configDigest: string;
  /** The resolved config that the digest is of, as YAML; the replay reads it. */
  readonly config: string;
  /** Shell line that computes this report again. */
  readonly replay: string;
  readonly verdict: Verdict;
  readonly models: readonly ModelReport[];
  /** Facts about the run that a reader should know (config ignored, list cut). */
  readonly notes: readonly string[];
}

export interface ModelReport {
  readonly path: string;
  readonly previousPath?: string;
  /** The name that the config gives it. */
  readonly name?: string;
  readonly status: 'added' | 'removed' | 'renamed' | 'modified' | 'unchanged';
  readonly change: ModelChange;
  readonly verdict: Verdict;
  /** Why it could not be measured: one line per side. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  readonly targets: readonly TargetReport[];
}

export interface TargetReport {
  readonly target: {
    readonly id: string;
    readonly name: string;
    readonly status: TargetStatus;
    readonly runtime: string;
    readonly clockHertz: number;
  };
  readonly verdict: Verdict;
  readonly assumptions: readonly string[];
  readonly unknownOperators: readonly { readonly operator: string; readonly count: number }[];
  /** Share of the head's nodes that could be compiled. */
  readonly coverage: number;
  /** Inferences a second that the power is averaged over; null: back to back. */
  readonly rateHertz: number | null;
  readonly totals: Readonly<Record<MetricKey, TotalDiff>>;
  readonly budgets: readonly BudgetResult[];
  /** In the head's execution order, removed rows where they stood; never collapsed. */
  readonly layers: readonly DiffRow[];
  /** Live bytes in the activations' memory at each layer, in execution order. */
  readonly memoryTimeline: { readonly base: MemoryTimeline | null; readonly head: MemoryTimeline | null };
  /** The smallest edits that would meet the budgets; empty until asked for. */
  readonly suggestions: readonly Suggestion[];
}

export interface MemoryTimeline {
  readonly memory: string;
  readonly capacityBytes: number;
  readonly peakBytes: number;
  readonly peakLayer: string | null;
  readonly points: readonly { readonly layer: string; readonly liveBytes: number }[];
}

export interface Suggestion {
  readonly edits: string;
  readonly touched: readonly string[];
  readonly totals: Readonly<Partial<Record<MetricKey, number>>>;
  readonly sqnr?: number;
}
