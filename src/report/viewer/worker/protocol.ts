/** What the page asks its worker, and what the worker answers. Everything is named by its index in the report. */

/** One model on one target. */
export interface Place {
  readonly model: number;
  readonly target: number;
}

export type SideName = 'base' | 'head';

export type Question = { readonly kind: 'ready' } | { readonly kind: 'targetText'; readonly target: number };

/** By kind of question. */
export interface Answers {
  readonly ready: { readonly toolVersion: string };
  /** The numbers of a target with their sources, and its error table. */
  readonly targetText: { readonly text: string };
}

export type Kind = Question['kind'];

export interface Asked {
  readonly id: number;
  readonly question: Question;
}

/** `failed`: one line for the reader, as the command line would print it. */
export type Answered =
  { readonly id: number; readonly answer: Answers[Kind] } | { readonly id: number; readonly failed: string };
