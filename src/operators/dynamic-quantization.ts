/**
 * Products of float activations with weights of 8 bits or fewer that TFLite runs in integers: each run quantizes the
 * activations by their own range, accumulates in 32 bits and gives floats out ("dynamic range quantization",
 * https://ai.google.dev/edge/litert/models/post_training_quantization). The reader marks such nodes.
 */
import type { Attribute, Node, TensorType } from '../ir/graph.ts';
import { intAttribute } from './attribute.ts';
import { elementsOf, vectorWork } from './counting.ts';
import type { Cost } from './counting.ts';
import type { TypedNode } from './operator.ts';
import type { Work } from './work.ts';

const attribute = 'dynamic_quantization';

export const dynamicQuantization: Readonly<Record<string, Attribute>> = { [attribute]: { kind: 'int', value: 1 } };

/** As for DynamicQuantizeLinear: the smallest and the largest are sought, then each is rounded. */
const perActivation: Cost = { add: 2, convert: 1 };

export function isDynamicallyQuantized(node: Node): boolean {
  return intAttribute(node, attribute, 0) === 1;
}

/** The node's work with that on its activations; recurrent layers do it with their states too, as wide as the outputs. */
export function withDynamicQuantization({ node, inputs }: TypedNode, outputs: readonly TensorType[], work: Work): Work {
  if (!isDynamicallyQuantized(node)) return work;
  const streamed = inputs[work.nests[0]?.streamedInput ?? 0];
  const states = work.operatorClass === 'recurrent' ? elementsOf(outputs[0]) : 0;
  return { ...work, vector: [...work.vector, ...vectorWork(elementsOf(streamed) + states, perActivation)] };
}
