/**
 * ONNX Runtime's operators on images, signals and distances
 * (https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md).
 */
import { add, floorDivide, isKnown, multiply, subtract, unknown } from '../ir/dimension.ts';
import type { Dimension } from '../ir/dimension.ts';
import type { Attribute, Node } from '../ir/graph.ts';
import { intAttribute } from './attribute.ts';
import { axisSize, elementsOf, halvings, matrixProduct, vectorWork } from './counting.ts';
import { moveWork } from './movement.ts';
import type { InferenceContext, Operator, TypedNode } from './operator.ts';
import { poolingOperators } from './pooling.ts';
import { decidedAtRunTime, dtypeOf, normalizeAxis, numbersOf, shapeUnknownAs, tensor } from './type.ts';
import { transposedConvolutionOperators } from './transposed-convolution.ts';

const domain = 'com.microsoft';

const [convTranspose] = transposedConvolutionOperators;

/** ONNX's transposed convolution with its third input as the attribute `pads`; undefined where only a run tells them. */
function withPads<Typed extends TypedNode>(typed: Typed): Typed | undefined {
  const pads = typed.inputs[2] === undefined ? [] : numbersOf(typed.values[2]);
  if (pads === undefined) return undefined;
  const attributes = new Map<string, Attribute>([...typed.node.attributes, ['pads', { kind: 'ints', values: pads }]]);
  const node: Node = { ...typed.node, attributes };
  const inputs = [typed.inputs[0], typed.inputs[1], typed.inputs[3]];
  return { ...typed, node, inputs };
}

const convTransposeWithDynamicPads: Operator = {
  ...convTranspose!,
  domain,
  name: 'ConvTransposeWithDynamicPads',
  infer: (context: InferenceContext) => {
    const padded = withPads(context);
    if (padded !== undefined) return convTranspose!.infer(padded);
    return [tensor(dtypeOf(context.inputs[0]), null, decidedAtRunTime('ConvTransposeWithDynamicPads'))];
  },
  work: (typed, outputs) => convTranspose!.work!({ ...typed, inputs: typed.inputs.toSpliced(2, 1) }, outputs),
  parameterInputs: [1, 3],
};

const maxPoolWithMask = poolingOperators
  .filter(({ domain: one, name }) => one === '' && name === 'MaxPool')
  .map((operator) => ({ ...operator, domain, name: 'MaxpoolWithMask' }));

const cropAndResize: Operator = {
  domain,
  name: 'CropAndResize',
  documentation: 'Regions of an image at one size. 4 multiplications and 3 additions per output element.',
  infer: (context) => {
    const [input, regions] = context.inputs;
    const open = unknown(decidedAtRunTime('CropAndResize'));
    const [height = open, width = open] = context.values[3]?.elements ?? [];
    if (input?.shape?.length !== 4 || !regions?.shape) return [shapeUnknownAs(dtypeOf(input), input)];
    return [tensor(input.dtype, [regions.shape[0] ?? open, input.shape[1]!, height, width])];
  },
  work: (_, [output]) => ({
    operatorClass: 'resize',
    nests: [],
    vector: vectorWork(elementsOf(output), { multiply: 4, add: 3 }),
  }),
};

const cdist: Operator = {
  domain,
  name: 'CDist',
  documentation: 'Distances of all pairs of rows. MACs: rows × rows × columns; 2 additions and 1 division per pair.',
  infer: ({ inputs: [a, b] }) => {
    if (a?.shape?.length !== 2 || b?.shape?.length !== 2) return [shapeUnknownAs(dtypeOf(a), a)];
    return [tensor(a.dtype, [a.shape[0]!, b.shape[0]!])];
  },
  work: ({ inputs }, [output]) => ({
    operatorClass: 'matmul',
    nests: [matrixProduct({ rows: axisSize(output, 0), columns: axisSize(output, 1), depth: axisSize(inputs[0], 1) })],
    vector: vectorWork(elementsOf(output), { add: 2, divide: 1 }),
  }),
};

const expandDims: Operator = {
  domain,
  name: 'ExpandDims',
  documentation: 'A new axis of size 1; no bytes move.',
  infer: ({ inputs: [input], values }) => {
    const axis = values[1]?.elements[0];
    if (!input?.shape || axis === undefined || !isKnown(axis)) return [shapeUnknownAs(dtypeOf(input), input)];
    const place = normalizeAxis(axis, input.shape.length + 1);
    if (place === undefined) return [tensor(input.dtype, null, 'the axis lies outside of the rank')];
    return [tensor(input.dtype, input.shape.toSpliced(place, 0, 1))];
  },
  work: () => ({ operatorClass: 'view', nests: [], vector: [] }),
};

/** Slices of `size`, `step` apart, along a new last axis. */
const unfoldTensor: Operator = {
  domain,
  name: 'UnfoldTensor',
  documentation: 'Overlapping slices along an axis; each output element moves once.',
  infer: ({ node, inputs: [input] }) => {
    const axis = input?.shape ? normalizeAxis(intAttribute(node, 'dim', -1), input.shape.length) : undefined;
    if (!input?.shape || axis === undefined) return [shapeUnknownAs(dtypeOf(input), input)];
    const size = intAttribute(node, 'size', 1);
    const step = Math.max(1, intAttribute(node, 'step', 1));
    const slices = add(floorDivide(subtract(input.shape[axis]!, size), step), 1);
    return [tensor(input.dtype, [...input.shape.with(axis, slices), size])];
  },
  work: moveWork,
};

/** Transforms of real signals along the last axis; spectra have pairs of numbers behind it. */
function fourier(name: string, documentation: string, shape: (sizes: readonly Dimension[]) => Dimension[]): Operator {
  return {
    domain,
    name,
    documentation: `${documentation} n·log2(n) multiplications and additions for each signal of n numbers.`,
    infer: ({ inputs: [input] }) => {
      if (!input?.shape || input.shape.length < 2) return [shapeUnknownAs(dtypeOf(input), input)];
      return [tensor(input.dtype, shape(input.shape))];
    },
    work: ({ inputs }, outputs) => {
      const real = name === 'Rfft' ? inputs[0] : outputs[0];
      const steps = elementsOf(real) * halvings(Math.max(2, axisSize(real, -1)));
      return { operatorClass: 'elementwise', nests: [], vector: vectorWork(steps, { multiply: 1, add: 1 }) };
    },
  };
}

const dynamicTimeWarping: Operator = {
  domain,
  name: 'DynamicTimeWarping',
  documentation: 'The cheapest path through a matrix of costs. 3 additions per element.',
  infer: () => [tensor('int32', [2, unknown(decidedAtRunTime('DynamicTimeWarping'))])],
  upperBound: ({ inputs: [input] }) => {
    const [rows = 1, columns = 1] = input?.shape?.slice(-2) ?? [];
    return [tensor('int32', [2, add(rows, columns)])];
  },
  work: ({ inputs }) => ({
    operatorClass: 'reduction',
    nests: [],
    vector: vectorWork(elementsOf(inputs[0]), { add: 3 }),
  }),
};

export const contribImageOperators: readonly Operator[] = [
  convTransposeWithDynamicPads,
  ...maxPoolWithMask,
  cropAndResize,
  cdist,
  expandDims,
  unfoldTensor,
  fourier('Rfft', 'Spectrum of real signals.', (sizes) => [
    ...sizes.slice(0, -1),
    add(floorDivide(sizes.at(-1)!, 2), 1),
    2,
  ]),
  fourier('Irfft', 'Real signals of spectra.', (sizes) => [
    ...sizes.slice(0, -2),
    multiply(subtract(sizes.at(-2)!, 1), 2),
  ]),
  dynamicTimeWarping,
];
