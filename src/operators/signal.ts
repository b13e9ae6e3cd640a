/** Signal processing: Fourier transforms, window functions, mel filters. */
import { add, floorDivide, isKnown, subtract, unknown } from '../ir/dimension.ts';
import type { Dimension } from '../ir/dimension.ts';
import type { Element, TensorType } from '../ir/graph.ts';
import { intAttribute } from './attribute.ts';
import { dataTypeAttribute } from './cast.ts';
import { axisSize, elementsOf, halvings, printCost, vectorWork } from './counting.ts';
import type { Cost } from './counting.ts';
import type { Operator, TypedNode } from './operator.ts';
import {
  decidedAtRunTime,
  dtypeOf,
  normalizeAxis,
  shapeUnknownAs,
  tensor,
  unknownDimensions,
  unknownType,
} from './type.ts';
import type { Work } from './work.ts';

/** Half of the bins, and the one in the middle: the rest mirrors them for real signals. */
const onesidedBins = (length: Dimension): Dimension => add(floorDivide(length, 2), 1);

/** The only element of an input, a size; unknown when only a run can tell, undefined when the input is absent. */
function sizeOperand({ node, inputs, values }: TypedNode, position: number): Element | undefined {
  if (inputs[position] === undefined) return undefined;
  return values[position]?.elements[0] ?? unknown(decidedAtRunTime(node.operator));
}

/** A radix-2 transform makes log2(length) passes over its complex bins, a quarter of a butterfly's 4 products each. */
const perBinAndPass: Cost = { multiply: 2, add: 3 };

function transformWork(transforms: number, length: number): Work {
  const passes = halvings(Math.max(2, length));
  return { operatorClass: 'reduction', nests: [], vector: vectorWork(transforms * length * passes, perBinAndPass) };
}

/** Opset 17 had the axis in an attribute, opset 20 moved it to an input. The last axis holds real and imaginary part. */
function transformAxis({ node, inputs, values }: TypedNode, rank: number): number | null | undefined {
  if (node.version < 20) return normalizeAxis(intAttribute(node, 'axis', 1), rank);
  if (inputs[2] === undefined) return normalizeAxis(-2, rank);
  const axis = values[2]?.elements[0];
  return axis !== undefined && isKnown(axis) ? normalizeAxis(axis, rank) : null;
}

const dft: Operator = {
  domain: '',
  name: 'DFT',
  documentation:
    `Discrete Fourier transform along an axis, counted as a fast one: ${printCost(perBinAndPass)} for each ` +
    'complex element and log2(length) passes.',
  infer: (context) => {
    const { node, inputs } = context;
    const [input] = inputs;
    const dtype = dtypeOf(input);
    if (!input?.shape) return [shapeUnknownAs(dtype, input)];
    const rank = input.shape.length;
    const axis = transformAxis(context, rank);
    const onesided = intAttribute(node, 'onesided', 0) === 1;
    const given = sizeOperand(context, 1);
    // Along whichever axis: both sides of as many bins as there were samples.
    if (axis === null && !onesided && given === undefined) return [tensor(dtype, [...input.shape.slice(0, -1), 2])];
    if (axis === null) return [tensor(dtype, unknownDimensions(rank, decidedAtRunTime('DFT')))];
    if (axis === undefined) return [tensor(dtype, null, 'the axis lies outside of the rank')];
    const inverse = intAttribute(node, 'inverse', 0) === 1;
    // One-sided and inverse: bins of a real signal go in, the real signal comes out.
    const length = given ?? (onesided && inverse ? realLength(input.shape[axis]!) : input.shape[axis]!);
    const size = onesided && !inverse ? onesidedBins(length) : length;
    return [tensor(dtype, [...input.shape.with(axis, size).slice(0, -1), onesided && inverse ? 1 : 2])];
  },
  work: (typed, [output]) => {
    const rank = output?.shape?.length ?? 0;
    const axis = transformAxis(typed, rank) ?? Math.max(0, rank - 2);
    const length = axisSize(output, axis);
    const complexElements = elementsOf(output) / Math.max(1, axisSize(output, -1));
    return transformWork(complexElements / Math.max(1, length), length);
  },
};

const realLength = (bins: Dimension): Dimension => {
  const pairs = subtract(bins, 1);
  return add(pairs, pairs);
};

/** The frame's length: an input, else that of the window. */
function frameLength(context: TypedNode): Dimension {
  return (
    sizeOperand(context, 3) ?? context.inputs[2]?.shape?.[0] ?? unknown('neither frame_length nor window is given')
  );
}

const stft: Operator = {
  domain: '',
  name: 'STFT',
  documentation:
    `Fourier transforms of overlapping frames, counted as fast ones: ${printCost(perBinAndPass)} for each ` +
    'complex element and log2(length) passes.',
  infer: (context) => {
    const [signal] = context.inputs;
    const dtype = dtypeOf(signal);
    if (!signal?.shape || signal.shape.length < 2) return [shapeUnknownAs(dtype, signal)];
    const frame = frameLength(context);
    const step = sizeOperand(context, 1) ?? unknown('frame_step is missing');
    const frames = add(floorDivide(subtract(signal.shape[1]!, frame), step), 1);
    const bins = intAttribute(context.node, 'onesided', 1) === 1 ? onesidedBins(frame) : frame;
    return [tensor(dtype, [signal.shape[0]!, frames, bins, 2])];
  },
  work: (typed, [output]) => {
    const length = frameLength(typed);
    return transformWork(axisSize(output, 0) * axisSize(output, 1), isKnown(length) ? length : 0);
  },
};

const windowFunctions: readonly Operator[] = ['Hann', 'Hamming', 'Blackman'].map((name) => ({
  domain: '',
  name: `${name}Window`,
  documentation: `${name} window function. 1 exponential and 1 addition per element.`,
  infer: (context) => [
    tensor(dataTypeAttribute(context, 'output_datatype', 'float32'), [
      sizeOperand(context, 0) ?? unknown('size is missing'),
    ]),
  ],
  work: (_, [output]) => ({
    operatorClass: 'elementwise',
    nests: [],
    vector: vectorWork(elementsOf(output), { exponential: 1, add: 1 }),
  }),
}));

const melWeightMatrix: Operator = {
  domain: '',
  name: 'MelWeightMatrix',
  documentation: 'Weights from spectrogram bins to mel bins. 1 addition per element.',
  infer: (context): TensorType[] => {
    const melBins = sizeOperand(context, 0);
    const length = sizeOperand(context, 1);
    if (melBins === undefined || length === undefined) return [unknownType('an input is missing')];
    return [tensor(dataTypeAttribute(context, 'output_datatype', 'float32'), [onesidedBins(length), melBins])];
  },
};

export const signalOperators: readonly Operator[] = [dft, stft, ...windowFunctions, melWeightMatrix];
