/** Einsum: products and sums over labelled axes, contracted two operands at a time from the left. */
import type { Dimension } from '../ir/dimension.ts';
import { isKnown } from '../ir/dimension.ts';
import type { Shape, TensorType } from '../ir/graph.ts';
import { stringAttribute } from './attribute.ts';
import { broadcastDimensions } from './broadcast.ts';
import { elementsOf, loopNest, vectorWork } from './counting.ts';
import { productClass } from './matmul.ts';
import type { Operator, TypedNode } from './operator.ts';
import { operandDtype } from './elementwise.ts';
import { shapeUnknownAs, tensor } from './type.ts';
import type { LoopNest, VectorWork } from './work.ts';

/** An equation with its ellipses written out: a label is a letter, or `...1` for the last axis of an ellipsis. */
interface Equation {
  readonly operands: readonly (readonly string[])[];
  readonly result: readonly string[];
  readonly sizes: ReadonlyMap<string, Dimension>;
}

function equationOf({ node, inputs }: TypedNode): Equation | undefined {
  const [left = '', right] = stringAttribute(node, 'equation', '').replaceAll(' ', '').split('->');
  const terms = left.split(',');
  const shapes = inputs.map((input) => input?.shape);
  if (terms.length !== shapes.length || !shapes.every((shape) => shape !== null && shape !== undefined))
    return undefined;
  const operands = terms.map((term, operand) => labelsOf(term, shapes[operand]!.length));
  if (operands.some((labels, operand) => labels.length !== shapes[operand]!.length)) return undefined;
  const ellipsis = Math.max(...operands.map((labels) => labels.filter((label) => label.startsWith('...')).length));
  const result = right === undefined ? impliedResult(operands, ellipsis) : labelsOf(right, plain(right) + ellipsis);
  return { operands, result, sizes: sizesOf(operands, shapes) };
}

const plain = (term: string): number => term.replace('...', '').length;

function labelsOf(term: string, rank: number): string[] {
  const [before = '', after] = term.split('...');
  if (after === undefined) return Array.from(before);
  const hidden = Math.max(0, rank - plain(term));
  return [...Array.from(before), ...ellipsisLabels(hidden), ...Array.from(after)];
}

/** Counted from the end, so that ellipses of different lengths broadcast against one another. */
function ellipsisLabels(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `...${count - index}`);
}

/** Without an arrow: the ellipsis, then the labels that stand once, in alphabetical order. */
function impliedResult(operands: Equation['operands'], ellipsis: number): string[] {
  const counts = new Map<string, number>();
  for (const label of operands.flat()) counts.set(label, (counts.get(label) ?? 0) + 1);
  const once = [...counts].filter(([label, count]) => count === 1 && !label.startsWith('...')).map(([label]) => label);
  return [...ellipsisLabels(ellipsis), ...once.sort()];
}

function sizesOf(
  operands: Equation['operands'],
  shapes: readonly (Shape | null | undefined)[],
): Map<string, Dimension> {
  const sizes = new Map<string, Dimension>();
  operands.forEach((labels, operand) => {
    labels.forEach((label, axis) => {
      const size = shapes[operand]?.[axis] ?? 1;
      sizes.set(label, broadcastDimensions(sizes.get(label) ?? 1, size));
    });
  });
  return sizes;
}

function infer(context: TypedNode): TensorType[] {
  const equation = equationOf(context);
  const dtype = operandDtype(context);
  if (equation === undefined)
    return [
      shapeUnknownAs(
        dtype,
        context.inputs.find((input) => input?.shape === null),
      ),
    ];
  return [
    tensor(
      dtype,
      equation.result.map((label) => equation.sizes.get(label) ?? 1),
    ),
  ];
}

interface Step {
  readonly nest: LoopNest;
  /** False: every product is an element of the result, nothing is summed. */
  readonly contracts: boolean;
}

/** The steps of the contraction: labels that no later operand and not the result needs are summed as soon as possible. */
function stepsOf({ operands, result, sizes }: Equation): readonly Step[] {
  const [first = [], ...others] = operands;
  let left = new Set(first);
  return others.map((right, index) => {
    const needed = new Set([...result, ...others.slice(index + 1).flat()]);
    const step = contraction(left, new Set(right), needed, sizes);
    left = new Set([...left, ...right].filter((label) => needed.has(label)));
    return { ...step, nest: { ...step.nest, streamedInput: 0, stationaryInput: index + 1 } };
  });
}

function contraction(
  left: ReadonlySet<string>,
  right: ReadonlySet<string>,
  needed: ReadonlySet<string>,
  sizes: Equation['sizes'],
): Step {
  const all = [...new Set([...left, ...right])];
  const sizeOf = (wanted: (label: string) => boolean): number =>
    all.filter(wanted).reduce((product, label) => {
      const size = sizes.get(label) ?? 1;
      return product * (isKnown(size) ? size : 0);
    }, 1);
  const isLeftOnly = (label: string) => left.has(label) && !right.has(label);
  const isRightOnly = (label: string) => right.has(label) && !left.has(label);
  const nest = loopNest({
    G: sizeOf((label) => needed.has(label) && left.has(label) && right.has(label)),
    OY: sizeOf((label) => needed.has(label) && isLeftOnly(label)),
    K: sizeOf((label) => needed.has(label) && isRightOnly(label)),
    C: sizeOf((label) => !needed.has(label)),
  });
  return { nest, contracts: all.some((label) => !needed.has(label)) };
}

/** One operand is only summed or transposed; products without a sum are element-wise. */
function vectorWorkOf(typed: TypedNode, output: TensorType | undefined, steps: readonly Step[]): VectorWork[] {
  if (steps.length === 0) {
    const elements = elementsOf(typed.inputs[0]);
    return vectorWork(elements, elements > elementsOf(output) ? { add: 1 } : { move: 1 });
  }
  return steps
    .filter((step) => !step.contracts)
    .flatMap(({ nest: { G, OY, K } }) => vectorWork(G * OY * K, { multiply: 1 }));
}

const einsum: Operator = {
  domain: '',
  name: 'Einsum',
  documentation:
    'Products and sums over labelled axes. MACs: for each contraction of two operands, from the left, the product of ' +
    'the sizes of all labels in it; products without a sum are 1 multiplication per element.',
  infer,
  work: (typed, [output]) => {
    const equation = equationOf(typed);
    const steps = equation === undefined ? [] : stepsOf(equation);
    const nests = steps.filter((step) => step.contracts).map((step) => step.nest);
    const [first] = nests;
    return {
      operatorClass: first === undefined ? 'elementwise' : productClass(first, typed),
      nests,
      vector: vectorWorkOf(typed, output, steps),
    };
  },
  parameterInputs: 'all',
};

export const einsumOperators: readonly Operator[] = [einsum];
