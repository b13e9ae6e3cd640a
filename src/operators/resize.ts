/** Operators that sample an image at other places than its own pixels. */
import { isKnown, scale, unknown } from '../ir/dimension.ts';
import type { Dimension } from '../ir/dimension.ts';
import type { Element, Shape, TensorType } from '../ir/graph.ts';
import { floatAttribute, floatsAttribute, intAttribute, intsAttribute, stringAttribute } from './attribute.ts';
import { totalElements } from './movement.ts';
import type { Operator, TypedNode } from './operator.ts';
import { shapeFromInput } from './shape.ts';
import { decidedAtRunTime, dtypeOf, normalizeAxes, shapeUnknownAs, tensor, unknownType } from './type.ts';
import type { VectorWork, Work } from './work.ts';

/** Where the scales and sizes stand among the inputs, by operator and opset. */
function operandsOf({ node }: TypedNode): { readonly scales: number; readonly sizes: number } {
  return node.operator === 'Resize' && node.version >= 11 ? { scales: 2, sizes: 3 } : { scales: 1, sizes: -1 };
}

function scalesOf(context: TypedNode): readonly Element[] | undefined {
  const { node, values } = context;
  const single = floatAttribute(node, 'width_scale', undefined);
  if (single !== undefined) return [1, 1, floatAttribute(node, 'height_scale', 1), single];
  const elements = values[operandsOf(context).scales]?.elements ?? floatsAttribute(node, 'scales', undefined);
  return elements !== undefined && elements.length > 0 ? elements : undefined;
}

function inferResize(context: TypedNode): readonly TensorType[] {
  const [input] = context.inputs;
  const shape = input?.shape;
  if (!shape) return [shapeUnknownAs(dtypeOf(input), input)];
  const axes = normalizeAxes(intsAttribute(context.node, 'axes', [...shape.keys()]), shape.length);
  if (axes === undefined) return [unknownType('Resize: an axis is outside of the rank')];
  const sizes = context.values[operandsOf(context).sizes]?.elements;
  const scales = scalesOf(context);
  const resized = shape.map((old, axis): Dimension => {
    const position = axes.indexOf(axis);
    if (position < 0) return old;
    if (sizes !== undefined) return sizes[position] ?? unknown(decidedAtRunTime('Resize'));
    return scaled(old, scales?.[position]);
  });
  return [
    tensor(input.dtype, sizes === undefined ? resized : keepRatio(context, shape, { axes, resized }), input.reason),
  ];
}

/** Scales are 32-bit floats: a product within a millionth of a whole number is that number. */
function scaled(size: Dimension, factor: Element | undefined): Dimension {
  if (factor === undefined || !isKnown(factor)) return unknown(decidedAtRunTime('Resize'));
  if (!isKnown(size)) return scale(size, factor);
  const product = Math.fround(size * factor);
  return Math.floor(Math.abs(product - Math.round(product)) < 1e-6 * size ? Math.round(product) : product);
}

/** Opset 18: the sizes are bounds, and the image keeps its aspect ratio. */
function keepRatio(
  { node }: TypedNode,
  shape: Shape,
  { axes, resized }: { readonly axes: readonly number[]; readonly resized: Shape },
): Shape {
  const policy = stringAttribute(node, 'keep_aspect_ratio_policy', 'stretch');
  if (policy === 'stretch') return resized;
  const ratios = axes.map((axis) => {
    const [before, after] = [shape[axis]!, resized[axis]!];
    return isKnown(before) && isKnown(after) ? after / before : Number.NaN;
  });
  const ratio = policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios);
  return resized.map((size, axis) => {
    if (!axes.includes(axis)) return size;
    const before = shape[axis]!;
    // Halves round up, as the specification's round_int does.
    return isKnown(before) && !Number.isNaN(ratio)
      ? Math.floor(before * ratio + 0.5)
      : unknown(decidedAtRunTime('Resize'));
  });
}

/** Multiplies and adds per output element: 2 taps an axis for linear, 4 for cubic, none for nearest. */
function samplingWork(taps: number, outputs: readonly TensorType[]): Work {
  const elements = totalElements(outputs);
  const arithmetic: readonly VectorWork[] = [
    { operation: 'multiply', elements: elements * taps },
    { operation: 'add', elements: elements * (taps - 1) },
  ];
  return {
    operatorClass: 'resize',
    nests: [],
    vector: [{ operation: 'move', elements }, ...(taps > 1 ? arithmetic : [])],
  };
}

function tapsOf(mode: string, axes: number): number {
  if (mode.includes('cubic')) return 4 ** axes;
  return mode.includes('linear') ? 2 ** axes : 1;
}

function resizeWork({ node, inputs }: TypedNode, outputs: readonly TensorType[]): Work {
  const before = inputs[0]?.shape ?? [];
  const changed = (outputs[0]?.shape ?? []).filter((size, axis) => size !== before[axis]).length;
  return samplingWork(tapsOf(stringAttribute(node, 'mode', 'nearest'), changed), outputs);
}

/** N x C x image sampled at N x positions x 2 (or 3). */
function inferGridSample({ inputs }: TypedNode): readonly TensorType[] {
  const [input, grid] = inputs;
  if (!input?.shape) return [shapeUnknownAs(dtypeOf(input), input)];
  if (!grid?.shape) return [shapeUnknownAs(input.dtype, grid)];
  const [batch, channels] = input.shape;
  return [tensor(input.dtype, [batch ?? 1, channels ?? 1, ...grid.shape.slice(1, -1)], input.reason)];
}

function inferAffineGrid(context: TypedNode): readonly TensorType[] {
  const dtype = dtypeOf(context.inputs[0]);
  const size = shapeFromInput(context, 1);
  if (size === null) return [tensor(dtype, null, decidedAtRunTime('AffineGrid'))];
  return [tensor(dtype, [size[0] ?? 1, ...size.slice(2), size.length - 2])];
}

function inferRegions(height: string, width: string) {
  return ({ node, inputs }: TypedNode): readonly TensorType[] => {
    const [input, regions] = inputs;
    if (!input?.shape) return [shapeUnknownAs(dtypeOf(input), input)];
    const pooled = intsAttribute(node, 'pooled_shape', [intAttribute(node, height, 1), intAttribute(node, width, 1)]);
    const count = regions?.shape?.[0] ?? unknown('the number of regions is not known');
    return [tensor(input.dtype, [count, input.shape[1] ?? 1, ...pooled], input.reason)];
  };
}

/** Each output is the mean or maximum of samples, each of four pixels. */
function roiAlignWork({ node }: TypedNode, outputs: readonly TensorType[]): Work {
  // 0 means adaptive: about two samples an axis for regions of twice the output's size.
  const samples = intAttribute(node, 'sampling_ratio', 0) || 2;
  return samplingWork(4 * samples ** 2, outputs);
}

export const resizeOperators: readonly Operator[] = [
  ...['Resize', 'Upsample'].map((name): Operator => ({
    domain: '',
    name,
    documentation:
      'Resamples an image; per output element one tap (nearest), 2 (linear) or 4 (cubic) per resized axis.',
    infer: inferResize,
    work: resizeWork,
    parameterInputs: [0],
  })),
  {
    domain: '',
    name: 'GridSample',
    documentation: 'Samples an image at given positions; taps per output element as for Resize.',
    infer: inferGridSample,
    work: ({ node }, outputs) =>
      samplingWork(
        tapsOf(
          stringAttribute(node, 'mode', node.version < 20 ? 'bilinear' : 'linear'),
          (outputs[0]?.shape?.length ?? 4) - 2,
        ),
        outputs,
      ),
  },
  {
    domain: '',
    name: 'AffineGrid',
    documentation: 'Positions under an affine map; two products and two sums per coordinate.',
    infer: inferAffineGrid,
    work: (_node, outputs) => samplingWork(3, outputs),
  },
  {
    domain: '',
    name: 'RoiAlign',
    documentation: 'Pools regions of an image; four taps for each of its samples per output element.',
    infer: inferRegions('output_height', 'output_width'),
    work: roiAlignWork,
  },
  {
    domain: '',
    name: 'MaxRoiPool',
    documentation: 'Maximum over regions of an image; one comparison per output element at least.',
    infer: inferRegions('', ''),
  },
];
