/** All operators, by family. A family's file holds everything that the program knows of its operators. */
import type { TensorType } from '../ir/graph.ts';
import { attentionOperators } from './attention.ts';
import { binaryOperators } from './binary.ts';
import { comparisonOperators } from './comparison.ts';
import { contribAttentionOperators } from './contrib-attention.ts';
import { contribFusionOperators } from './contrib-fusion.ts';
import { convolutionOperators } from './convolution.ts';
import { dropoutOperators } from './dropout.ts';
import { einsumOperators } from './einsum.ts';
import { linearAlgebraOperators } from './linear-algebra.ts';
import { lossOperators } from './loss.ts';
import { machineLearningOperators } from './machine-learning.ts';
import { matmulOperators } from './matmul.ts';
import { normalizationOperators } from './normalization.ts';
import { castOperators } from './cast.ts';
import { layoutOperators } from './layout.ts';
import { shapeOperators } from './shape.ts';
import { viewOperators } from './view.ts';
import type { Operator, TypedNode } from './operator.ts';
import { poolingOperators } from './pooling.ts';
import { quantizeOperators } from './quantize.ts';
import { recurrentOperators } from './recurrent.ts';
import { reductionOperators } from './reduction.ts';
import { signalOperators } from './signal.ts';
import { softmaxOperators } from './softmax.ts';
import { transposedConvolutionOperators } from './transposed-convolution.ts';
import { elementCount } from './type.ts';
import { unaryOperators } from './unary.ts';
import type { Work } from './work.ts';

const families: readonly (readonly Operator[])[] = [
  attentionOperators,
  binaryOperators,
  comparisonOperators,
  contribAttentionOperators,
  contribFusionOperators,
  convolutionOperators,
  dropoutOperators,
  einsumOperators,
  linearAlgebraOperators,
  lossOperators,
  machineLearningOperators,
  matmulOperators,
  normalizationOperators,
  poolingOperators,
  quantizeOperators,
  recurrentOperators,
  reductionOperators,
  signalOperators,
  softmaxOperators,
  transposedConvolutionOperators,
  unaryOperators,
  castOperators,
  layoutOperators,
  shapeOperators,
  viewOperators,
];

export const operators: readonly Operator[] = families.flat();

const byKey = new Map(operators.map((operator) => [`${operator.domain}:${operator.name}`, operator]));

/** The entry of an operator; undefined for one this program does not know. */
export function findOperator(domain: string, name: string): Operator | undefined {
  return byKey.get(`${domain === 'ai.onnx' ? '' : domain}:${name}`);
}

/** What one run of the node computes; all shapes must be numbers. Nothing is known of an unknown operator's work. */
export function workOf(typed: TypedNode, outputs: readonly TensorType[]): Work {
  const operator = findOperator(typed.node.domain, typed.node.operator);
  return operator?.work?.(typed, outputs) ?? onePerElement(outputs);
}

function onePerElement(outputs: readonly TensorType[]): Work {
  const elements = outputs.reduce((sum, output) => sum + (elementCount(output) ?? 0), 0);
  return { operatorClass: 'elementwise', nests: [], vector: [{ operation: 'add', elements }] };
}
