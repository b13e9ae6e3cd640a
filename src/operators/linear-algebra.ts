/** Determinants and inverses of square matrices in the last two axes, counted by Gaussian elimination. */
import type { TensorType } from '../ir/graph.ts';
import { axisSize, elementsOf, vectorWork } from './counting.ts';
import type { Operator } from './operator.ts';
import { sameAs, tensor } from './type.ts';
import type { Work } from './work.ts';

/** `perElement`: multiplications and additions for each of n·n elements are that times n. */
function eliminationWork(input: TensorType | undefined, perElement: number): Work {
  const products = elementsOf(input) * axisSize(input, -1) * perElement;
  return { operatorClass: 'reduction', nests: [], vector: vectorWork(products, { multiply: 1, add: 1 }) };
}

export const linearAlgebraOperators: readonly Operator[] = [
  {
    domain: '',
    name: 'Det',
    documentation: 'Determinant. n³/3 multiplications and additions for each n × n matrix.',
    infer: ({ inputs: [input] }) => [input?.shape ? tensor(input.dtype, input.shape.slice(0, -2)) : sameAs(input)],
    work: ({ inputs }) => eliminationWork(inputs[0], 1 / 3),
  },
  {
    domain: 'com.microsoft',
    name: 'Inverse',
    documentation: 'Inverse. n³ multiplications and additions for each n × n matrix.',
    infer: ({ inputs }) => [sameAs(inputs[0])],
    work: ({ inputs }) => eliminationWork(inputs[0], 1),
  },
];
