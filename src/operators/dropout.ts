/** Dropout: the identity when a model is used rather than trained. */
import type { Operator } from './operator.ts';
import { sameAs } from './type.ts';

/** Before opset 10 the mask had the type of the data. */
const firstBoolMask = 10;

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
];
