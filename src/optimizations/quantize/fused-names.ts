import type { Graph, Node } from '../../ir/graph.ts';

/** Tensors of a BatchNormalization that became part of a bias. */
const fromNormalization = 4;

/** ONNX Runtime's optimizer names the constants of a Conv anew with which it joins the BatchNormalization behind it. */
export function nameInFile({ operator, inputs }: Node, name: string, { initializers }: Graph): string {
  const [, weight, bias] = inputs;
  const origins = initializers.get(bias ?? '')?.foldedFrom ?? [];
  if (operator !== 'Conv' || origins.length < fromNormalization) return name;
  if (name === weight) return `ConvBnFusion_W_${name}`;
  return name === bias ? `ConvBnFusion_BN_B_${origins.at(-3)}` : name;
}
