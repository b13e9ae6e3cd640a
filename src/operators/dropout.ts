/** Dropout: the identity when a model is used rather than trained. */
import { ceilDivide, product } from '../ir/dimension.ts';
import type { TensorType } from '../ir/graph.ts';
import { elementsOf, vectorWork } from './counting.ts';
import type { Operator } from './operator.ts';
import { sameAs, shapeUnknownAs, tensor } from './type.ts';

/** Before opset 10 the mask had the type of the data. */
const firstBoolMask = 10;

/** A bit for each element, in words of 32. */
function bitMask(input: TensorType | undefined): TensorType {
  if (!input?.shape) return shapeUnknownAs('uint32', input);
  return tensor('uint32', [ceilDivide(product(input.shape), 32)]);
}

export const dropoutOperators: readonly Operator[] = [
  {
    domain: '',
    name: 'Dropout',
    documentation: 'The identity outside of training, with a mask on request. No work: nothing moves.',
    infer: ({ node, inputs }) => {
      const data = sameAs(inputs[0]);
      const mask = node.version < firstBoolMask ? data : { ...data, dtype: 'bool' as const };
      return node.outputs.length > 1 ? [data, mask] : [data];
    },
    evaluate: ({ inputs, values }) => (inputs[2] === undefined ? [values[0]] : []),
    work: () => ({ operatorClass: 'view', nests: [], vector: [] }),
  },
  {
    domain: 'com.microsoft',
    name: 'BitmaskDropout',
    documentation: 'The identity outside of training, with a mask of bits on request. No work: nothing moves.',
    infer: ({ node, inputs }) => [sameAs(inputs[0]), bitMask(inputs[0])].slice(0, node.outputs.length),
    work: () => ({ operatorClass: 'view', nests: [], vector: [] }),
  },
  {
    domain: 'com.microsoft',
    name: 'BitmaskBiasDropout',
    documentation: 'x+bias+residual; nothing is dropped at inference. Counted as 2 additions per output element.',
    infer: ({ node, inputs }) => [sameAs(inputs[0]), bitMask(inputs[0])].slice(0, node.outputs.length),
    work: (_, [output]) => ({
      operatorClass: 'elementwise',
      nests: [],
      vector: vectorWork(elementsOf(output), { add: 2 }),
    }),
    parameterInputs: [1],
  },
];
