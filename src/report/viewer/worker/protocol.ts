/** What the page asks its worker, and what the worker answers. Everything is named by its index in the report. */
import type { BufferPlacement } from '../../../schedule/schedule.ts';
import type { LaneSpan } from '../../../simulate/term.ts';

/** One model on one target. */
export interface Place {
  readonly model: number;
  readonly target: number;
}

export type SideName = 'base' | 'head';

export type Question =
  | { readonly kind: 'ready' }
  | { readonly kind: 'targetText'; readonly target: number }
  | { readonly kind: 'schedule'; readonly place: Place; readonly side: SideName };

/** By kind of question. */
export interface Answers {
  readonly ready: { readonly toolVersion: string };
  /** The numbers of a target with their sources, and its error table. */
  readonly targetText: { readonly text: string };
  readonly schedule: ScheduleAnswer;
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

export type Kind = Question['kind'];

export interface Asked {
  readonly id: number;
  readonly question: Question;
}

/** `failed`: one line for the reader, as the command line would print it. */
export type Answered =
  { readonly id: number; readonly answer: Answers[Kind] } | { readonly id: number; readonly failed: string };
