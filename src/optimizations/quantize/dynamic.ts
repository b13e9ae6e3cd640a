/**
 * Integers of 8 bits for weights, and for activations by the range that they have in each run: what `quantize_dynamic` of
 * onnxruntime.quantization 1.32 makes (onnx_quantizer.py, operators/*.py, at their defaults) of the model that
 * `quant_pre_process` has cleaned (see `preprocess.ts`). Each product becomes five
 * operators: DynamicQuantizeLinear, the product of integers, Cast and two Mul; a Gemm becomes such a product and an Add.
 */
import type { Graph, Node } from '../../ir/graph.ts';
import { absorbQuantization } from '../../passes/absorb-quantization.ts';
import { removeDead } from '../../passes/remove-dead.ts';
import { intAttribute, floatAttribute } from '../../operators/attribute.ts';
import type { EditedGraph, EditScope } from '../optimization.ts';
import { draftOf, finished, newNode, refuse, withoutParts } from './draft.ts';
import type { Draft } from './draft.ts';
import type { DynamicDraft } from './dynamic-draft.ts';
import { lookUpIntegers, moveIntegers, quantizeRecurrent } from './dynamic-others.ts';
import { quantizeConvolution, quantizeProduct } from './dynamic-products.ts';
import { preprocess } from './preprocess.ts';
import { inTheFileOnly, whyNotFloat } from './weights.ts';

type Rule = (draft: DynamicDraft, node: Node) => void;

const rules: ReadonlyMap<string, { readonly weights: readonly number[]; readonly rule: Rule }> = new Map([
  ['Conv', { weights: [1], rule: quantizeConvolution }],
  ['MatMul', { weights: [1], rule: quantizeProduct }],
  ['Gemm', { weights: [1], rule: quantizeProduct }],
  ['LSTM', { weights: [1, 2], rule: quantizeRecurrent }],
  ['Gather', { weights: [0], rule: lookUpIntegers }],
]);

export function quantizeDynamically(given: Graph, scope: EditScope, perChannel: boolean): EditedGraph {
  const first = draftOf(given, scope);
  const { graph: before, selects, rewrites } = preprocess(first);
  const draft: DynamicDraft = {
    ...first,
    given: before,
    selects,
    perChannel,
    nodes: [],
    quantized: new Map(),
    made: new Set(given.inputs),
  };
  for (const node of before.nodes) {
    quantizeNode(draft, node);
    for (const made of draft.nodes.slice(-mostNodes)) for (const name of made.outputs) draft.made.add(name);
  }
  for (const name of before.outputs) dequantize(draft, name, undefined);
  for (const node of given.nodes) refuseUntouched(draft, node);
  if (draft.touched.size === 0) return finished(withoutParts(draft), given);
  const { nodes, initializers, tensors } = draft;
  const graph = removeDead(absorbQuantization({ ...before, nodes, initializers, tensors }));
  const edited = finished(draft, graph, rewrites);
  return scope.assumed === 'int8' ? inTheFileOnly(given, edited) : edited;
}

function refuseUntouched(draft: DynamicDraft, node: Node): void {
  if (draft.touched.has(node.id) || !draft.scope.selects(node)) return;
  const reason = whyNotDynamic(draft, node);
  if (reason !== undefined) refuse(draft, node, reason);
}

/** That stand for one. */
const mostNodes = 8;

function quantizeNode(draft: DynamicDraft, node: Node): void {
  const selected = draft.selects(node);
  if (selected && node.operator === 'Transpose' && node.domain === '' && draft.quantized.has(node.inputs[0] ?? '')) {
    moveIntegers(draft, node);
    draft.touched.add(node.id);
    return;
  }
  const reason = selected ? whyNotDynamic(draft, node) : '';
  if (reason === undefined) {
    rules.get(node.operator)!.rule(draft, node);
    draft.touched.add(node.id);
    return;
  }
  for (const name of node.inputs) dequantize(draft, name, node);
  draft.nodes.push(node);
}

function whyNotDynamic({ given }: Draft, node: Node): string | undefined {
  const { operator, domain, inputs } = node;
  const known = domain === '' ? rules.get(operator) : undefined;
  if (known === undefined) {
    return `\`${domain === '' ? operator : `${domain}.${operator}`}\` is not among the operators that are quantized dynamically`;
  }
  for (const position of known.weights) {
    const constant = given.initializers.get(inputs[position] ?? '');
    const reason = whyNotFloat(constant, given, 'its weights');
    if (reason !== undefined) return reason;
  }
  const plain =
    operator !== 'Gemm' ||
    (intAttribute(node, 'transA', 0) === 0 &&
      floatAttribute(node, 'alpha', 1) === 1 &&
      floatAttribute(node, 'beta', 1) === 1);
  return plain ? undefined : 'a Gemm with factors, or with its first matrix transposed, is no plain product';
}

/** Floats of a tensor of which there are integers only. */
function dequantize(draft: DynamicDraft, name: string, like: Node | undefined): void {
  const value = draft.quantized.get(name);
  if (value === undefined || draft.made.has(name)) return;
  const node = newNode(draft, like, {
    name: `${name}_DequantizeLinear`,
    operator: 'DequantizeLinear',
    inputs: [value.integers, value.scale, value.zeroPoint],
    outputs: [name],
  });
  draft.nodes.push(node);
  draft.addedNodes.push(node);
  draft.made.add(name);
}
