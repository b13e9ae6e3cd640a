/** Convolutions and matrix products: one operation, or one for each place where the hardware lacks the stride. */
import type { Initializer } from '../../../ir/graph.ts';
import { intAttribute, stringAttribute } from '../../../operators/attribute.ts';
import { weightAxes } from '../../../operators/image-layout.ts';
import type { LoopNest } from '../../../operators/work.ts';
import { isDepthwise } from '../../algorithm.ts';
import type { Operation } from '../../program.ts';
import type { Connection, Extent, Filter, NpuOperation, NpuWeights } from '../operation.ts';
import { bitsOf, elementsOf, sameExtent, unitFilter } from '../operation.ts';
import { activationOf } from './activation.ts';
import { detached } from './elementwise.ts';
import type { Draft, Lowering } from './lowering.ts';
import { connect, isUnrolled, operation, partsOf, resultOf } from './lowering.ts';
import { storedWeights } from './stored-weights.ts';
import { lowerTransposedU85 } from './u85.ts';

const largestStride = 3;

export function lowerProduct(context: Lowering): readonly NpuOperation[] {
  const { host } = context.group;
  const nest = host.work.nests[0]!;
  const weight = host.node.inputs[nest.stationaryInput] ?? '';
  const initializer = context.program.graph.initializers.get(weight);
  if (initializer === undefined) return lowerActivationProduct(context, nest);
  return isConvolution(host) ? lowerConvolution(context, nest, initializer) : lowerDense(context, nest, initializer);
}

function isConvolution({ work }: Operation): boolean {
  return work.operatorClass.endsWith('convolution');
}

function inputOf(context: Lowering, nest: LoopNest): Connection {
  return connect(context, inputName(context, nest));
}

/** A pad that the convolution's loops skip leaves the tensor in front of it. */
function inputName({ group }: Lowering, nest: LoopNest): string {
  const [first] = group.members;
  const padded = first !== undefined && first !== group.host && group.absorbed.has(first);
  return (padded ? first.node.inputs[0] : group.host.node.inputs[nest.streamedInput]) ?? '';
}

function lowerConvolution(context: Lowering, nest: LoopNest, initializer: Initializer): readonly NpuOperation[] {
  const input = inputOf(context, nest);
  const result = connect(context, resultOf(context.group));
  const own = activationOf(context.group, bitsOf(result));
  const apart = detached(context, result, own);
  const output = apart?.before ?? result;
  const transposed =
    nest.strideY * nest.strideX > 0 && context.group.host.work.operatorClass === 'transposed-convolution';
  const filter = filterOf(context, nest, initializer, transposed);
  const depthwise = isDepthwise(nest) && nest.K === 1;
  const found = convolutionWeights(context, initializer, depthwise, transposed);
  const weights = storedWeights(transposed ? found : withGaps(found, nest), context.program.graph);
  const operator = depthwise ? 'DepthwiseConv2D' : 'Conv2D';
  const { activation = 'none', tableBytes = 0 } = apart === undefined ? own : {};
  const tooFar = !transposed && (filter.strideY > largestStride || filter.strideX > largestStride);
  if (tooFar && isUnrolled(output.shape.height * output.shape.width)) {
    const each = { operator, weights, activation, tableBytes, filter: { ...filter, strideY: 1, strideX: 1 } } as const;
    const places = eachPlace(context, each, input, output);
    return apart === undefined ? places : [...places, apart.table];
  }
  if (transposed && context.chains) {
    const { strideY, strideX } = stridesOf(context);
    return lowerTransposedU85(context, { weights, filter, strideY, strideX, input, output });
  }
  const resampling = transposed && largestStrideOf(context) === 2 ? 'zeros' : 'none';
  const steps = transposed ? { ...filter, strideY: 1, strideX: 1 } : filter;
  const each: Batched = {
    operator,
    weights,
    activation,
    tableBytes,
    filter: steps,
    resampling,
    inputs: [input],
    output,
  };
  const made = inBatches(context, each, nest.B);
  return apart === undefined ? made : [...made, apart.table];
}

type Batched = Draft & { readonly inputs: readonly [Connection] };

/** Images of a batch one after the other: rows of all of them are rows of one feature map. */
function inBatches(context: Lowering, draft: Batched, count: number): readonly NpuOperation[] {
  if (count === 1) return [operation(context, draft)];
  const parts = partsOf(count);
  const part = (connection: Connection): Connection => {
    const { shape, depthOffset } = connection.slice ?? { shape: connection.shape, depthOffset: 0 };
    return { ...connection, slice: { shape: { ...shape, height: shape.height / parts }, depthOffset } };
  };
  const [input] = draft.inputs;
  return Array.from({ length: parts }, () =>
    operation(context, { ...draft, inputs: [part(input)], output: part(draft.output) }),
  );
}

function stridesOf({ group }: Lowering): { readonly strideY: number; readonly strideX: number } {
  const attribute = group.host.node.attributes.get('strides');
  const [strideY = 1, strideX = strideY] = attribute?.kind === 'ints' ? attribute.values : [];
  return { strideY, strideX };
}

function largestStrideOf({ group }: Lowering): number {
  const attribute = group.host.node.attributes.get('strides');
  return attribute?.kind === 'ints' ? Math.max(1, ...attribute.values) : 1;
}

function filterOf(context: Lowering, nest: LoopNest, initializer: Initializer, transposed: boolean): Filter {
  const { FY, FX, strideY, strideX, dilationY, dilationX } = nest;
  if (!transposed) {
    const [rows, columns] = [dilationOf(dilationY), dilationOf(dilationX)];
    const [height, width] = [(FY - 1) * rows.zeros + 1, (FX - 1) * columns.zeros + 1];
    return { height, width, strideY, strideX, dilationY: rows.own, dilationX: columns.own };
  }
  const [, , height = 1, width = 1] = shapeInOrder(context, initializer);
  return { ...unitFilter, height, width };
}

/** The unit steps over one place at most; for more the filter gets zeros between its taps. */
function dilationOf(dilation: number): { readonly own: number; readonly zeros: number } {
  if (dilation <= 2) return { own: dilation, zeros: 1 };
  const own = dilation % 2 === 0 ? 2 : 1;
  return { own, zeros: dilation / own };
}

function withGaps(weights: NpuWeights, { dilationY, dilationX }: LoopNest): NpuWeights {
  const [zerosY, zerosX] = [dilationOf(dilationY).zeros, dilationOf(dilationX).zeros];
  return zerosY * zerosX === 1 ? weights : { ...weights, zerosY, zerosX };
}

/** Filters × channels × rows × columns. */
function shapeInOrder({ group }: Lowering, { shape }: Initializer): readonly number[] {
  return (weightAxes(group.host.node, shape.length) ?? shape.map((_, axis) => axis)).map((axis) => shape[axis] ?? 1);
}

function convolutionWeights(
  context: Lowering,
  initializer: Initializer,
  depthwise: boolean,
  transposed: boolean,
): NpuWeights {
  const { shape } = initializer;
  const order = weightAxes(context.group.host.node, shape.length) ?? shape.map((_, axis) => axis);
  const stride = (axis: number | undefined) => (axis === undefined ? 0 : elementsBehind(axis, shape));
  // A transposed one has its input channels first.
  const [outputs, inputs] = transposed ? [order[1], order[0]] : [order[0], order[1]];
  const size = (axis: number | undefined) => (axis === undefined ? 1 : (shape[axis] ?? 1));
  return {
    initializer,
    outputs: size(outputs),
    inputs: depthwise ? 1 : size(inputs),
    height: size(order[2]),
    width: size(order[3]),
    strides: { output: stride(outputs), input: stride(inputs), y: stride(order[2]), x: stride(order[3]) },
    zeroPoints: zeroPointsOf(context, initializer),
  };
}

/** How far apart two neighbours of an axis lie. */
function elementsBehind(axis: number, shape: readonly number[]): number {
  let elements = 1;
  for (let behind = axis + 1; behind < shape.length; behind++) elements *= shape[behind]!;
  return elements;
}

function zeroPointsOf({ program }: Lowering, { name, dtype }: Initializer): readonly number[] {
  const known = program.graph.quantization?.get(name)?.zeroPoints;
  return known ?? [dtype === 'uint8' ? 128 : 0];
}

/** One operation for each output place, each with all of the weights. */
function eachPlace(
  context: Lowering,
  draft: Pick<NpuOperation, 'operator' | 'filter'> & Partial<NpuOperation>,
  input: Connection,
  output: Connection,
): readonly NpuOperation[] {
  const places = output.shape.height * output.shape.width;
  const { height, width } = draft.filter;
  const window: Extent = { height, width, depth: input.shape.depth };
  const place: Extent = { height: 1, width: 1, depth: output.shape.depth };
  return Array.from({ length: places }, () =>
    operation(context, {
      ...draft,
      inputs: [{ ...input, slice: { shape: window, depthOffset: 0 } }],
      output: { ...output, slice: { shape: place, depthOffset: 0 } },
    }),
  );
}

/** A product with constant weights is a convolution of one tap; its rows are laid out as a square. */
function lowerDense(context: Lowering, nest: LoopNest, initializer: Initializer): readonly NpuOperation[] {
  const { node } = context.group.host;
  const input = inputOf(context, nest);
  const output = connect(context, resultOf(context.group));
  const inputs = nest.C;
  const rows = Math.max(1, Math.round(elementsOf(input.shape) / Math.max(1, inputs)));
  const square = squareOf(rows);
  const keepsSlice = input.slice !== undefined && sameExtent(input.slice.shape, { ...square, depth: inputs });
  const transB = intAttribute(node, 'transB', 0) === 1;
  const columns = initializer.shape.at(-1) ?? 1;
  const weights: NpuWeights = {
    ...{ initializer, outputs: nest.K, inputs, height: 1, width: 1 },
    strides: transB ? { output: columns, input: 1, y: 0, x: 0 } : { output: 1, input: columns, y: 0, x: 0 },
    zeroPoints: zeroPointsOf(context, initializer),
  };
  return [
    operation(context, {
      operator: 'FullyConnected',
      inputs: [keepsSlice ? input : { tensor: input.tensor, shape: { ...square, depth: inputs } }],
      output: output.slice === undefined ? { tensor: output.tensor, shape: { ...square, depth: nest.K } } : output,
      weights: storedWeights(weights, context.program.graph),
      ...activationOf(context.group, bitsOf(output)),
    }),
  ];
}

function squareOf(rows: number): Pick<Extent, 'height' | 'width'> {
  if (rows === 1) return { height: 1, width: 1 };
  let width = Math.max(Math.trunc(rows / 16), Math.ceil(Math.sqrt(rows)));
  while (rows % width !== 0) width++;
  return { height: rows / width, width };
}

/** Of two activations: the second one with its columns as rows, in batches one after the other. */
function lowerActivationProduct(context: Lowering, nest: LoopNest): readonly NpuOperation[] {
  const { node } = context.group.host;
  const names = node.inputs.filter((name) => name !== '');
  const first = connect(context, names[0] ?? '');
  const second = connect(context, names[1] ?? '');
  const output = connect(context, resultOf(context.group));
  const left: Extent = { height: 1, width: nest.OY * nest.OX, depth: nest.C };
  const right: Extent = { height: 1, width: nest.K, depth: nest.C };
  const result: Extent = { height: 1, width: left.width, depth: nest.K };
  const turned = intAttribute(node, 'transB', 0) === 1 || stringAttribute(node, 'adj_y', '') === 'true';
  const batches = nest.B * nest.G;
  // Two transposes in a row are one.
  const follows = context.chains && context.program.producers.get(names[1] ?? '')?.operator === 'Transpose';
  const moved = turned || follows ? [] : turn(context, second, nest);
  const operand = moved[0]?.output ?? second;
  const partial = context.temporary(`${output.tensor.name}_products`, 32);
  return [
    ...moved,
    ...Array.from({ length: partsOf(batches) }, () =>
      operation(context, {
        operator: 'MatMul',
        inputs: [
          ofBatch(first, left, batches),
          ofBatch(operand, right, batches),
          // Products before they are summed, and their sums.
          { tensor: partial, shape: { ...left, depth: left.depth + 1 } },
        ],
        output: ofBatch(output, result, batches),
        ...activationOf(context.group, bitsOf(output)),
      }),
    ),
  ];
}

/** One matrix of several. */
function ofBatch({ tensor }: Connection, shape: Extent, batches: number): Connection {
  if (batches === 1) return { tensor, shape };
  const each = { ...shape, height: batches / partsOf(batches) };
  return { tensor, shape: { ...shape, height: batches }, slice: { shape: each, depthOffset: 0 } };
}

function turn(context: Lowering, { tensor, shape }: Connection, nest: LoopNest): readonly NpuOperation[] {
  const output = context.temporary(`${tensor.name}_transposed`, tensor.bits);
  return [
    operation(context, {
      operator: 'Transpose',
      inputs: [{ tensor, shape }],
      output: { tensor: output, shape: { height: shape.height, width: nest.K, depth: nest.C } },
    }),
  ];
}
