/** Pooling: sliding windows without weights, over all positions (global), and the way back from indices. */
import type { DataType } from '../ir/data-type.ts';
import { add, multiply, subtract, unknown } from '../ir/dimension.ts';
import type { Shape, TensorType } from '../ir/graph.ts';
import { intsAttribute } from './attribute.ts';
import { printCost, elementsOf, vectorWork } from './counting.ts';
import type { Cost } from './counting.ts';
import { imageShape, isChannelsLast, spatialAxes } from './image-layout.ts';
import type { InferenceContext, Operator, TypedNode } from './operator.ts';
import { dtypeOf, sameAs, shapeUnknownAs, tensor } from './type.ts';
import { extent, kernelOf, windowOf, windowPositions } from './window.ts';

interface Pooling {
  readonly name: string;
  readonly domain?: string;
  readonly summary: string;
  /** Cost of each input element in the window, and of each output element. */
  readonly perTap: Cost;
  readonly perOutput: Cost;
  /** Where the zero point of the output stands, for quantized forms. */
  readonly outputZeroPoint?: number;
}

const windowed: readonly Pooling[] = [
  { name: 'MaxPool', summary: 'Largest element of each window', perTap: { add: 1 }, perOutput: {} },
  { name: 'AveragePool', summary: 'Mean of each window', perTap: { add: 1 }, perOutput: { multiply: 1 } },
  {
    name: 'LpPool',
    summary: 'p-norm of each window',
    perTap: { add: 1, multiply: 1 },
    perOutput: { divide: 1 },
  },
  {
    name: 'QLinearAveragePool',
    domain: 'com.microsoft',
    summary: 'Mean of each window of a quantized tensor',
    perTap: { add: 1 },
    perOutput: { multiply: 1, convert: 1 },
    outputZeroPoint: 4,
  },
  {
    name: 'NhwcMaxPool',
    domain: 'com.microsoft',
    summary: 'Largest element of each window, channels last',
    perTap: { add: 1 },
    perOutput: {},
  },
];

const global: readonly Pooling[] = [
  { name: 'GlobalAveragePool', summary: 'Mean over all positions', perTap: { add: 1 }, perOutput: { multiply: 1 } },
  { name: 'GlobalMaxPool', summary: 'Largest element of all positions', perTap: { add: 1 }, perOutput: {} },
  {
    name: 'GlobalLpPool',
    summary: 'p-norm over all positions',
    perTap: { add: 1, multiply: 1 },
    perOutput: { divide: 1 },
  },
  {
    name: 'QLinearGlobalAveragePool',
    domain: 'com.microsoft',
    summary: 'Mean over all positions of a quantized tensor',
    perTap: { add: 1 },
    perOutput: { multiply: 1, convert: 1 },
    outputZeroPoint: 4,
  },
];

function channelsLast({ node }: TypedNode): boolean {
  return node.operator === 'NhwcMaxPool' || isChannelsLast(node);
}

function spatialOf(typed: TypedNode, shape: Shape): Shape {
  return spatialAxes(channelsLast(typed), shape);
}

function withSpatial(typed: TypedNode, shape: Shape, spatial: Shape): Shape {
  const last = channelsLast(typed);
  return imageShape(last, shape[0]!, last ? shape.at(-1)! : shape[1]!, spatial);
}

function outputDtype({ inputs }: TypedNode, pooling: Pooling): DataType | null {
  return dtypeOf(inputs[pooling.outputZeroPoint ?? 0] ?? inputs[0]);
}

function inferWindowed(context: InferenceContext, pooling: Pooling): TensorType[] {
  const shape = pooledShape(context);
  const dtype = outputDtype(context, pooling);
  const pooled = shape === null ? shapeUnknownAs(dtype, context.inputs[0]) : tensor(dtype, shape);
  const indices: TensorType = { ...pooled, dtype: 'int64' };
  return context.node.outputs.length > 1 ? [pooled, indices] : [pooled];
}

function pooledShape(context: InferenceContext): Shape | null {
  const shape = context.inputs[0]?.shape;
  if (!shape || shape.length < 3) return null;
  const spatial = spatialOf(context, shape);
  const kernel = kernelOf(context.node, undefined);
  if (kernel?.length !== spatial.length) return null;
  return withSpatial(context, shape, windowPositions(spatial, windowOf(context.node, kernel)));
}

function documentation({ summary, perTap, perOutput }: Pooling, taps: string): string {
  const after = printCost(perOutput);
  return `${summary}. ${printCost(perTap)} for each ${taps}${after === '' ? '' : `, ${after} for each output element`}.`;
}

function windowedOperator(pooling: Pooling): Operator {
  return {
    domain: pooling.domain ?? '',
    name: pooling.name,
    documentation: documentation(pooling, 'output element and kernel tap'),
    infer: (context) => inferWindowed(context, pooling),
    work: ({ node }, [output]) => {
      const taps = intsAttribute(node, 'kernel_shape', []).reduce((product, size) => product * size, 1);
      const elements = elementsOf(output);
      const vector = [...vectorWork(elements * taps, pooling.perTap), ...vectorWork(elements, pooling.perOutput)];
      return { operatorClass: 'pooling', nests: [], vector };
    },
  };
}

function globalOperator(pooling: Pooling): Operator {
  return {
    domain: pooling.domain ?? '',
    name: pooling.name,
    documentation: documentation(pooling, 'input element'),
    infer: (context) => {
      const shape = context.inputs[0]?.shape;
      const dtype = outputDtype(context, pooling);
      if (!shape || shape.length < 3) return [shapeUnknownAs(dtype, context.inputs[0])];
      const ones = spatialOf(context, shape).map(() => 1);
      return [tensor(dtype, withSpatial(context, shape, ones))];
    },
    work: ({ inputs }, [output]) => ({
      operatorClass: 'pooling',
      nests: [],
      vector: [
        ...vectorWork(elementsOf(inputs[0]), pooling.perTap),
        ...vectorWork(elementsOf(output), pooling.perOutput),
      ],
    }),
  };
}

const maxUnpool: Operator = {
  domain: '',
  name: 'MaxUnpool',
  documentation: 'Scatters pooled maxima back to where they stood. 1 move for each output element.',
  infer: (context) => {
    const { node, inputs, values } = context;
    const [input, , outputShape] = inputs;
    const dtype = dtypeOf(input);
    if (!input?.shape || input.shape.length < 3) return [shapeUnknownAs(dtype, input)];
    if (outputShape !== undefined) {
      const given = values[2]?.elements;
      const reason = "the data decides it: input 'output_shape'";
      return [tensor(dtype, given ?? input.shape.map(() => unknown(reason)))];
    }
    const spatial = input.shape.slice(2);
    const kernel = kernelOf(node, undefined);
    if (kernel?.length !== spatial.length) return [sameAs({ dtype, shape: null, reason: 'no kernel_shape' })];
    const window = windowOf(node, kernel);
    const sizes = spatial.map((size, axis) => {
      const spread = add(multiply(subtract(size, 1), window.strides[axis]!), extent(window, axis));
      return add(spread, -window.padsBegin[axis]! - window.padsEnd[axis]!);
    });
    return [tensor(dtype, [...input.shape.slice(0, 2), ...sizes])];
  },
  work: (_, [output]) => ({
    operatorClass: 'data-movement',
    nests: [],
    vector: vectorWork(elementsOf(output), { move: 1 }),
  }),
};

export const poolingOperators: readonly Operator[] = [
  ...windowed.map(windowedOperator),
  ...global.map(globalOperator),
  maxUnpool,
];
