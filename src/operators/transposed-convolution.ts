/** Transposed convolution: every input position is spread over a kernel of output positions. */
import { add, multiply, subtract, unknown } from '../ir/dimension.ts';
import type { Dimension } from '../ir/dimension.ts';
import type { Node, TensorType } from '../ir/graph.ts';
import { intAttribute, intsAttribute } from './attribute.ts';
import { axisSize, loopNest, elementsOf, vectorWork } from './counting.ts';
import { imageShape, isChannelsLast, spatialAxes, weightShape } from './image-layout.ts';
import type { InferenceContext, Operator, TypedNode } from './operator.ts';
import { dtypeOf, shapeUnknownAs, tensor } from './type.ts';
import { extent, foldSpatial, kernelOf, windowOf } from './window.ts';
import type { Window } from './window.ts';
import type { LoopNest } from './work.ts';

function infer({ node, inputs }: InferenceContext): TensorType[] {
  const [input, weight] = inputs;
  const dtype = dtypeOf(input);
  if (!input?.shape || input.shape.length < 3) return [shapeUnknownAs(dtype, input)];
  const channelsLast = isChannelsLast(node);
  const spatial = spatialAxes(channelsLast, input.shape);
  const axes = weightShape(node, weight);
  const kernel = kernelOf(node, axes?.slice(2));
  if (kernel?.length !== spatial.length) return [tensor(dtype, null, "the kernel's shape is not known")];
  const perGroup = axes?.[1] ?? unknown("the weight's shape is not known");
  const channels = multiply(perGroup, intAttribute(node, 'group', 1));
  const sizes = givenSizes(node, spatial.length) ?? spreadSizes(node, spatial, windowOf(node, kernel));
  return [tensor(dtype, imageShape(channelsLast, input.shape[0]!, channels, sizes))];
}

/** The attribute `output_shape`: spatial sizes alone, or with batch and channels before them. */
function givenSizes(node: Node, rank: number): readonly number[] | undefined {
  const given = intsAttribute(node, 'output_shape', []);
  return given.length >= rank ? given.slice(-rank) : undefined;
}

function spreadSizes(node: Node, spatial: readonly Dimension[], window: Window): Dimension[] {
  const outputPadding = intsAttribute(node, 'output_padding', []);
  return spatial.map((size, axis) => {
    const stride = window.strides[axis]!;
    if (window.padding === 'same') return multiply(size, stride);
    const spread = add(multiply(subtract(size, 1), stride), extent(window, axis));
    return add(spread, (outputPadding[axis] ?? 0) - window.padsBegin[axis]! - window.padsEnd[axis]!);
  });
}

/** Runs over input positions: each is multiplied by the kernel's taps for every filter. */
function nestOf({ node, inputs }: TypedNode): LoopNest {
  const [input] = inputs;
  const weight = { dtype: null, shape: weightShape(node, inputs[1]) ?? null };
  const group = Math.max(1, intAttribute(node, 'group', 1));
  const positions = foldSpatial(spatialAxes(isChannelsLast(node), input?.shape ?? []));
  const taps = foldSpatial(kernelOf(node, weight.shape?.slice(2)) ?? []);
  return loopNest({
    B: axisSize(input, 0),
    G: group,
    K: axisSize(weight, 1),
    C: axisSize(weight, 0) / group,
    OY: positions.y,
    OX: positions.x,
    FY: taps.y,
    FX: taps.x,
  });
}

const convTranspose: Operator = {
  domain: '',
  name: 'ConvTranspose',
  documentation:
    'Transposed convolution. MACs: batch × input positions × input channels × filters per group × kernel; the bias is ' +
    '1 addition per output element.',
  infer,
  work: (typed, [output]) => ({
    operatorClass: 'transposed-convolution',
    nests: [nestOf(typed)],
    vector: typed.inputs[2] === undefined ? [] : vectorWork(elementsOf(output), { add: 1 }),
  }),
  parameterInputs: [1, 2],
};

export const transposedConvolutionOperators: readonly Operator[] = [convTranspose];
