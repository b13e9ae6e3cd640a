/**
 * TFLite's operators, StableHLO's among them (https://openxla.org/stablehlo/spec), whose output follows from attributes or
 * from other inputs, where there are any: an old file may leave its own declaration away.
 */
import { add, maximum, multiply, subtract, type Dimension } from '../ir/dimension.ts';
import type { Node, TensorType } from '../ir/graph.ts';
import { intsAttribute } from './attribute.ts';
import { elementsOf, vectorWork } from './counting.ts';
import type { Operator, TypedNode } from './operator.ts';
import { decidedAtRunTime, sameAs, tensor, unknownType } from './type.ts';
import { windowOf, windowPositions } from './window.ts';
import type { Work } from './work.ts';

interface Shaped {
  readonly name: string;
  readonly documentation: string;
  /** Null: as the file declares it. */
  readonly outputs: (node: TypedNode) => readonly TensorType[] | null;
  readonly work: (node: TypedNode, outputs: readonly TensorType[]) => Omit<Work, 'nests'>;
  readonly volatile?: true;
}

const moved = (_node: TypedNode, outputs: readonly TensorType[]): Omit<Work, 'nests'> => ({
  operatorClass: 'data-movement',
  vector: outputs.flatMap((output) => vectorWork(elementsOf(output), { move: 1 })),
});

/** Element i comes to place i·step. */
function spread(size: Dimension, step: number): Dimension {
  return maximum(0, add(multiply(subtract(size, 1), step), 1));
}

/** The attribute, if it has as many numbers. */
function numbersOf(node: Node, name: string, count: number): readonly number[] | undefined {
  const list = intsAttribute(node, name, undefined);
  return list?.length === count ? list : undefined;
}

function dilated({ node, inputs: [input] }: TypedNode): readonly TensorType[] | null {
  const shape = input?.shape;
  const steps = shape && numbersOf(node, 'steps', shape.length);
  if (!input || !shape || !steps) return null;
  const pads = numbersOf(node, 'pads', 2 * shape.length) ?? Array.from({ length: 2 * shape.length }, () => 0);
  const sizes = shape.map((size, axis) => add(spread(size, steps[axis]!), pads[axis]! + pads[axis + shape.length]!));
  return [tensor(input.dtype, sizes)];
}

/** One window for all operands; each has an initial value behind them all. */
function windows({ node, inputs }: TypedNode): readonly TensorType[] | null {
  const operands = inputs.slice(0, node.outputs.length);
  const reduced = operands.map((operand) => {
    const shape = operand?.shape;
    const kernel = shape && numbersOf(node, 'kernel_shape', shape.length);
    if (!operand || !shape || !kernel) return null;
    const base = numbersOf(node, 'base_dilations', shape.length);
    const sizes = shape.map((size, axis) => spread(size, base?.[axis] ?? 1));
    return tensor(operand.dtype, windowPositions(sizes, windowOf(node, kernel)));
  });
  return reduced.every((type) => type !== null) ? reduced : null;
}

function reducedAxes({ node, inputs }: TypedNode): readonly TensorType[] | null {
  const axes = intsAttribute(node, 'axes', undefined);
  const operands = inputs.slice(0, node.outputs.length);
  if (axes === undefined || operands.some((operand) => !operand?.shape)) return null;
  return operands.map((operand) => {
    return tensor(
      operand!.dtype,
      operand!.shape!.filter((_, axis) => !axes.includes(axis)),
    );
  });
}

function sliced({ node, inputs: [input] }: TypedNode): readonly TensorType[] | null {
  const sizes = intsAttribute(node, 'sizes', undefined);
  return input === undefined || sizes === undefined ? null : [tensor(input.dtype, sizes)];
}

/** Inputs are keys to look up, the table's keys and its values; beside the values it tells which keys were there. */
function lookedUp({ inputs: [keys, , values] }: TypedNode): readonly TensorType[] | null {
  const count = keys?.shape?.[0];
  if (count === undefined || !values?.shape) return null;
  return [tensor(values.dtype, [count, ...values.shape.slice(1)]), tensor('uint8', [count])];
}

const rows: readonly Shaped[] = [
  {
    name: 'Dilate',
    documentation: 'Puts gaps between elements, and pads. Counted as 1 move per output element.',
    outputs: dilated,
    work: moved,
  },
  {
    name: 'DynamicSlice',
    documentation: 'A slice that starts where only a run knows. Counted as 1 move per output element.',
    outputs: sliced,
    work: moved,
  },
  {
    name: 'ReduceWindow',
    documentation: 'Reduces windows. Counted as 1 addition per element of each window.',
    outputs: windows,
    work: ({ node }, outputs) => ({
      operatorClass: 'pooling',
      vector: outputs.flatMap((output) =>
        vectorWork(elementsOf(output), {
          add: intsAttribute(node, 'kernel_shape', []).reduce((all, one) => all * one, 1),
        }),
      ),
    }),
  },
  {
    name: 'Reduce',
    documentation: 'Reduces axes. Counted as 1 addition per element of each operand.',
    outputs: reducedAxes,
    work: ({ node, inputs }) => ({
      operatorClass: 'reduction',
      vector: inputs.slice(0, node.outputs.length).flatMap((input) => vectorWork(elementsOf(input), { add: 1 })),
    }),
  },
  {
    name: 'Sort',
    documentation: 'Sorts along an axis. Counted as 1 comparison per output element.',
    outputs: ({ node, inputs }) => node.outputs.map((_, position) => sameAs(inputs[position])),
    work: (_node, outputs) => ({
      operatorClass: 'sort',
      vector: outputs.flatMap((output) => vectorWork(elementsOf(output), { sort: 1 })),
    }),
  },
  {
    name: 'HashTableLookup',
    documentation: 'Values of keys. Counted as 1 comparison per output element.',
    outputs: lookedUp,
    work: (_node, outputs) => ({
      operatorClass: 'data-movement',
      vector: outputs.flatMap((output) => vectorWork(elementsOf(output), { sort: 1 })),
    }),
  },
  {
    name: 'HashTableSize',
    documentation: 'Entries of a table. Takes no work.',
    outputs: () => [tensor('int64', [1])],
    work: () => ({ operatorClass: 'control', vector: [] }),
    // Its table is filled while the model runs.
    volatile: true,
  },
];

export const tfliteShapedOperators: readonly Operator[] = rows.map(
  ({ name, documentation, outputs, work, volatile }) => ({
    domain: 'tflite',
    name,
    documentation,
    infer: (context) => outputs(context) ?? context.node.outputs.map(() => unknownType(decidedAtRunTime(name))),
    work: (node, types) => ({ nests: [], ...work(node, types) }),
    ...(volatile && { volatile }),
  }),
);
