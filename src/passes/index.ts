/** The passes in their order: from a model as it was read to a graph that can be compiled. */
import type { Graph, Model } from '../ir/graph.ts';
import { allNodes } from '../ir/bodies.ts';
import { findOperator } from '../operators/index.ts';
import { numericShape } from '../operators/type.ts';
import { absorbQuantization } from './absorb-quantization.ts';
import { countParameters } from './count-parameters.ts';
import { bindDimensions, bindGiven } from './bind-dimensions.ts';
import { boundSizes, reasonOf } from './bound-sizes.ts';
import { expandFunctions, functionBodyOf } from './expand-functions.ts';
import { foldAffine } from './fold-affine.ts';
import { foldConstants } from './fold-constants.ts';
import { inferShapes } from './infer-shapes.ts';
import { inlineBodies } from './inline-bodies.ts';
import type { Bindings, PreparedModel } from './prepared.ts';
import { moveTransposes } from './move-transposes.ts';
import { removeDead } from './remove-dead.ts';
import { removeIdentity } from './remove-identity.ts';

type Unresolved = PreparedModel['unresolved'][number];

/** What turns a flat, folded graph into another; each keeps every node's id in some node's `sources`. */
export const cleaning: readonly ((graph: Graph) => Graph)[] = [
  removeIdentity,
  // What nobody reads would count as gained where it moves.
  removeDead,
  moveTransposes,
  foldAffine,
  absorbQuantization,
  removeDead,
];

/**
 * The other formats' runtimes leave Transposes where the converters left them. TFLite's take a Dequantize at its word: what
 * stands between it and a Quantize runs in float, while in ONNX such groups are how a quantized operator is written.
 */
function cleaningOf({ format }: Model): typeof cleaning {
  if (format === 'onnx') return cleaning;
  const own = cleaning.filter((pass) => pass !== moveTransposes);
  return format === 'tflite' ? own.filter((pass) => pass !== absorbQuantization) : own;
}

/**
 * The model with every tensor typed, in the bodies of its branches, loops and function calls too; symbols stay, values
 * for some of them may be given. Throws `UserError` when those do not fit the model.
 */
export function inferModel(model: Model, bindings: Bindings): Model {
  const bound = { ...model, graph: bindGiven(model.graph, bindings) };
  return { ...model, graph: inferShapes(expandFunctions(bound), 'common') };
}

/**
 * As `inferModel` of a model without given values, with batches of 1 and with one branch of every If: what to count when
 * symbols stay in the types. The same graph comes back where no dimension is a batch and no node an If.
 */
export function inferBatchOne(inferred: Model): { readonly graph: Graph; readonly assumptions: readonly string[] } {
  const { graph, assumptions } = bindDimensions(inferred.graph, { dims: new Map(), inputs: new Map() });
  const branches = allNodes(graph).some(({ operator, domain }) => operator === 'If' && domain === '');
  if (assumptions.length === 0 && !branches) return { graph: inferred.graph, assumptions };
  return { graph: inferShapes(expandFunctions({ ...inferred, graph }), 'counted'), assumptions };
}

/** Throws `UserError` when the given values do not fit the model's inputs. */
export function prepare(model: Model, bindings: Bindings): PreparedModel {
  const bound = bindDimensions(model.graph, bindings);
  const nested = inferShapes(expandFunctions({ ...model, graph: bound.graph }), 'counted');
  const inlined = inlineBodies(nested);
  const unresolved = new Map<string, Unresolved>();
  const flat = inferShapes(inlined.graph, 'counted', (context, outputs) =>
    boundSizes(context, outputs, (one) => unresolved.set(one.tensor, one)),
  );
  const folded = foldConstants(flat);
  const graph = cleaningOf(model).reduce((current, pass) => pass(current), folded.graph);
  for (const one of unsized(graph)) if (!unresolved.has(one.tensor)) unresolved.set(one.tensor, one);
  return {
    model,
    graph,
    assumptions: [...bound.assumptions, ...inlined.assumptions].sort(),
    unbound: bound.unbound,
    ...knownOperators(nested),
    constantNodes: folded.constantNodes,
    parameters: countParameters(nested),
    unresolved: bound.unbound.length > 0 ? [] : [...unresolved.values()],
  };
}

/** Tensors that no bound could be given for: an unknown operator made them, or the data alone decides their size. */
function unsized(graph: Graph): readonly Unresolved[] {
  const names = new Set(graph.nodes.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]));
  names.delete('');
  return [...names].flatMap((tensor) => {
    const type = graph.tensors.get(tensor);
    if (type?.container !== undefined || numericShape(type?.shape) !== undefined) return [];
    return [{ tensor, reason: type?.reason ?? reasonOf(type?.shape ?? null), assumed: [] }];
  });
}

/** Unknown operators of the file's nodes, bodies included, by name, and the share of nodes that are known. */
export function knownOperators(graph: Graph): Pick<PreparedModel, 'unknownOperators' | 'coverage'> {
  const counts = new Map<string, number>();
  const nodes = allNodes(graph);
  const unknown = nodes.filter(
    (node) => functionBodyOf(node) === undefined && !findOperator(node.domain, node.operator),
  );
  for (const { domain, operator } of unknown) {
    const name = domain === '' ? operator : `${domain}.${operator}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const unknownOperators = [...counts].map(([operator, count]) => ({ operator, count }));
  unknownOperators.sort((a, b) => (a.operator < b.operator ? -1 : 1));
  return { unknownOperators, coverage: nodes.length === 0 ? 1 : 1 - unknown.length / nodes.length };
}
