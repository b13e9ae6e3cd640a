/** Random tensors. They are never constant. */
import type { DataType } from '../ir/data-type.ts';
import type { TensorType } from '../ir/graph.ts';
import { intAttribute, intsAttribute } from './attribute.ts';
import { dataTypeAttribute } from './cast.ts';
import type { Operator, TypedNode } from './operator.ts';
import { dtypeOf, shapeUnknownAs, tensor } from './type.ts';

type Infer = (context: TypedNode) => readonly TensorType[];

const fromShape: Infer = (context) => [
  tensor(dataTypeAttribute(context, 'dtype', 'float32'), intsAttribute(context.node, 'shape', [])),
];

const likeInput: Infer = (context) => {
  const [input] = context.inputs;
  const dtype = dataTypeAttribute(context, 'dtype', dtypeOf(input));
  return [input?.shape ? tensor(dtype, input.shape, input.reason) : shapeUnknownAs(dtype, input)];
};

/** Batch x classes becomes batch x samples. */
const inferMultinomial: Infer = (context) => {
  const [input] = context.inputs;
  const dtype: DataType | null = dataTypeAttribute(context, 'dtype', 'int32');
  const batch = input?.shape?.[0];
  if (batch === undefined) return [shapeUnknownAs(dtype, input)];
  return [tensor(dtype, [batch, intAttribute(context.node, 'sample_size', 1)])];
};

function random(name: string, documentation: string, infer: Infer): Operator {
  return {
    domain: '',
    name,
    documentation: `${documentation}; one operation per output element.`,
    infer,
    volatile: true,
  };
}

export const randomOperators: readonly Operator[] = [
  random('RandomNormal', 'Normally distributed numbers', fromShape),
  random('RandomUniform', 'Uniformly distributed numbers', fromShape),
  random('RandomNormalLike', 'Normally distributed numbers in the shape of a tensor', likeInput),
  random('RandomUniformLike', 'Uniformly distributed numbers in the shape of a tensor', likeInput),
  random('Bernoulli', 'Zeros and ones by given probabilities', likeInput),
  random('Multinomial', 'Classes drawn by given probabilities', inferMultinomial),
];
