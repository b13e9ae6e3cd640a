/** Steps of a training run (ai.onnx.preview.training): optimizers, and the gradient of a graph. */
import { elementsOf, printCost, vectorWork } from './counting.ts';
import type { Cost } from './counting.ts';
import type { Operator, TypedNode } from './operator.ts';
import { sameAs } from './type.ts';

const domain = 'ai.onnx.preview.training';

interface Optimizer {
  readonly name: string;
  readonly summary: string;
  /** Tensors for each one that is trained: itself, its gradient, and what is kept between steps. */
  readonly tensors: number;
  readonly perElement: Cost;
}

const optimizers: readonly Optimizer[] = [
  {
    name: 'Adagrad',
    summary: 'A step scaled by the root of all squared gradients',
    tensors: 3,
    perElement: { add: 3, multiply: 3, divide: 2 },
  },
  {
    name: 'Adam',
    summary: 'A step by running means of the gradient and its square',
    tensors: 4,
    perElement: { add: 5, multiply: 8, divide: 2 },
  },
  {
    name: 'Momentum',
    summary: 'A step by a running sum of the gradients',
    tensors: 3,
    perElement: { add: 3, multiply: 4 },
  },
];

/** Behind the rate and the step count: the trained tensors, their gradients, their states, one after the other. */
function trainedCount({ node }: TypedNode, { tensors }: Optimizer): number {
  return Math.floor(Math.max(0, node.inputs.length - 2) / tensors);
}

function optimizer(row: Optimizer): Operator {
  return {
    domain,
    name: row.name,
    documentation: `${row.summary}. ${printCost(row.perElement)} per trained element.`,
    infer: (context) => {
      const { inputs } = context;
      const count = trainedCount(context, row);
      // The new tensors, then their states; gradients stand between the two among the inputs.
      const places = Array.from({ length: count * (row.tensors - 1) }, (_, at) => (at < count ? at : at + count));
      return places.map((at) => sameAs(inputs[2 + at]));
    },
    work: (typed) => {
      const trained = typed.inputs.slice(2, 2 + trainedCount(typed, row));
      const elements = trained.reduce((sum, type) => sum + elementsOf(type), 0);
      return { operatorClass: 'elementwise', nests: [], vector: vectorWork(elements, row.perElement) };
    },
  };
}

/** One gradient for each of the inputs that are named first; what it costs is that of a graph that is not there. */
const gradient: Operator = {
  domain,
  name: 'Gradient',
  documentation: 'Derivative of a tensor by others, with their shapes. Not counted: its graph is not in the file.',
  infer: ({ node, inputs }) => node.outputs.map((_, position) => sameAs(inputs[position])),
  work: () => ({ operatorClass: 'control', nests: [], vector: [{ operation: 'add', elements: Number.NaN }] }),
};

export const trainingOperators: readonly Operator[] = [...optimizers.map(optimizer), gradient];
