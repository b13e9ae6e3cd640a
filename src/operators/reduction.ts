/** Reductions over some axes, and the position of an extreme along one. */
import type { Dimension } from '../ir/dimension.ts';
import type { Element, Shape, TensorType, TensorValue } from '../ir/graph.ts';
import { intAttribute } from './attribute.ts';
import { elementsOf, printCost, vectorWork } from './counting.ts';
import type { Cost } from './counting.ts';
import { addElements, maximumOfElements, minimumOfElements, multiplyElements } from './element-arithmetic.ts';
import type { ElementOperation } from './element-arithmetic.ts';
import type { Operator, TypedNode } from './operator.ts';
import {
  decidedAtRunTime,
  dtypeOf,
  intsOperand,
  normalizeAxes,
  normalizeAxis,
  numericShape,
  shapeUnknownAs,
  tensor,
  unknownDimensions,
} from './type.ts';
import { mapCoordinates, maximumElements, sizeOf, stridesOf, tensorValue } from './value.ts';
import type { Work } from './work.ts';

interface Reduction {
  readonly name: string;
  readonly summary: string;
  /** Of each input and each output element. */
  readonly perInput: Cost;
  readonly perOutput?: Cost;
  readonly evaluate?: ElementOperation;
}

const reductions: readonly Reduction[] = [
  { name: 'ReduceSum', summary: 'Sum', perInput: { add: 1 }, evaluate: addElements },
  { name: 'ReduceProd', summary: 'Product', perInput: { multiply: 1 }, evaluate: multiplyElements },
  { name: 'ReduceMax', summary: 'Largest element', perInput: { add: 1 }, evaluate: maximumOfElements },
  { name: 'ReduceMin', summary: 'Smallest element', perInput: { add: 1 }, evaluate: minimumOfElements },
  { name: 'ReduceMean', summary: 'Mean', perInput: { add: 1 }, perOutput: { multiply: 1 } },
  { name: 'ReduceL1', summary: 'Sum of magnitudes', perInput: { add: 2 } },
  {
    name: 'ReduceL2',
    summary: 'Root of the sum of squares',
    perInput: { add: 1, multiply: 1 },
    perOutput: { divide: 1 },
  },
  { name: 'ReduceSumSquare', summary: 'Sum of squares', perInput: { add: 1, multiply: 1 } },
  { name: 'ReduceLogSum', summary: 'Logarithm of the sum', perInput: { add: 1 }, perOutput: { exponential: 1 } },
  {
    name: 'ReduceLogSumExp',
    summary: 'Logarithm of the sum of exponentials',
    perInput: { add: 1, exponential: 1 },
    perOutput: { exponential: 1 },
  },
];

const keepsDimensions = ({ node }: TypedNode) => intAttribute(node, 'keepdims', 1) !== 0;

/** Axes that go, from the front; `null` when only a run can tell, `undefined` when they lie outside of the rank. */
function reducedAxes(context: TypedNode, rank: number): readonly number[] | null | undefined {
  const axes = intsOperand(context, 'axes', 1);
  if (axes === null) return null;
  if (axes !== undefined && axes.length > 0) return normalizeAxes(axes, rank);
  const none = intAttribute(context.node, 'noop_with_empty_axes', 0) !== 0;
  return none ? [] : Array.from({ length: rank }, (_, axis) => axis);
}

function without(shape: Shape, axes: readonly number[], keep: boolean): Dimension[] {
  return shape.flatMap((size, axis) => (axes.includes(axis) ? (keep ? [1] : []) : [size]));
}

function infer(context: TypedNode): TensorType[] {
  const [input] = context.inputs;
  const dtype = dtypeOf(input);
  const keep = keepsDimensions(context);
  if (!input?.shape) return [reducedToScalar(context, keep) ? tensor(dtype, []) : shapeUnknownAs(dtype, input)];
  const axes = reducedAxes(context, input.shape.length);
  if (axes) return [tensor(dtype, without(input.shape, axes, keep))];
  if (axes === undefined) return [tensor(dtype, null, 'an axis lies outside of the rank')];
  const reason = decidedAtRunTime(context.node.operator);
  const rank = keep ? input.shape.length : rankLeft(context, input.shape.length);
  return [tensor(dtype, rank === undefined ? null : unknownDimensions(rank, reason), reason)];
}

/** The number of axes can be known where the axes are not; an empty list may mean all or none. */
function rankLeft({ inputs }: TypedNode, rank: number): number | undefined {
  const gone = inputs[1]?.shape?.[0];
  return typeof gone === 'number' && gone > 0 && gone <= rank ? rank - gone : undefined;
}

/** Without axes everything is summed up, whatever the rank was. */
function reducedToScalar(context: TypedNode, keep: boolean): boolean {
  return (
    !keep &&
    intsOperand(context, 'axes', 1) === undefined &&
    intAttribute(context.node, 'noop_with_empty_axes', 0) === 0
  );
}

function evaluateReduction(context: TypedNode, operation: ElementOperation): TensorValue | undefined {
  const [value] = context.values;
  // An empty sum or product has a neutral element, an empty extreme has none; none of them decides a shape.
  if (value === undefined || value.elements.length === 0 || value.elements.length > maximumElements) return undefined;
  const axes = reducedAxes(context, value.shape.length);
  if (!axes) return undefined;
  const kept = without(value.shape, axes, true) as readonly number[];
  const strides = stridesOf(kept).map((stride, axis) => (axes.includes(axis) ? 0 : stride));
  const groups = Array.from({ length: sizeOf(kept) }, (): Element[] => []);
  let next = 0;
  mapCoordinates(value.shape, (coordinates) => {
    const group = coordinates.reduce((sum, position, axis) => sum + position * strides[axis]!, 0);
    groups[group]!.push(value.elements[next++]!);
  });
  const shape = numericShape(without(value.shape, axes, keepsDimensions(context)));
  const elements = groups.map((group) => operation(group, value.dtype));
  return shape && tensorValue(value.dtype, shape, elements);
}

function reductionWork({ inputs }: TypedNode, output: TensorType | undefined, row: Omit<Reduction, 'summary'>): Work {
  const vector = [
    ...vectorWork(elementsOf(inputs[0]), row.perInput),
    ...vectorWork(elementsOf(output), row.perOutput ?? {}),
  ];
  return { operatorClass: 'reduction', nests: [], vector };
}

function reduction(row: Reduction): Operator {
  const { evaluate } = row;
  const after = row.perOutput ? `, ${printCost(row.perOutput)} per output element` : '';
  return {
    domain: '',
    name: row.name,
    documentation: `${row.summary} over some axes. ${printCost(row.perInput)} per input element${after}.`,
    infer,
    work: (typed, [output]) => reductionWork(typed, output, row),
    ...(evaluate && { evaluate: (context) => [evaluateReduction(context, evaluate)] }),
  };
}

const positionOfExtreme = (name: string, summary: string): Operator => ({
  domain: '',
  name,
  documentation: `${summary}. 1 addition per input element.`,
  infer: (context) => {
    const [input] = context.inputs;
    if (!input?.shape) return [shapeUnknownAs('int64', input)];
    const axis = normalizeAxis(intAttribute(context.node, 'axis', 0), input.shape.length);
    if (axis === undefined) return [tensor('int64', null, 'the axis lies outside of the rank')];
    return [tensor('int64', without(input.shape, [axis], keepsDimensions(context)))];
  },
  work: (typed, [output]) => reductionWork(typed, output, { name, perInput: { add: 1 } }),
});

const running = (name: string, summary: string, cost: Cost): Operator => ({
  domain: '',
  name,
  documentation: `${summary} along an axis. ${printCost(cost)} per element.`,
  infer: ({ inputs }) => [inputs[0] ?? tensor(null, null, 'an input is missing')],
  work: (typed, [output]) => reductionWork(typed, output, { name, perInput: cost }),
});

export const reductionOperators: readonly Operator[] = [
  ...reductions.map(reduction),
  positionOfExtreme('ArgMax', 'Position of the largest element along an axis'),
  positionOfExtreme('ArgMin', 'Position of the smallest element along an axis'),
  running('CumSum', 'Running sum', { add: 1 }),
  running('CumProd', 'Running product', { multiply: 1 }),
];
