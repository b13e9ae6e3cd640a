/**
 * Integers of 8 bits for weights and activations, with scales from calibration: what `quantize_static` of
 * onnxruntime.quantization makes of the model that `quant_pre_process` has cleaned (constants folded, batch
 * normalizations part of the convolutions before them, types written: see `preprocess.ts`), which its authors ask for. The
 * model keeps the floats that go in and come out.
 */
import { isFloat, isQuantizedInteger } from '../../ir/data-type.ts';
import type { Graph, Node } from '../../ir/graph.ts';
import type { EditedGraph, EditScope } from '../optimization.ts';
import { draftOf, finished, refuse, withoutParts } from './draft.ts';
import type { Draft } from './draft.ts';
import { insertPairs } from './insert-pairs.ts';
import { markTensors } from './marks.ts';
import { noIntegerForm } from './no-integer-form.ts';
import { preprocess } from './preprocess.ts';
import { rules } from './rules.ts';
import { inTheFileOnly, whyNotFloat } from './weights.ts';

export function quantizeStatically(given: Graph, scope: EditScope, perChannel: boolean): EditedGraph {
  const first = draftOf(given, scope);
  const { graph, selects, standsFor, rewrites } = preprocess(first);
  const draft: Draft = { ...first, given: graph };
  const opset = scope.model.opsets.get('ai.onnx') ?? 13;
  const reasonOf = reasonsIn(given);
  const takes = (node: Node) => selects(node) && reasonOf(node) === undefined;
  const marked = markTensors(draft.given, { perChannel, opset, takes });
  for (const node of given.nodes) {
    if (!scope.selects(node)) continue;
    if (marked.touched.has(standsFor(node.id)!)) draft.touched.add(node.id);
    else refuse(draft, node, reasonOf(node) ?? 'nothing that it reads is quantized');
  }
  if (marked.touched.size === 0) return finished(withoutParts(draft), given);
  const edited = finished(draft, insertPairs(draft, marked), rewrites);
  return scope.assumed === 'int8' ? inTheFileOnly(given, edited) : edited;
}

type ReasonOf = (node: Node) => string | undefined;

const knownReasons = new WeakMap<Graph, ReasonOf>();

/** Of graphs that edits were tried on. */
function reasonsIn(graph: Graph): ReasonOf {
  const reasons = new Map<Node, string | undefined>();
  const find: ReasonOf = (node) => {
    if (!reasons.has(node)) reasons.set(node, whyNotStatic(node, graph));
    return reasons.get(node);
  };
  const reasonOf = knownReasons.get(graph) ?? find;
  knownReasons.set(graph, reasonOf);
  return reasonOf;
}

/** Why a node stays as it is whatever is around it. */
function whyNotStatic(node: Node, graph: Graph): string | undefined {
  const { operator, domain, inputs } = node;
  if (domain !== '' || !rules.has(operator)) return noIntegerForm(node);
  const constants = inputs.flatMap((name) => graph.initializers.get(name) ?? []);
  for (const constant of constants) {
    if (!isFloat(constant.dtype) && !isQuantizedInteger(constant.dtype)) continue;
    const reason = whyNotFloat(constant, graph, 'its weights');
    if (reason !== undefined) return reason;
  }
  const types = inputs.flatMap((name) => (graph.initializers.has(name) ? [] : (graph.tensors.get(name)?.dtype ?? [])));
  const integer = types.find(isQuantizedInteger);
  if (integer !== undefined && !types.some(isFloat)) return `it computes in ${integer} already`;
  return undefined;
}
