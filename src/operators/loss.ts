/** Losses of training graphs: scores against labels. */
import type { TensorType } from '../ir/graph.ts';
import { stringAttribute } from './attribute.ts';
import { elementsOf, vectorWork } from './counting.ts';
import type { Operator, TypedNode } from './operator.ts';
import { dtypeOf, sameAs, shapeUnknownAs, tensor } from './type.ts';

/** One loss for each label, or all of them reduced to one number. */
function lossType({ node, inputs }: TypedNode): TensorType {
  const [scores, labels] = inputs;
  const dtype = dtypeOf(scores);
  if (stringAttribute(node, 'reduction', 'mean') !== 'none') return tensor(dtype, []);
  return labels?.shape ? tensor(dtype, labels.shape) : shapeUnknownAs(dtype, labels);
}

const softmaxCrossEntropyLoss: Operator = {
  domain: '',
  name: 'SoftmaxCrossEntropyLoss',
  documentation: 'Negative logarithm of the softmax at the labels. 4 additions and 1 exponential per score.',
  infer: (context) => [lossType(context), sameAs(context.inputs[0])].slice(0, context.node.outputs.length),
  work: ({ inputs }) => ({
    operatorClass: 'softmax',
    nests: [],
    vector: vectorWork(elementsOf(inputs[0]), { add: 4, exponential: 1 }),
  }),
};

const negativeLogLikelihoodLoss: Operator = {
  domain: '',
  name: 'NegativeLogLikelihoodLoss',
  documentation: 'Negative score at the labels. 1 move and 1 addition per label.',
  infer: (context) => [lossType(context)],
  work: ({ inputs }) => ({
    operatorClass: 'reduction',
    nests: [],
    vector: vectorWork(elementsOf(inputs[1]), { move: 1, add: 1 }),
  }),
};

export const lossOperators: readonly Operator[] = [softmaxCrossEntropyLoss, negativeLogLikelihoodLoss];
