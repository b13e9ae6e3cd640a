/** What an Ethos-U85 runs in other ways than its predecessors: it transposes, resizes and finds extremes itself. */
import { intsAttribute } from '../../../operators/attribute.ts';
import { normalizeAxes } from '../../../operators/type.ts';
import type { Initializer } from '../../../ir/graph.ts';
import type { Connection, Extent, Filter, NpuOperation, NpuWeights } from '../operation.ts';
import { bitsOf, partOf, unitFilter } from '../operation.ts';
import { activationOf } from './activation.ts';
import type { Lowering } from './lowering.ts';
import { axisIn, computedInputs, connect, operation, resultOf } from './lowering.ts';
import { axesOf } from './tensors.ts';

/** Its own unit, in one pass. */
export function lowerResizeU85(context: Lowering): readonly NpuOperation[] {
  const input = connect(context, computedInputs(context.group.host)[0] ?? '');
  const output = connect(context, resultOf(context.group));
  return [operation(context, { operator: 'Resize', inputs: [input], output })];
}

/** Along rows, then along columns; channels as columns. */
export function lowerExtreme(context: Lowering): readonly NpuOperation[] {
  const { node, typed } = context.group.host;
  const name = node.inputs[0] ?? '';
  const axes = axesOf(name, context.program);
  const given = intsAttribute(node, 'axes', undefined) ?? typed.values[1]?.elements.map(Number);
  const reduced = given === undefined ? undefined : normalizeAxes(given, axes.length);
  const along = new Set(
    (reduced ?? axes.map((_, axis) => axis)).map((axis) => axisIn(axis, axes.length, context.program.graph)),
  );
  const input = connect(context, name);
  const output = connect(context, resultOf(context.group));
  const flat = along.has('depth');
  const whole = flat
    ? { height: input.shape.height * input.shape.width, width: input.shape.depth, depth: 1 }
    : input.shape;
  const sides = (flat ? ['width'] : ['height', 'width']).filter((side) => flat || along.has(side as keyof Extent));
  let from: Connection = { ...input, shape: whole };
  return sides.map((side, index) => {
    const shape = { ...from.shape, [side]: 1 };
    const last = index === sides.length - 1;
    const tensor = last ? output.tensor : context.temporary(`${output.tensor.name}_${side}`, output.tensor.bits);
    const filter: Filter = { ...unitFilter, [side]: from.shape[side as keyof Extent] };
    const step = operation(context, { operator: 'ReduceMax', inputs: [from], output: { tensor, shape }, filter });
    from = step.output;
    return step;
  });
}

export interface Transposed {
  readonly weights: NpuWeights;
  readonly filter: Filter;
  readonly strideY: number;
  readonly strideX: number;
  readonly input: Connection;
  readonly output: Connection;
}

/** A convolution for each place in the stride, which writes every n-th row and column. */
export function lowerTransposedU85(context: Lowering, given: Transposed): readonly NpuOperation[] {
  const { filter, strideY, strideX, output, weights } = given;
  const operations: NpuOperation[] = [];
  for (let y = 0; y < Math.min(filter.height, strideY); y++) {
    for (let x = 0; x < Math.min(filter.width, strideX); x++) {
      const height = Math.floor((filter.height - 1 - y) / strideY) + 1;
      const width = Math.floor((filter.width - 1 - x) / strideX) + 1;
      const top = firstPlace(y, strideY, filter.height);
      const left = firstPlace(x, strideX, filter.width);
      const whole = partOf(output);
      const shape = { height: whole.height - top, width: whole.width - left, depth: whole.depth };
      const slice = { shape, depthOffset: output.slice?.depthOffset ?? 0 };
      operations.push(
        operation(context, {
          operator: 'Conv2D',
          inputs: [given.input],
          output: { ...output, slice, stepX: strideX, stepY: strideY },
          filter: { ...unitFilter, height, width },
          weights: pieceOf(weights, { y, x, height, width, strideY, strideX }),
          ...activationOf(context.group, bitsOf(output)),
        }),
      );
    }
  }
  return operations;
}

/** Rows that the padding crops in front are not written. */
function firstPlace(place: number, stride: number, taps: number): number {
  const cropped = Math.floor(Math.max(0, taps - stride) / 2);
  return cropped === 0 ? place : place + Math.ceil((cropped - place) / stride) * stride - cropped;
}

interface Piece {
  readonly y: number;
  readonly x: number;
  readonly height: number;
  readonly width: number;
  readonly strideY: number;
  readonly strideX: number;
}

/** Pieces of one constant, which are stored apart: found once, so that their sizes are. */
const pieces = new WeakMap<Initializer, Map<string, NpuWeights>>();

function pieceOf(weights: NpuWeights, { y, x, height, width, strideY, strideX }: Piece): NpuWeights {
  const known = pieces.get(weights.initializer) ?? new Map<string, NpuWeights>();
  pieces.set(weights.initializer, known);
  const key = `${y} ${x} ${strideY} ${strideX}`;
  const { strides } = weights;
  const piece = known.get(key) ?? {
    ...weights,
    ...{ initializer: { ...weights.initializer }, height, width },
    strides: { ...strides, y: strides.y * strideY, x: strides.x * strideX },
  };
  known.set(key, piece);
  return piece;
}

const deepEnough = 16;

/** The largest of each row of channels: channels as rows, where the rest is deep enough to be worth it. */
export function maximumU85(context: Lowering, input: Connection, wide: Extent, name: string): readonly NpuOperation[] {
  const { height, width, depth } = wide;
  const bits = bitsOf(input);
  const turned: Extent =
    width > 1 ? { height: depth, width: height, depth: width } : { height: depth, width, depth: height };
  const turns = height * width > 1 && turned.depth >= deepEnough;
  const flat: Extent = { height: height * width, width: depth, depth: 1 };
  const rows = turns ? turned : flat;
  const tensor = turns ? context.temporary(`${name}_transpose`, bits) : input.tensor;
  const shape = turns ? { ...turned, height: 1 } : { ...flat, width: 1 };
  const filter = turns ? { ...unitFilter, height: depth } : { ...unitFilter, width: depth };
  const most = { tensor: context.temporary(name, bits), shape };
  const turn = operation(context, { operator: 'Transpose', inputs: [input], output: { tensor, shape: turned } });
  const pool = operation(context, { operator: 'MaxPool', inputs: [{ tensor, shape: rows }], output: most, filter });
  return turns ? [turn, pool] : [pool];
}
