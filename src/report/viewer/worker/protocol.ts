/** What the page asks its worker, and what the worker answers. Everything is named by its index in the report. */
import type { SearchedMetric } from '../../../advise/searched-metrics.ts';
import type { AdditiveMetric, DiffRow } from '../../../compare/comparison.ts';
import type { BufferPlacement, Kernel, Stream } from '../../../schedule/schedule.ts';
import type { LaneSpan } from '../../../simulate/term.ts';
import type { NeighbourFile, NeighbourFormat } from '../../neighbours/neighbour.ts';
import type { OptimizeDocument } from '../../optimize-document.ts';
import type { MemoryTimeline } from '../../report.ts';

/** One model on one target. */
export interface Place {
  readonly model: number;
  readonly target: number;
}

export type SideName = 'base' | 'head';

export type Question =
  | { readonly kind: 'targetText'; readonly target: number }
  | { readonly kind: 'schedule'; readonly place: Place; readonly side: SideName }
  /** Of a row: the ids of its layers on each side. */
  | {
      readonly kind: 'details';
      readonly place: Place;
      readonly base: readonly string[];
      readonly head: readonly string[];
    }
  /** `edits`: in the grammar of what-ifs, made on the head. */
  | { readonly kind: 'whatIf'; readonly place: Place; readonly edits: string }
  /** Nothing is answered: the same before it is asked, if it ever is; `isKept` for then. Comes after everything else. */
  | { readonly kind: 'rehearse'; readonly place: Place; readonly edits: string; readonly isKept: boolean }
  /** The smallest edit that meets the budgets; those of one metric, or less of one that no budget limits. */
  | { readonly kind: 'search'; readonly place: Place; readonly metric?: SearchedMetric }
  /** Nothing is answered: what every what-if of this place needs is computed before the first one is asked. */
  | { readonly kind: 'prepare'; readonly place: Place }
  /** What the words of an edit mean, before it is made. */
  | { readonly kind: 'phrases'; readonly text: string }
  | { readonly kind: 'edits' }
  /** Files for another tool; the rows are those of the report. */
  | {
      readonly kind: 'neighbours';
      readonly place: Place;
      readonly format: NeighbourFormat;
      readonly rows: readonly DiffRow[];
    };

/** By kind of question. */
export interface Answers {
  /** The numbers of a target with their sources, and its error table. */
  readonly targetText: { readonly text: string };
  readonly schedule: ScheduleAnswer;
  readonly details: RowDetails;
  readonly whatIf: WhatIfAnswer;
  readonly rehearse: null;
  readonly search: SearchAnswer;
  readonly prepare: null;
  /** Printed as the grammar prints them, one by one; or what is wrong with the text, in a line. */
  readonly phrases: { readonly phrases: readonly string[] } | { readonly wrong: string };
  readonly edits: { readonly edits: readonly KnownEdit[] };
  readonly neighbours: { readonly files: readonly NeighbourFile[] };
}

/** One version of a model as it runs on a target. */
export interface ScheduleAnswer {
  /** Ids, in the target's order. */
  readonly units: readonly string[];
  readonly memories: readonly string[];
  readonly activationsMemory: string;
  /** What passes before the first kernel. */
  readonly startSeconds: number;
  /** In execution order. */
  readonly kernels: readonly ScheduledKernel[];
  readonly arenas: readonly ScheduledArena[];
}

export interface ScheduledKernel {
  /** Id of the layer that it is in the report. */
  readonly layer: string;
  readonly unit: string;
  readonly startSeconds: number;
  readonly seconds: number;
  /** What is busy; starts count from the kernel's. */
  readonly lanes: readonly LaneSpan[];
}

export interface ScheduledArena {
  readonly memory: string;
  readonly capacityBytes: number;
  readonly peakBytes: number;
  /** Index of the kernel at which most is live. */
  readonly peakKernel: number;
  readonly placements: readonly BufferPlacement[];
}

export interface RowDetails {
  readonly base: readonly LayerDetails[];
  readonly head: readonly LayerDetails[];
}

export interface LayerDetails {
  readonly layer: string;
  /** In execution order, the host's first. */
  readonly nodes: readonly NodeDetails[];
  /** Null for what is none: the invocation. */
  readonly kernel: KernelDetails | null;
}

/** A node of the file. */
export interface NodeDetails {
  readonly id: string;
  /** Contrib domains in front. */
  readonly operator: string;
  readonly version: number;
  readonly attributes: readonly AttributeDetails[];
  readonly inputs: readonly TensorDetails[];
  readonly outputs: readonly TensorDetails[];
}

export interface AttributeDetails {
  readonly name: string;
  readonly words: string;
  /** The node's counterpart on the other side has another value, or none. */
  readonly differs: boolean;
}

export interface TensorDetails {
  readonly name: string;
  /** `1 x 3 x 224 x 224`; null: not known. */
  readonly shape: string | null;
  readonly dtype: string | null;
  readonly constant: boolean;
  readonly differs: boolean;
}

/** Of one inference. */
export interface KernelDetails extends Pick<
  Kernel,
  | 'unit'
  | 'type'
  | 'assumed'
  | 'algorithm'
  | 'fused'
  | 'macs'
  | 'executedMacs'
  | 'workspaceBytes'
  | 'repetitions'
  | 'fallback'
> {
  /** `OY 8 OX 8 K 16 C 3 ×4`; null where there is none. */
  readonly tile: string | null;
  /** One for each memory and role. */
  readonly streams: readonly Stream[];
}

export interface WhatIfAnswer {
  /** As `optimize --apply --format json` prints it. */
  readonly document: OptimizeDocument;
  /** By id of the head's layer: what changes in it. What stays is not listed; all of it adds up to the totals. */
  readonly changes: ReadonlyMap<string, NamedChange>;
  /** Of layers that stand for none of the head's. */
  readonly added: LayerChange;
  readonly memoryTimeline: MemoryTimeline | null;
  /**
   * Names of weights whose size in the target's compressed form was assumed, since the page has no weights: `optimize` on
   * the command line looks at them.
   */
  readonly assumed: readonly string[];
}

export type LayerChange = Readonly<Record<AdditiveMetric, number>>;

export interface NamedChange extends LayerChange {
  /** Of the layer: others may have the same. */
  readonly name: string;
}

export interface SearchAnswer {
  /** As `optimize --search --format json` prints it. `edits` is null where nothing was found. */
  readonly document: OptimizeDocument;
  readonly assumed: readonly string[];
}

export interface KnownEdit {
  readonly name: string;
  /** `palettize 1|2|3|4|6|8` */
  readonly usage: string;
  readonly summary: string;
}

export type Kind = Question['kind'];

export interface Asked {
  readonly id: number;
  readonly question: Question;
}

/** `failed`: one line for the reader, as the command line would print it. */
export type Answered =
  | { readonly id: number; readonly answer: Answers[Kind] }
  /** There is more to come: this share of the work is done. */
  | { readonly id: number; readonly done: number }
  | { readonly id: number; readonly failed: string };
