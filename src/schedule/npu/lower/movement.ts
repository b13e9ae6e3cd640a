/** Copies, transposes, padding, and joining and cutting feature maps. */
import { intsAttribute } from '../../../operators/attribute.ts';
import type { Connection, Extent, NpuOperation } from '../operation.ts';
import { elementsOf, sameExtent } from '../operation.ts';
import { pass } from './elementwise.ts';
import type { Lowering } from './lowering.ts';
import { axisIn, computedInputs, connect, isUnrolled, operation, resultOf } from './lowering.ts';
import { axesOf } from './tensors.ts';

/** One copy for each operand that its maker could not write into the joined feature map itself. */
export function lowerConcat(context: Lowering, isWritten: (name: string) => boolean): readonly NpuOperation[] {
  const { node } = context.group.host;
  const output = connect(context, resultOf(context.group));
  const parts = concatParts(context);
  return node.inputs.flatMap((name, position) => {
    if (name === '' || isWritten(name)) return [];
    const slice = parts[position]!;
    return [copy(context, shapedLike(connect(context, name), slice.shape), { ...output, slice })];
  });
}

type Slice = NonNullable<Connection['slice']>;

/** Where each operand of a Concat lies in its result. */
export function concatParts(context: Lowering): readonly Slice[] {
  const { node } = context.group.host;
  const result = node.outputs[0] ?? '';
  const rank = axesOf(result, context.program).length;
  const attribute = node.attributes.get('axis');
  const axis = axisIn(attribute?.kind === 'int' ? attribute.value : 0, rank, context.program.graph);
  const whole = connect(context, result).shape;
  let depthOffset = 0;
  return node.inputs.map((name) => {
    const { shape } = connect(context, name);
    const part = axis === 'outer' ? { ...whole, height: shape.height } : { ...whole, [axis]: shape[axis] };
    const slice = { shape: part, depthOffset };
    if (axis === 'depth') depthOffset += shape.depth;
    return slice;
  });
}

/** Where the operand of a Pad lies in its result. */
export function padPart(context: Lowering): Slice {
  const { node } = context.group.host;
  const { shape } = connect(context, node.inputs[0] ?? '');
  return { shape, depthOffset: padsOf(context).find(({ axis }) => axis === 'depth')?.before ?? 0 };
}

interface AxisPads {
  readonly axis: keyof Extent | 'outer';
  readonly before: number;
  readonly after: number;
}

function padsOf({ group, program }: Pick<Lowering, 'group' | 'program'>): readonly AxisPads[] {
  const { node, typed } = group.host;
  const pads = intsAttribute(node, 'pads', undefined) ?? typed.values[1]?.elements.map(Number) ?? [];
  const rank = pads.length / 2;
  return Array.from({ length: rank }, (_, axis) => ({
    axis: axisIn(axis, rank, program.graph),
    before: pads[axis] ?? 0,
    after: pads[axis + rank] ?? 0,
  }));
}

/** Each border is a copy of constants; the middle is copied, unless its maker wrote it there. */
export function lowerPad(context: Lowering, isWritten: (name: string) => boolean): readonly NpuOperation[] {
  const { node } = context.group.host;
  const name = node.inputs[0] ?? '';
  const output = connect(context, resultOf(context.group));
  const constant = context.constant('padding', output.tensor.bits);
  const borders = padsOf(context).flatMap(({ axis, before, after }) =>
    [before, after]
      .filter((size) => size > 0 && axis !== 'outer')
      .map((size) => {
        const shape: Extent = { ...output.shape, [axis]: size };
        return copy(context, { tensor: constant, shape }, { ...output, slice: { shape, depthOffset: 0 } });
      }),
  );
  if (isWritten(name)) return borders;
  return [...borders, copy(context, connect(context, name), { ...output, slice: padPart(context) })];
}

export function copy(context: Lowering, input: Connection, output: Connection): NpuOperation {
  return pass(context, { operator: 'MemoryCopy', input, output });
}

/** The same elements as the NPU would see them in another shape. */
function shapedLike(connection: Connection, shape: Extent): Connection {
  return connection.slice === undefined && elementsOf(connection.shape) === elementsOf(shape)
    ? { ...connection, shape }
    : connection;
}

/** A cut of a feature map; readers that can take it from the whole make this nothing. */
export function lowerCut(context: Lowering, isRead: (name: string) => boolean): readonly NpuOperation[] {
  const { node } = context.group.host;
  const input = connect(context, computedInputs(context.group.host)[0] ?? '');
  return node.outputs.flatMap((name, position) => {
    if (name === '' || isRead(name)) return [];
    const output = connect(context, name);
    const depthOffset = cutOffset(context, position);
    const part = { ...input, slice: { shape: output.slice?.shape ?? output.shape, depthOffset } };
    return [copy(context, part, output)];
  });
}

/** First channel of a cut. */
export function cutOffset(context: Lowering, position: number): number {
  const { host } = context.group;
  const name = computedInputs(host)[0] ?? '';
  const rank = axesOf(name, context.program).length;
  if (host.operator === 'Split') {
    const attribute = host.node.attributes.get('axis');
    const axis = axisIn(attribute?.kind === 'int' ? attribute.value : 0, rank, context.program.graph);
    if (axis !== 'depth') return 0;
    return host.node.outputs.slice(0, position).reduce((sum, output) => sum + connect(context, output).shape.depth, 0);
  }
  const starts = host.typed.values[1]?.elements.map(Number) ?? [];
  const axes = host.typed.values[3]?.elements.map(Number) ?? starts.map((_, axis) => axis);
  const at = axes.findIndex((axis) => axisIn(axis, rank, context.program.graph) === 'depth');
  const start = starts[at] ?? 0;
  const size = connect(context, name).shape.depth;
  return start < 0 ? Math.max(0, start + size) : Math.min(start, size);
}

/** A copy for each repetition and each place of the axes in front of the last three. */
export function lowerTile(context: Lowering): readonly NpuOperation[] {
  const { node, typed } = context.group.host;
  const input = connect(context, node.inputs[0] ?? '');
  const output = connect(context, resultOf(context.group));
  const axes = axesOf(node.inputs[0] ?? '', context.program);
  const repeats = typed.values[1]?.elements.map(Number) ?? [];
  const [height = 1, width = 1, depth = 1] = [1, 1, 1, ...axes].slice(-3);
  const outer = axes.slice(0, -3).reduce((product, size) => product * size, 1);
  const copies = repeats.reduce((product, count) => product * count, 1);
  const slice = { shape: { height, width, depth }, depthOffset: 0 };
  if (!isUnrolled(outer * copies)) return [copy(context, input, output)];
  return Array.from({ length: outer * copies }, () => copy(context, { ...input, slice }, { ...output, slice }));
}

const emulated = new Set(['NWHC', 'NHCW', 'NCWH']);

/** A permutation of rows, columns and channels; what the hardware has no strides for takes two steps. */
export function lowerTranspose(context: Lowering): readonly NpuOperation[] {
  const { node } = context.group.host;
  const name = node.inputs[0] ?? '';
  const input = connect(context, name);
  const output = connect(context, resultOf(context.group));
  const axes = axesOf(name, context.program);
  const given = intsAttribute(node, 'perm', axes.map((_, axis) => axis).toReversed());
  const order = given.slice(-3).map((axis) => 'HWC'[axis - (given.length - 3)] ?? 'H');
  const transposed = (from: Connection, to: Connection) =>
    operation(context, { operator: 'Transpose', inputs: [from], output: to });
  if (emulated.has(`N${order.join('')}`) || given.length < 3 || sameExtent(input.shape, output.shape)) {
    return [transposed(input, output)];
  }
  const middle = { tensor: context.temporary(`${output.tensor.name}_turned`, output.tensor.bits), shape: output.shape };
  return [transposed(input, middle), transposed(middle, output)];
}
