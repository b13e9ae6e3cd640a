/**
 * Which tensors ONNX Runtime's static quantizer puts between integers and floats (onnxruntime.quantization 1.32,
 * qdq_quantizer.py and operators/*.py, at their defaults: int8, Relu and Clip removed, no input forced). It walks the
 * nodes in their order and marks tensors; what it does at a node depends on what is marked by then.
 */
import type { DataType } from '../../ir/data-type.ts';
import type { Graph, Node } from '../../ir/graph.ts';
import { consumersOf, follow } from '../../passes/drop-nodes.ts';
import type { Marking, Marks, TensorMark } from './marking.ts';
import { rules } from './rules.ts';

export interface Marked {
  readonly marks: Marks;
  /** Nodes at which a tensor was marked or that were dropped. */
  readonly touched: ReadonlySet<Node>;
}

/** @param takes of the nodes that the edit is for and that can be quantized */
export function markTensors(
  graph: Graph,
  { perChannel, opset, takes }: Pick<Marking, 'perChannel' | 'opset'> & { readonly takes: (node: Node) => boolean },
): Marked {
  const consumers = consumersOf(graph.nodes);
  const tensors = new Map<string, TensorMark>();
  const marking: Marking = {
    tensors,
    biases: new Map(),
    dropped: new Set(),
    renamed: new Map(),
    perChannel,
    opset,
    outputs: new Set(graph.outputs),
    inputs: new Set(graph.inputs),
    constantOf: (name = '') => (isQuantizable(graph, name) ? graph.initializers.get(name) : undefined),
    isQuantized: (name = '') => tensors.has(name),
    mark: (name = '', mark = {}) => {
      if (!isQuantizable(graph, name)) return;
      if (tensors.has(name) && mark.sharesWith === undefined && mark.axis === undefined) return;
      tensors.set(name, { offset: true, ...mark });
    },
    readersOf: (name) => consumers.get(name)?.length ?? 0,
  };
  const touched = new Set<Node>();
  for (const node of graph.nodes) {
    if (!takes(node)) continue;
    const rule = rules.get(node.operator)!;
    rule(node, marking);
    if (isTouched(node, marking)) touched.add(node);
  }
  for (const name of dequantizedIn(graph)) if (tensors.get(name)?.sharesWith === undefined) tensors.delete(name);
  return { marks: marking, touched };
}

/** What the file quantizes already is read as it is: the quantizer puts no second pair behind a DequantizeLinear. */
function dequantizedIn({ nodes }: Graph): readonly string[] {
  return nodes.flatMap(({ operator, outputs }) => (operator === 'DequantizeLinear' ? outputs : []));
}

function isTouched(node: Node, { tensors, biases, dropped, renamed }: Marks): boolean {
  if (dropped.has(node) || biases.has(node)) return true;
  return [...node.inputs, ...node.outputs].some((name) => tensors.has(follow(name, renamed)));
}

const quantizable: ReadonlySet<DataType | null | undefined> = new Set<DataType>(['float32', 'float16']);

function isQuantizable({ initializers, tensors }: Graph, name: string): boolean {
  const constant = initializers.get(name);
  return name !== '' && quantizable.has(constant === undefined ? tensors.get(name)?.dtype : constant.dtype);
}
