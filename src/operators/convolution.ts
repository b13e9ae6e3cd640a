/** Convolutions: the plain one, its quantized, fused and channels-last forms, deformable and causal ones. */
import type { DataType } from '../ir/data-type.ts';
import { subtract, unknown } from '../ir/dimension.ts';
import type { Shape, TensorType } from '../ir/graph.ts';
import { intAttribute, stringAttribute } from './attribute.ts';
import { activationCost, axisSize, loopNest, elementsOf, vectorWork } from './counting.ts';
import type { Cost } from './counting.ts';
import { imageShape, isChannelsLast, spatialAxes, weightShape } from './image-layout.ts';
import type { InferenceContext, Operator, TypedNode } from './operator.ts';
import { dtypeOf, sameAs, shapeUnknownAs, tensor, unknownType } from './type.ts';
import { foldSpatial, kernelOf, nestSteps, windowOf, windowPositions } from './window.ts';
import type { LoopNest, OperatorClass, Work } from './work.ts';

/** Where the operands of a convolution stand, and what is done beside it. */
interface Form {
  readonly domain: string;
  readonly name: string;
  readonly summary: string;
  readonly weight: number;
  /** Further parameters: bias, and tensors that are added to the result. */
  readonly added: readonly number[];
  readonly channelsLast: (typed: TypedNode) => boolean;
  readonly dtype: (typed: TypedNode) => DataType | null;
  /** Work of each output element beside the products and the additions of `added`. */
  readonly perOutput?: Cost;
}

const asAttribute = ({ node }: TypedNode) => isChannelsLast(node);
const channelsFirst = () => false;
const inputDtype = ({ inputs }: TypedNode) => dtypeOf(inputs[0]);

const plain = { weight: 1, added: [2], channelsLast: asAttribute, dtype: inputDtype };

const quantized = {
  weight: 3,
  added: [8],
  dtype: ({ inputs }: TypedNode) => dtypeOf(inputs[7]),
  perOutput: { convert: 1 },
};

const forms: readonly Form[] = [
  { ...plain, domain: '', name: 'Conv', summary: 'Convolution' },
  { ...plain, domain: 'com.microsoft', name: 'FusedConv', summary: 'Convolution with an activation', added: [2, 3] },
  {
    ...plain,
    domain: 'com.microsoft',
    name: 'NhwcFusedConv',
    summary: 'Channels-last convolution with an activation',
    added: [2, 3],
    channelsLast: () => true,
  },
  {
    ...plain,
    domain: 'com.microsoft',
    name: 'NhwcConv',
    summary: 'Channels-last convolution',
    channelsLast: () => true,
  },
  {
    ...plain,
    domain: '',
    name: 'ConvInteger',
    summary: 'Convolution of 8-bit integers into 32 bits',
    added: [],
    dtype: () => 'int32',
  },
  {
    ...quantized,
    domain: '',
    name: 'QLinearConv',
    summary: 'Quantized convolution',
    channelsLast: channelsFirst,
  },
  {
    ...quantized,
    domain: 'com.microsoft',
    name: 'QLinearConv',
    summary: 'Quantized convolution, channels last where its attribute says so',
    channelsLast: asAttribute,
  },
];

/** A convolution's shapes in ONNX's order, whatever the node's layout. */
interface Operands {
  readonly batch: Shape[number];
  readonly spatial: Shape;
  /** Filters × channels per group × kernel. */
  readonly weight: Shape | undefined;
}

function operandsOf(typed: TypedNode, form: Pick<Form, 'weight' | 'channelsLast'>): Operands | undefined {
  const input = typed.inputs[0]?.shape;
  if (input === null || input === undefined || input.length < 3) return undefined;
  return {
    batch: input[0]!,
    spatial: spatialAxes(form.channelsLast(typed), input),
    weight: weightShape(typed.node, typed.inputs[form.weight]),
  };
}

function inferConvolution(context: InferenceContext, form: Form): TensorType[] {
  const operands = operandsOf(context, form);
  const dtype = form.dtype(context);
  if (operands === undefined) return [shapeUnknownAs(dtype, context.inputs[0])];
  const { batch, spatial, weight } = operands;
  const kernel = kernelOf(context.node, weight?.slice(2));
  if (kernel?.length !== spatial.length) return [tensor(dtype, null, "the kernel's shape is not known")];
  const positions = windowPositions(spatial, windowOf(context.node, kernel));
  const filters = weight?.[0] ?? unknown("the weight's shape is not known");
  return [tensor(dtype, imageShape(form.channelsLast(context), batch, filters, positions))];
}

/** One input channel per group makes it depthwise, a single tap pointwise. */
function convolutionClass({ G, C, FY, FX }: LoopNest): OperatorClass {
  if (G > 1 && C === 1) return 'depthwise-convolution';
  return FY * FX === 1 ? 'pointwise-convolution' : 'convolution';
}

function convolutionWork(typed: TypedNode, output: TensorType | undefined, form: Form): Work {
  const nest = convolutionNest(typed, output, form);
  const added = form.added.filter((position) => typed.inputs[position] !== undefined).length;
  const activation = activationCost(stringAttribute(typed.node, 'activation', ''));
  const elements = elementsOf(output);
  return {
    operatorClass: convolutionClass(nest),
    nests: [nest],
    vector: [
      ...vectorWork(elements, { add: added }),
      ...vectorWork(elements, activation),
      ...vectorWork(elements, form.perOutput ?? {}),
    ],
  };
}

function convolutionNest(typed: TypedNode, output: TensorType | undefined, form: Form): LoopNest {
  const weight = { dtype: null, shape: weightShape(typed.node, typed.inputs[form.weight]) ?? null };
  const group = Math.max(1, intAttribute(typed.node, 'group', 1));
  const kernel = kernelOf(typed.node, weight.shape?.slice(2)) ?? [];
  const positions = output?.shape ?? [];
  const spatial = foldSpatial(spatialAxes(form.channelsLast(typed), positions));
  const taps = foldSpatial(kernel);
  return loopNest({
    B: axisSize(output, 0),
    G: group,
    K: axisSize(weight, 0) / group,
    C: axisSize(weight, 1),
    OY: spatial.y,
    OX: spatial.x,
    FY: taps.y,
    FX: taps.x,
    ...nestSteps(windowOf(typed.node, kernel)),
    stationaryInput: form.weight,
  });
}

function convolution(form: Form): Operator {
  return {
    domain: form.domain,
    name: form.name,
    documentation:
      `${form.summary}. MACs: batch × output positions × filters × channels per group × kernel; ` +
      'bias, activation and requantization are vector work per output element.',
    infer: (context) => inferConvolution(context, form),
    work: (typed, outputs) => convolutionWork(typed, outputs[0], form),
    parameterInputs: [form.weight, ...form.added],
  };
}

/** Four neighbours are blended for each sampled element. */
const bilinearSample: Cost = { multiply: 4, add: 3 };

const deformable: Form = {
  ...plain,
  domain: '',
  name: 'DeformConv',
  summary: 'Convolution that samples its input at learned offsets',
  added: [3],
};

const deformConv: Operator = {
  ...convolution(deformable),
  documentation:
    'Convolution that samples its input at learned offsets. MACs as Conv; sampling is vector work: 4 multiplications ' +
    'and 3 additions for each input channel, kernel tap and output position.',
  work: (typed, outputs) => {
    const work = convolutionWork(typed, outputs[0], deformable);
    const sampled = work.nests.reduce((sum, { B, G, C, OY, OX, FY, FX }) => sum + B * G * C * OY * OX * FY * FX, 0);
    return { ...work, vector: [...work.vector, ...vectorWork(sampled, bilinearSample)] };
  },
};

const causalConvWithState: Operator = {
  domain: '',
  name: 'CausalConvWithState',
  documentation:
    'Causal depthwise convolution over the last axis that carries its last inputs as state. MACs: batch × channels × ' +
    'length × kernel; bias and activation are vector work.',
  infer: ({ inputs }) => {
    const [input, weight] = inputs;
    if (!input?.shape || !weight?.shape) return [sameAs(input), unknownType('the shape of an input is not known')];
    const taps = weight.shape[2];
    const state = taps === undefined ? unknown('the kernel is not known') : subtract(taps, 1);
    return [input, tensor(input.dtype, [...input.shape.slice(0, 2), state])];
  },
  work: ({ node, inputs }, [output]) => {
    const nest = loopNest({
      B: axisSize(output, 0),
      G: axisSize(output, 1),
      OX: axisSize(output, 2),
      FX: axisSize(inputs[1], 2),
    });
    const activation = activationCost(stringAttribute(node, 'activation', 'none'));
    const bias = inputs[2] === undefined ? {} : { add: 1 };
    const vector = [...vectorWork(elementsOf(output), bias), ...vectorWork(elementsOf(output), activation)];
    return { operatorClass: 'depthwise-convolution', nests: [nest], vector };
  },
  parameterInputs: [1, 2],
};

export const convolutionOperators: readonly Operator[] = [...forms.map(convolution), deformConv, causalConvWithState];
