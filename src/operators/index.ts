/** All operators, by family. A family's file holds everything that the program knows of its operators. */
import type { TensorType } from '../ir/graph.ts';
import { attentionOperators } from './attention.ts';
import { binaryOperators } from './binary.ts';
import { castOperators } from './cast.ts';
import { compressedWeightOperators } from './compressed-weights.ts';
import { concatOperators } from './concat.ts';
import { comparisonOperators } from './comparison.ts';
import { contribAttentionOperators } from './contrib-attention.ts';
import { contribFusionOperators } from './contrib-fusion.ts';
import { contribElementwiseOperators } from './contrib-elementwise.ts';
import { contribImageOperators } from './contrib-image.ts';
import { contribPackedAttentionOperators } from './contrib-packed-attention.ts';
import { contribSequenceOperators } from './contrib-sequence.ts';
import { contribSparseAttentionOperators } from './contrib-sparse-attention.ts';
import { contribStandardOperators } from './contrib-standard.ts';
import { contribStateOperators } from './contrib-state.ts';
import { contribStreamOperators } from './contrib-streams.ts';
import { contribTokenOperators } from './contrib-tokens.ts';
import { expertOperators } from './expert.ts';
import { machineLearningMapOperators } from './machine-learning-maps.ts';
import { packedWeightOperators } from './packed-weights.ts';
import { trainingOperators } from './training.ts';
import { controlOperators } from './control.ts';
import { convolutionOperators } from './convolution.ts';
import { coreMlOperators } from './coreml.ts';
import { withDynamicQuantization } from './dynamic-quantization.ts';
import { dropoutOperators } from './dropout.ts';
import { einsumOperators } from './einsum.ts';
import { extendOperators } from './extend.ts';
import { gatherOperators } from './gather.ts';
import { gemmOperators } from './gemm.ts';
import { layoutOperators } from './layout.ts';
import { linearAlgebraOperators } from './linear-algebra.ts';
import { lossOperators } from './loss.ts';
import { machineLearningOperators } from './machine-learning.ts';
import { matmulOperators } from './matmul.ts';
import { normalizationOperators } from './normalization.ts';
import type { Operator, TypedNode } from './operator.ts';
import { poolingOperators } from './pooling.ts';
import { quantizeOperators } from './quantize.ts';
import { randomOperators } from './random.ts';
import { recurrentOperators } from './recurrent.ts';
import { reductionOperators } from './reduction.ts';
import { resizeOperators } from './resize.ts';
import { selectOperators } from './select.ts';
import { sequenceOperators } from './sequence.ts';
import { shapeOperators } from './shape.ts';
import { signalOperators } from './signal.ts';
import { sliceOperators } from './slice.ts';
import { softmaxOperators } from './softmax.ts';
import { textOperators } from './text.ts';
import { tfliteRecurrentOperators } from './tflite-recurrent.ts';
import { tfliteShapeOperators } from './tflite-shape.ts';
import { tfliteOperators } from './tflite.ts';
import { tfliteShapedOperators } from './tflite-shaped.ts';
import { transposedConvolutionOperators } from './transposed-convolution.ts';
import { elementCount } from './type.ts';
import { unaryOperators } from './unary.ts';
import { viewOperators } from './view.ts';
import type { Work } from './work.ts';

const families: readonly (readonly Operator[])[] = [
  attentionOperators,
  binaryOperators,
  castOperators,
  comparisonOperators,
  compressedWeightOperators,
  concatOperators,
  contribAttentionOperators,
  contribFusionOperators,
  contribElementwiseOperators,
  contribImageOperators,
  contribPackedAttentionOperators,
  contribSequenceOperators,
  contribSparseAttentionOperators,
  contribStandardOperators,
  contribStateOperators,
  contribStreamOperators,
  contribTokenOperators,
  expertOperators,
  machineLearningMapOperators,
  packedWeightOperators,
  trainingOperators,
  controlOperators,
  convolutionOperators,
  coreMlOperators,
  dropoutOperators,
  einsumOperators,
  extendOperators,
  gatherOperators,
  gemmOperators,
  layoutOperators,
  linearAlgebraOperators,
  lossOperators,
  machineLearningOperators,
  matmulOperators,
  normalizationOperators,
  poolingOperators,
  quantizeOperators,
  randomOperators,
  recurrentOperators,
  reductionOperators,
  resizeOperators,
  selectOperators,
  sequenceOperators,
  shapeOperators,
  signalOperators,
  sliceOperators,
  softmaxOperators,
  textOperators,
  tfliteOperators,
  tfliteShapedOperators,
  tfliteRecurrentOperators,
  tfliteShapeOperators,
  transposedConvolutionOperators,
  unaryOperators,
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
  return withDynamicQuantization(typed, outputs, operator?.work?.(typed, outputs) ?? onePerElement(outputs));
}

function onePerElement(outputs: readonly TensorType[]): Work {
  const elements = outputs.reduce((sum, output) => sum + (elementCount(output) ?? 0), 0);
  return { operatorClass: 'elementwise', nests: [], vector: [{ operation: 'add', elements }] };
}
