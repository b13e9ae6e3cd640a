/** Edits one after the other: from a prepared model to what it would be, with its sizes brought up to date. */
import { InvariantError } from '../errors.ts';
import type { DataType } from '../ir/data-type.ts';
import type { Node } from '../ir/graph.ts';
import { prepare } from '../passes/index.ts';
import type { Bindings, PreparedModel } from '../passes/prepared.ts';
import { refuseMisfits } from './inputs/misfits.ts';
import type { EditedGraph, EditedWeight, ModelEdit, NotApplied, ResizedModel, Rewriting } from './optimization.ts';
import { declaredTypesBytes, foldedAwayBytes, losesMetadata, metadataBytes } from './rewriting.ts';
import { withEditedGraph } from './sizes.ts';

/** An edit and the layers it is for. */
export interface ChosenEdit {
  readonly edit: ModelEdit;
  readonly selects: (node: Node) => boolean;
  /** Equal for edits of one model that do the same to the same nodes. Absent: what it makes is not remembered. */
  readonly key?: string;
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
  const start = resized(given, edits, bindings);
  let current: Stage = { edited: { prepared: start, weights: [], steps: [] }, rewritten: 'nothing' };
  const keys: (string | undefined)[] = [assumed ?? ''];
  for (const chosen of edits) {
    if (chosen.edit.kind !== 'graph') continue;
    keys.push(chosen.key);
    const before = current;
    current = rememberedStage(start, keys.includes(undefined) ? undefined : JSON.stringify(keys), () =>
      nextStage(before, chosen, { given: start, assumed }),
    );
  }
  return current.edited;
}

/** What the edits up to one of them made. */
interface Stage {
  readonly edited: EditedModel;
  /** What a tool has written anew by then. */
  readonly rewritten: Rewriting | 'nothing';
}

function nextStage(
  { edited: { prepared, weights, steps }, rewritten }: Stage,
  { edit, selects }: ChosenEdit,
  { given, assumed }: { readonly given: PreparedModel; readonly assumed: DataType | undefined },
): Stage {
  if (edit.kind !== 'graph') throw new InvariantError('edits of the inputs come first');
  const edited = edit.apply(prepared.graph, { selects, model: prepared.model, assumed });
  const now = further(rewritten, edited.rewrites);
  const besides = rewrittenBytes(given, now) - rewrittenBytes(given, rewritten);
  return {
    edited: {
      prepared: withEditedGraph(prepared, edited, { besides, bare: losesMetadata(given, now) }),
      weights: [...weights, ...edited.weights],
      steps: [...steps, stepOf(edited)],
    },
    rewritten: now,
  };
}

/** Lists of edits grow at their end, are tried on one target after the other, and are switched on and off. */
const stages = new WeakMap<PreparedModel, Map<string, Stage>>();
const mostRememberedNodes = 20_000;

function rememberedStage(given: PreparedModel, key: string | undefined, make: () => Stage): Stage {
  if (key === undefined) return make();
  const known = stages.get(given) ?? new Map<string, Stage>();
  stages.set(given, known);
  const stage = known.get(key) ?? make();
  known.delete(key);
  known.set(key, stage);
  let nodes = 0;
  for (const [old, { edited }] of [...known].reverse()) {
    nodes += edited.prepared.graph.nodes.length;
    if (nodes > mostRememberedNodes) known.delete(old);
  }
  return stage;
}

function stepOf({ touched, notApplied, remarks }: EditedGraph): EditStep {
  return { touched, notApplied, remarks: remarks ?? [] };
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

const degrees: readonly Stage['rewritten'][] = ['nothing', 'types', 'folded', 'optimized'];

function further(done: Stage['rewritten'], rewrites: Stage['rewritten'] = 'nothing'): Stage['rewritten'] {
  return degrees[Math.max(degrees.indexOf(done), degrees.indexOf(rewrites))]!;
}

/**
 * Bytes that the file gains where a tool writes it anew, once however many edits do so. `given`: before all edits, so
 * that what those removed themselves is not taken for folded away.
 */
function rewrittenBytes(given: PreparedModel, rewritten: Stage['rewritten']): number {
  if (rewritten === 'nothing') return 0;
  const folded = rewritten === 'types' ? 0 : foldedAwayBytes(given);
  return declaredTypesBytes(given) - folded - (losesMetadata(given, rewritten) ? metadataBytes(given) : 0);
}
