/** Enlarging by two, four or eight: the hardware doubles what it reads; bilinear averages run behind. */
import { stringAttribute } from '../../../operators/attribute.ts';
import type { Connection, Extent, NpuOperation } from '../operation.ts';
import { unitFilter } from '../operation.ts';
import { copy } from './movement.ts';
import type { Lowering } from './lowering.ts';
import { computedInputs, connect, operation, resultOf } from './lowering.ts';
import { madeUpWeights } from './pooling.ts';

export function lowerResize(context: Lowering): readonly NpuOperation[] {
  const { host } = context.group;
  const input = connect(context, computedInputs(host)[0] ?? '');
  const output = connect(context, resultOf(context.group));
  const mode = stringAttribute(host.node, 'mode', 'nearest');
  const coordinates = stringAttribute(host.node, 'coordinate_transformation_mode', 'half_pixel');
  const factor = Math.max(
    Math.round(output.shape.height / input.shape.height),
    Math.round(output.shape.width / input.shape.width),
  );
  if (mode === 'linear' && coordinates.includes('half_pixel') && factor === 2) return halfPixel(context, input, output);
  return doublings(context, { input, output, factor, mode, corners: coordinates === 'align_corners' });
}

interface Doubling {
  readonly input: Connection;
  readonly output: Connection;
  readonly factor: number;
  readonly mode: string;
  readonly corners: boolean;
}

function doublings(context: Lowering, { input, output, factor, mode, corners }: Doubling): readonly NpuOperation[] {
  const operations: NpuOperation[] = [];
  let from = input;
  for (let rest = factor; rest > 2; rest /= 2) {
    const shape: Extent = { ...from.shape, height: from.shape.height * 2, width: from.shape.width * 2 };
    const to = { tensor: context.temporary(`${output.tensor.name}_x${factor / rest}`, output.tensor.bits), shape };
    operations.push(operation(context, { operator: 'AvgPool', inputs: [from], output: to, resampling: 'nearest' }));
    from = to;
  }
  const window = mode === 'linear' || corners ? { ...unitFilter, height: factor, width: factor } : unitFilter;
  const byFilter = mode !== 'linear' && corners;
  operations.push(
    operation(context, {
      operator: byFilter ? 'DepthwiseConv2D' : 'AvgPool',
      ...{ inputs: [from], output, filter: window, resampling: 'nearest' },
      ...(byFilter && {
        weights: madeUpWeights(context, { height: factor, width: factor, channels: output.shape.depth, value: 1 }),
      }),
    }),
  );
  return operations;
}

/** A border of one by copies, then a filter of two by two for each of the four places between pixels. */
function halfPixel(context: Lowering, input: Connection, output: Connection): readonly NpuOperation[] {
  const { height, width, depth } = input.shape;
  const padded = context.temporary(`${output.tensor.name}_padded`, output.tensor.bits);
  const shape: Extent = { height: height + 2, width: width + 2, depth };
  const into = (part: Extent): Connection => ({ tensor: padded, shape, slice: { shape: part, depthOffset: 0 } });
  const row: Extent = { height: 1, width, depth };
  const column: Extent = { height: height + 2, width: 1, depth };
  const part = { shape: row, depthOffset: 0 };
  const columns = [0, 1].map(() => copy(context, into(column), into(column)));
  const reads: Extent = { height: height + 1, width: width + 1, depth };
  const writes: Extent = { ...output.shape, height: output.shape.height - 1, width: output.shape.width - 1 };
  const places = [0, 1, 2, 3].map(() =>
    operation(context, {
      operator: 'DepthwiseConv2D',
      inputs: [into(reads)],
      output: {
        ...output,
        slice: { shape: writes, depthOffset: output.slice?.depthOffset ?? 0 },
        ...{ stepX: 2, stepY: 2 },
      },
      filter: { ...unitFilter, height: 2, width: 2 },
      weights: madeUpWeights(context, { height: 2, width: 2, channels: depth, value: 3 }),
    }),
  );
  const steps = [
    copy(context, input, into(input.shape)),
    copy(context, { ...input, slice: part }, into(row)),
    copy(context, { ...input, slice: part }, into(row)),
    ...columns,
    ...places,
  ];
  return steps.map((step, index) => ({ ...step, follows: index > 0 }));
}
