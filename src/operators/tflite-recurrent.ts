/**
 * TFLite's recurrent layers: each gate has weights of its own. The input's products run over all steps at once, those of
 * the state one step after the other.
 */
import type { Dimension } from '../ir/dimension.ts';
import { add, floorDivide, unknown } from '../ir/dimension.ts';
import type { TensorType } from '../ir/graph.ts';
import { intAttribute, intsAttribute } from './attribute.ts';
import { axisSize, elementsOf, loopNest, vectorWork } from './counting.ts';
import type { Cost } from './counting.ts';
import type { Operator, TypedNode } from './operator.ts';
import { shapeUnknownAs, tensor } from './type.ts';
import type { LoopNest } from './work.ts';

const tfliteDomain = 'tflite';

function places({ node }: TypedNode, name: 'weights' | 'recurrences' | 'projections'): readonly number[] {
  return intsAttribute(node, name, []);
}

interface Sizes {
  readonly steps: number;
  readonly batch: number;
}

/** -1: one step; 1: steps come first; 0: the batch does. */
function sizesOf({ node, inputs: [input] }: TypedNode): Sizes {
  const order = intAttribute(node, 'time_major', -1);
  if (order < 0) return { steps: 1, batch: axisSize(input, 0) };
  const [steps, batch] = order === 1 ? [0, 1] : [1, 0];
  return { steps: axisSize(input, steps), batch: axisSize(input, batch) };
}

/** Width of a direction's output: rows of its projection, else of its weights. */
function widths(typed: TypedNode): readonly Dimension[] {
  const directions = Math.max(1, intAttribute(typed.node, 'directions', 1));
  const projections = places(typed, 'projections');
  const last = projections.length > 0 ? projections : places(typed, 'weights');
  const each = Math.max(1, Math.floor(last.length / directions));
  return Array.from({ length: Math.min(directions, 2) }, (_, direction) => {
    const position = last[direction * each] ?? last[0];
    return typed.inputs[position ?? -1]?.shape?.[0] ?? unknown('the weights do not tell it');
  });
}

/** Two directions give an output each, or one of both side by side. */
function infer(typed: TypedNode): readonly TensorType[] {
  const [input] = typed.inputs;
  if (!input?.shape) return typed.node.outputs.map(() => shapeUnknownAs(input?.dtype ?? null, input));
  const leading = input.shape.slice(0, -1);
  const sizes = widths(typed);
  const merged = typed.node.outputs.length > 1 ? sizes : [sizes.reduce<Dimension>(add, 0)];
  return merged.map((size) => tensor(input.dtype, [...leading, size], input.reason));
}

function nestsOf(typed: TypedNode): readonly LoopNest[] {
  const { steps, batch } = sizesOf(typed);
  const nest = (position: number, sizes: Partial<LoopNest>): LoopNest => {
    const weight = typed.inputs[position];
    return loopNest({ K: axisSize(weight, 0), C: axisSize(weight, 1), stationaryInput: position, ...sizes });
  };
  const everyStep = { OY: batch, sequentialSteps: steps };
  return [
    ...places(typed, 'weights').map((position) => nest(position, { OY: steps * batch })),
    ...places(typed, 'recurrences').map((position) => nest(position, everyStep)),
    ...places(typed, 'projections').map((position) => nest(position, everyStep)),
  ];
}

interface Cell {
  readonly name: string;
  readonly summary: string;
  /** Of each hidden unit and step, beside the products. */
  readonly perUnit: Cost;
}

const cells: readonly Cell[] = [
  {
    name: 'Lstm',
    summary: 'Long short-term memory, one weight for each gate',
    perUnit: { exponential: 5, multiply: 3, add: 9 },
  },
  { name: 'Rnn', summary: 'Elman network', perUnit: { exponential: 1, add: 2 } },
];

function cell({ name, summary, perUnit }: Cell): Operator {
  return {
    domain: tfliteDomain,
    name,
    documentation:
      `${summary}. MACs: steps × batch × elements of all weights of inputs, states and projections; ` +
      'gates are vector work for each hidden unit and step.',
    infer,
    work: (typed) => {
      const { steps, batch } = sizesOf(typed);
      const directions = Math.max(1, intAttribute(typed.node, 'directions', 1));
      const units = axisSize(typed.inputs[places(typed, 'weights')[0] ?? -1], 0) * directions;
      return {
        operatorClass: 'recurrent',
        nests: nestsOf(typed),
        vector: vectorWork(steps * batch * units, perUnit),
      };
    },
    // All but the sequence itself.
    parameterInputs: Array.from({ length: 47 }, (_, position) => position + 1),
  };
}

/** Inputs: data, last activation, weight of all gates, bias, last state. */
const basicLstm: Operator = {
  domain: tfliteDomain,
  name: 'BasicLstm',
  documentation:
    'One step of long short-term memory with one weight for all gates. MACs: batch × elements of the weight.',
  infer: ({ node, inputs: [, activation] }) =>
    node.outputs.map((_, position) =>
      position < 2 && activation?.shape ? activation : shapeUnknownAs(activation?.dtype ?? null, activation),
    ),
  work: (typed) => {
    const [input, activation, weight] = typed.inputs;
    const nest = loopNest({
      K: axisSize(weight, 0),
      C: axisSize(weight, 1),
      OY: axisSize(input, 0),
      stationaryInput: 2,
    });
    return {
      operatorClass: 'recurrent',
      nests: [nest],
      vector: vectorWork(elementsOf(activation), { exponential: 5, multiply: 3, add: 5 }),
    };
  },
  parameterInputs: [2, 3],
};

/** Features of a step, then a filter over the last steps of each; `rank` filters add up to an output. */
const svdf: Operator = {
  domain: tfliteDomain,
  name: 'Svdf',
  documentation:
    'Singular value decomposition filter. MACs: batch × filters × (features + remembered steps); ' +
    'one addition per filter.',
  infer: ({ node, inputs }) => {
    const [input, weights] = inputs;
    if (!input?.shape || !weights?.shape) return [shapeUnknownAs(input?.dtype ?? null, input)];
    const units = floorDivide(weights.shape[0] ?? 0, Math.max(1, intAttribute(node, 'rank', 1)));
    return [tensor(input.dtype, [input.shape[0] ?? 1, units], input.reason)];
  },
  work: ({ inputs: [input, features, times] }) => {
    const [batch, filters] = [axisSize(input, 0), axisSize(features, 0)];
    const filter = { OY: batch, C: axisSize(times, 1), G: filters, stationaryInput: 2 };
    return {
      operatorClass: 'recurrent',
      nests: [loopNest({ OY: batch, K: filters, C: axisSize(features, 1) }), loopNest(filter)],
      vector: vectorWork(batch * filters, { add: 1 }),
    };
  },
  parameterInputs: [1, 2, 3],
};

export const tfliteRecurrentOperators: readonly Operator[] = [...cells.map(cell), basicLstm, svdf];
