/** Edits one after the other: from a prepared model to what it would be, with its sizes brought up to date. */
import { UserError } from '../errors.ts';
import type { DataType } from '../ir/data-type.ts';
import type { Graph, Node } from '../ir/graph.ts';
import { prepare } from '../passes/index.ts';
import type { Bindings, PreparedModel } from '../passes/prepared.ts';
import { refuseMisfits } from './inputs/misfits.ts';
import type { EditedGraph, EditedWeight, ModelEdit, NotApplied, ResizedModel } from './optimization.ts';
import { declaredTypesBytes, foldedAwayBytes } from './rewriting.ts';
import { withEditedGraph } from './sizes.ts';

/** An edit and the layers it is for. */
export interface ChosenEdit {
  readonly edit: ModelEdit;
  readonly selects: (node: Node) => boolean;
}

export interface EditedModel {
  readonly prepared: PreparedModel;
  /** In the order in which they were made: a later one may begin with what an earlier one ends with. */
  readonly weights: readonly EditedWeight[];
  /** Of each edit of the graph, in their order. */
  readonly steps: readonly EditStep[];
}

/** What one edit came to. */
export interface EditStep {
  /** Ids of nodes, each once. */
  readonly touched: readonly string[];
  readonly notApplied: readonly NotApplied[];
  /** See `EditedGraph.remarks`. */
  readonly remarks: readonly string[];
}

export interface ApplyOptions {
  /** The values that the model was prepared with. */
  readonly bindings: Bindings;
  /** See `EditScope.assumed`. */
  readonly assumed?: DataType;
}

/**
 * Edits of the inputs come first, wherever they stand: they need the file's own graph.
 * Throws `UserError` where an edit does not fit the model.
 */
export function applyEdits(
  given: PreparedModel,
  edits: readonly ChosenEdit[],
  { bindings, assumed }: ApplyOptions,
): EditedModel {
  let current: EditedModel = { prepared: resized(given, edits, bindings), weights: [], steps: [] };
  const rewrittenBytes = rewriting(current.prepared);
  for (const { edit, selects } of edits) {
    if (edit.kind !== 'graph') continue;
    const { prepared } = current;
    const edited = edit.apply(prepared.graph, { selects, model: prepared.model, assumed });
    refuseGrowth(given.graph, edited.graph);
    current = {
      prepared: withEditedGraph(prepared, edited, rewrittenBytes(edited.rewrites)),
      weights: [...current.weights, ...edited.weights],
      steps: [...current.steps, stepOf(edited)],
    };
  }
  return current;
}

function stepOf({ touched, notApplied, remarks }: EditedGraph): EditStep {
  return { touched, notApplied, remarks: remarks ?? [] };
}

/** Converters put casts around the casts of the conversion before: in turns with other edits each doubles the graph. */
function refuseGrowth(before: Graph, after: Graph): void {
  const most = 8 * before.nodes.length + 1000;
  if (after.nodes.length > most) {
    throw new UserError(
      `these edits make a graph of more than ${most} nodes; write edits of one name next to one another`,
    );
  }
}

function resized(given: PreparedModel, edits: readonly ChosenEdit[], bindings: Bindings): PreparedModel {
  let bound: ResizedModel = { model: given.model, bindings, assumptions: [] };
  for (const { edit } of edits) {
    if (edit.kind !== 'inputs') continue;
    const { assumptions } = bound;
    const next = edit.apply(bound);
    bound = { ...next, assumptions: [...assumptions, ...next.assumptions] };
  }
  if (bound.model === given.model) return given;
  const prepared = prepare(bound.model, bound.bindings);
  refuseMisfits(given.graph, prepared.graph);
  const assumptions = [...new Set([...prepared.assumptions, ...bound.assumptions])].sort();
  // What the file holds is the same at any size; the count would take adapted constants for new ones.
  return { ...prepared, assumptions, parameters: given.parameters };
}

/**
 * Bytes that the file gains where a tool writes it anew, once however many edits do so. `given`: before all edits, so
 * that what those removed themselves is not taken for folded away.
 */
function rewriting(given: PreparedModel): (rewrites: EditedGraph['rewrites']) => number {
  const done = { types: false, folded: false };
  return (rewrites) => {
    const types = rewrites !== undefined && !done.types ? declaredTypesBytes(given) : 0;
    const folded = rewrites === 'folded' && !done.folded ? foldedAwayBytes(given) : 0;
    done.types ||= rewrites !== undefined;
    done.folded ||= rewrites === 'folded';
    return types - folded;
  };
}
