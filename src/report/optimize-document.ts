/** The JSON of `model-budget optimize`: a what-if, or the outcome of a search, as a versioned document. SI units. */
import { headsOf } from '../advise/layer-heads.ts';
import type { Advice } from '../advise/optimize.ts';
import type { BudgetResult } from '../compare/comparison.ts';
import type { Verification } from '../measure/verification.ts';
import type { LayerCost, Totals } from '../simulate/simulation.ts';
import { targetIdentity } from '../schedule/document.ts';
import type { SimulationDocument } from './simulation-document.ts';

export interface OptimizeDocument {
  readonly schema: 'model-budget/optimize@1';
  readonly model: { readonly path: string };
  readonly target: SimulationDocument['target'];
  /** In the grammar of what-ifs; empty: the budgets are met as it is; null: the search found nothing that meets them. */
  readonly edits: string | null;
  readonly assumptions: readonly string[];
  /** Of the model as it is. */
  readonly base: Totals;
  /** Of the model as the edits would make it. */
  readonly head: Totals;
  /** Judged on `head`; empty without a config. */
  readonly budgets: readonly BudgetResult[];
  /** The layers that an edit was made for, in execution order. */
  readonly layers: readonly OptimizedLayer[];
  /** Layers that were selected and stay as they are. */
  readonly notApplied: readonly { readonly layer: string; readonly reason: string }[];
  /** What a reader should know of the result. */
  readonly remarks: readonly string[];
  /** Of a run of the model with the edited weights, where one was asked for. */
  readonly verification?: Verification;
  /** Of a search: up to three edits that meet the budgets, best first. */
  readonly suggestions: readonly {
    readonly edits: string;
    readonly touched: readonly string[];
    readonly totals: Totals;
    readonly sqnrDecibels: number | null;
  }[];
  /** Of a search: the edits that no other one beats in all of layers touched, latency, energy, memory and size. */
  readonly front: readonly { readonly edits: string; readonly touched: readonly string[]; readonly totals: Totals }[];
}

export interface OptimizedLayer {
  readonly name: string;
  readonly op: string;
  /** Signal to quantization noise of the weights; null where none changed or they are not known. */
  readonly sqnrDecibels: number | null;
  /** Why it is not known. */
  readonly sqnrReason?: string;
  readonly fileBytes: Change;
  readonly weightsBytes: Change;
  readonly latencySeconds: Change;
  readonly energyJoules: Change;
}

interface Change {
  readonly base: number;
  readonly head: number;
}

export function optimizeDocument(advice: Advice, path: string, verification?: Verification): OptimizeDocument {
  const { edits, whatIf, budgets, found, front } = advice;
  const { base, head, notApplied, remarks } = whatIf;
  return {
    schema: 'model-budget/optimize@1',
    model: { path },
    target: targetIdentity(base.schedule.target),
    edits,
    assumptions: head.schedule.assumptions,
    base: base.totals,
    head: head.totals,
    budgets,
    layers: layersOf(advice),
    notApplied,
    remarks,
    ...(verification === undefined ? {} : { verification }),
    suggestions: found.map(({ touched, totals, sqnrDecibels, edits: text }) => ({
      edits: text,
      ...{ touched, totals, sqnrDecibels },
    })),
    front,
  };
}

function layersOf({ whatIf: { base, head, touched }, errors }: Advice): readonly OptimizedLayer[] {
  const names = new Set(touched);
  const heads = headsOf(head);
  return base.layers
    .filter(({ name }) => names.has(name))
    .map((before) => {
      const after = heads(before);
      const error = errors.get(before.name);
      const change = (of: (layer: LayerCost) => number): Change => ({
        base: of(before),
        head: after.reduce((sum, layer) => sum + of(layer), 0),
      });
      return {
        name: before.name,
        op: before.op,
        sqnrDecibels: error?.decibels ?? null,
        ...(error?.reason === undefined ? {} : { sqnrReason: error.reason }),
        fileBytes: change(({ fileBytes }) => fileBytes),
        weightsBytes: change(({ weightsBytes }) => weightsBytes),
        latencySeconds: change(({ latencySeconds }) => latencySeconds),
        energyJoules: change(({ energyJoules }) => energyJoules),
      };
    });
}
