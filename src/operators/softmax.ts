/** Softmax and its like, along one axis (before opset 13: over all axes from it on, which counts the same). */
import { elementsOf, printCost, vectorWork } from './counting.ts';
import type { Cost } from './counting.ts';
import type { Operator } from './operator.ts';
import { sameAs } from './type.ts';

/** Per element: the row's maximum, the difference to it, the exponential, the row's sum, the quotient. */
export const softmaxCost: Cost = { add: 3, exponential: 1, divide: 1 };

const rows: readonly { readonly name: string; readonly summary: string; readonly cost: Cost }[] = [
  { name: 'Softmax', summary: 'exp(x)/Σexp(x) along an axis', cost: softmaxCost },
  { name: 'LogSoftmax', summary: 'Logarithm of the softmax', cost: { add: 4, exponential: 1 } },
  { name: 'Hardmax', summary: '1 at the largest element along an axis, else 0', cost: { add: 2 } },
];

export const softmaxOperators: readonly Operator[] = rows.map(({ name, summary, cost }) => ({
  domain: '',
  name,
  documentation: `${summary}. Counted as ${printCost(cost)} per element.`,
  infer: ({ inputs }) => [sameAs(inputs[0])],
  work: (_, [output]) => ({ operatorClass: 'softmax', nests: [], vector: vectorWork(elementsOf(output), cost) }),
}));
