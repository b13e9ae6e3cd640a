/** Pools, means and other reductions. */
import { intAttribute, intsAttribute } from '../../../operators/attribute.ts';
import { normalizeAxes } from '../../../operators/type.ts';
import type { Connection, Extent, Filter, NpuOperation, NpuWeights } from '../operation.ts';
import { bitsOf, unitFilter } from '../operation.ts';
import { activationOf } from './activation.ts';
import type { Lowering } from './lowering.ts';
import { axisIn, connect, isUnrolled, operation, resultOf, scalar } from './lowering.ts';
import { axesOf } from './tensors.ts';

/** A mean of a larger area is a sum of several. */
const longestMean = 64;
const largestMean = longestMean * longestMean;
const largestStride = 3;

export function lowerPool(context: Lowering): readonly NpuOperation[] {
  const { host, members, absorbed } = context.group;
  const name = (members.find((member) => absorbed.has(member)) ?? host).node.inputs[0] ?? '';
  const input = connect(context, name);
  const output = connect(context, resultOf(context.group));
  const filter = poolFilter(context, input.shape, output.shape);
  const operator = host.operator.includes('Max') ? 'MaxPool' : 'AvgPool';
  const activation = activationOf(context.group, bitsOf(output));
  const tooFar = filter.strideY > largestStride || filter.strideX > largestStride;
  if (tooFar && isUnrolled(output.shape.height * output.shape.width)) {
    const window = { height: filter.height, width: filter.width, depth: input.shape.depth };
    const place = { height: 1, width: 1, depth: output.shape.depth };
    return Array.from({ length: output.shape.height * output.shape.width }, () =>
      operation(context, {
        ...{ operator, ...activation },
        filter: { ...filter, strideY: 1, strideX: 1 },
        inputs: [{ ...input, slice: { shape: window, depthOffset: 0 } }],
        output: { ...output, slice: { shape: place, depthOffset: 0 } },
      }),
    );
  }
  return [operation(context, { operator, inputs: [input], output, filter, ...activation })];
}

function poolFilter({ group }: Lowering, input: Extent, output: Extent): Filter {
  const { node, operator } = group.host;
  const isGlobal = operator.includes('Global');
  const kernel = intsAttribute(node, 'kernel_shape', undefined);
  if (isGlobal || kernel === undefined) return { ...unitFilter, height: input.height, width: input.width };
  const strides = intsAttribute(node, 'strides', [1, 1]);
  const [height, width] = pair(kernel);
  const [strideY, strideX] = pair(strides);
  // A pool of everything has nowhere to go.
  const still = height === input.height && width === input.width && output.height * output.width === 1;
  return { ...unitFilter, height, width, strideY: still ? 1 : strideY, strideX: still ? 1 : strideX };
}

/** One axis is that of the columns. */
function pair(values: readonly number[]): readonly [number, number] {
  return [values.length > 1 ? (values.at(-2) ?? 1) : 1, values.at(-1) ?? 1];
}

/** A sum by a depthwise filter of ones, in 32 bits, times the reciprocal of the count. */
export function lowerMean(context: Lowering): readonly NpuOperation[] {
  const { node } = context.group.host;
  const name = node.inputs[0] ?? '';
  const input = connect(context, name);
  const output = connect(context, resultOf(context.group));
  const axes = axesOf(name, context.program);
  const reduced = new Set(reducedAxes(context, axes).map((axis) => axisIn(axis, axes.length, context.program.graph)));
  const shape = reduced.has('depth') ? shifted(input.shape) : input.shape;
  const along = reduced.has('depth') ? new Set(['width']) : reduced;
  let height = along.has('height') ? shape.height : 1;
  let width = along.has('width') ? shape.width : 1;
  let seen: Extent = shape;
  if (height > longestMean && height * width <= largestMean && along.has('width')) {
    seen = { height: 1, width: height * width, depth: shape.depth };
    [height, width] = [1, height * width];
  }
  const result: Extent = {
    height: along.has('height') ? 1 : seen.height,
    width: along.has('width') ? 1 : seen.width,
    depth: shape.depth,
  };
  const sums = sumsOf(context, { input: { ...input, shape: seen }, result, height, width });
  const last = sums.at(-1)!;
  return [
    ...sums,
    operation(context, {
      operator: 'Mul',
      inputs: [last.output, scalar(context, 32)],
      output: { tensor: output.tensor, shape: result, ...(output.slice && { slice: output.slice }) },
      ...activationOf(context.group, bitsOf(output)),
    }),
  ];
}

/** The mean over channels: the channels as columns. */
function shifted({ height, width, depth }: Extent): Extent {
  return width === 1 ? { height, width: depth, depth: 1 } : { height: width, width: depth, depth: 1 };
}

function reducedAxes({ group }: Lowering, axes: readonly number[]): readonly number[] {
  const { node, typed } = group.host;
  const given = intsAttribute(node, 'axes', undefined) ?? typed.values[1]?.elements.map(Number);
  const all = axes.map((_, axis) => axis);
  if (given === undefined) return intAttribute(node, 'noop_with_empty_axes', 0) === 1 ? [] : all;
  return normalizeAxes(given, axes.length) ?? all;
}

interface Sum {
  readonly input: Connection;
  readonly result: Extent;
  readonly height: number;
  readonly width: number;
}

function sumsOf(context: Lowering, { input, result, height, width }: Sum): readonly NpuOperation[] {
  const name = resultOf(context.group);
  const rows = Math.max(1, Math.min(Math.trunc(largestMean / width), height, longestMean));
  const operations: NpuOperation[] = [];
  for (let from = 0; from < height; from += rows) {
    const taps = Math.min(rows, height - from);
    const part = { ...input.shape, height: height === 1 ? input.shape.height : taps };
    const output = { tensor: context.temporary(`${name}_intermediate`, 32), shape: result };
    const sum = operation(context, {
      operator: 'DepthwiseConv2D',
      inputs: [rows < height ? { ...input, slice: { shape: part, depthOffset: 0 } } : input],
      output,
      filter: { ...unitFilter, height: taps, width },
      weights: ones(context, taps, width, result.depth),
    });
    const before = operations.at(-1);
    operations.push(sum);
    if (before === undefined) continue;
    const added = { tensor: context.temporary(`${name}_sum`, 32), shape: result };
    operations.push(operation(context, { operator: 'Add', inputs: [before.output, output], output: added }));
  }
  return operations;
}

/** A filter that the compiler makes up; its key is the tensor that it belongs to. */
function ones(context: Lowering, height: number, width: number, channels: number): NpuWeights {
  return madeUpWeights(context, { height, width, channels, value: 1 });
}

interface MadeUp {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly value: number;
}

const noFile = new Map<string, NpuWeights>();

/** Weights that are all the same number; equal ones are one record, so that their size is found once. */
export function madeUpWeights(_: Lowering, { height, width, channels, value }: MadeUp): NpuWeights {
  const key = `${height} ${width} ${channels} ${value}`;
  const known = noFile.get(key);
  if (known !== undefined) return known;
  const name = `filled with ${value}`;
  const shape = [channels, height, width, 1];
  const made: NpuWeights = {
    initializer: { name, dtype: 'int8', shape, encoding: 'raw', ranges: [], fileBytes: 0, available: false },
    ...{ outputs: channels, height, width, inputs: 1, filledWith: value, zeroPoints: [0] },
    strides: { output: height * width, y: width, x: 1, input: 1 },
  };
  noFile.set(key, made);
  return made;
}

/** The place of the largest: packed with the value into 16 bits, a maximum over all, taken apart again. */
export function lowerArgMax(context: Lowering): readonly NpuOperation[] {
  const { node } = context.group.host;
  const input = connect(context, node.inputs[0] ?? '');
  const output = connect(context, resultOf(context.group));
  const { height, width, depth } = input.shape;
  const packed = { tensor: context.temporary(`${output.tensor.name}_packed`, 16), shape: input.shape };
  const rows: Extent = { height: height * width, width: depth, depth: 1 };
  const most = { tensor: context.temporary(`${output.tensor.name}_maximum`, 16), shape: { ...rows, width: 1 } };
  return [
    operation(context, {
      operator: 'DepthwiseConv2D',
      inputs: [input],
      output: packed,
      weights: madeUpWeights(context, { height: 1, width: 1, channels: depth, value: 128 }),
    }),
    operation(context, {
      operator: 'MaxPool',
      inputs: [{ tensor: packed.tensor, shape: rows }],
      output: most,
      filter: { ...unitFilter, width: depth },
      activation: 'lookup',
      tableBytes: 2048,
    }),
    operation(context, {
      operator: 'MemoryCopy',
      inputs: [most],
      output: { tensor: output.tensor, shape: most.shape, bits: 32 },
    }),
  ];
}
