/** Operations of MIL that sample images at other places. */
import { emit, integers, step } from '../../emission.ts';
import { flag, number, numbers, rankOf, shapeOf, tensor, text, type Operation } from '../operation.ts';
import type { Table, Translate } from './translate.ts';

const x = (operation: Operation): string => tensor(operation, 'x');

/** The last two axes times a factor. */
function upsampling(mode: string): Translate {
  return (operation) => {
    const rank = rankOf(operation, 'x') ?? 4;
    const factors = [number(operation, 'scale_factor_height', 1), number(operation, 'scale_factor_width', 1)];
    const scales = { floats: [...Array.from({ length: Math.max(0, rank - 2) }, () => 1), ...factors] };
    const align = flag(operation, 'align_corners', mode === 'linear') ? 'align_corners' : 'half_pixel';
    emit(operation, 'Resize', [x(operation)], { mode, scales, coordinate_transformation_mode: align });
  };
}

/** The last axes to given sizes. */
function resizing(mode: string): Translate {
  return (operation) => {
    const sizes = [number(operation, 'target_size_height', 1), number(operation, 'target_size_width', 1)];
    emit(operation, 'Resize', [x(operation), '', '', integers(operation, 'sizes', sizes)], { mode, axes: [-2, -1] });
  };
}

/** A 0 among the sizes leaves the axis as it is. */
const resize: Translate = (operation) => {
  const mode = text(operation, 'interpolation_mode', 'LINEAR').startsWith('NEAREST') ? 'nearest' : 'linear';
  const count = number(operation, 'resized_dims', 2);
  const axes = Array.from({ length: Math.min(8, count) }, (_, index) => index - count);
  const wanted = numbers(operation, 'shape')?.slice(-count);
  const old = shapeOf(operation, 'x')?.slice(-count);
  const sizes = wanted?.map((size, index) => (size === 0 ? (old?.[index] ?? 0) : size));
  const operand = sizes === undefined ? tensor(operation, 'shape') : integers(operation, 'sizes', sizes);
  emit(operation, 'Resize', [x(operation), '', '', operand], { mode, axes });
};

/** Before iOS 17 every box had an axis of its own before the batch's. */
const cropResize: Translate = (operation) => {
  const height = number(operation, 'target_height', 1);
  const width = number(operation, 'target_width', 1);
  const attributes = { output_height: height, output_width: width, sampling_ratio: 1 };
  if (operation.bindings.has('boxes')) {
    const inputs = ['x', 'boxes', 'box_indices'].map((parameter) => tensor(operation, parameter));
    emit(operation, 'RoiAlign', inputs, attributes);
    return;
  }
  const boxes = step(operation, '', {
    operator: 'RoiAlign',
    inputs: [x(operation), tensor(operation, 'roi')],
    attributes,
  });
  emit({ ...operation, name: `${operation.name}/boxes` }, 'Unsqueeze', [boxes], { axes: [1] });
};

const resample: Translate = (operation) => {
  emit(operation, 'GridSample', [x(operation), tensor(operation, 'coordinates')], { mode: samplingMode(operation) });
};

const affine: Translate = (operation) => {
  const [batch = 1, channels = 1] = shapeOf(operation, 'x') ?? [];
  const target = [batch, channels, number(operation, 'output_height', 1), number(operation, 'output_width', 1)];
  const size = integers(operation, 'size', target);
  const grid = step(operation, 'grid', {
    operator: 'AffineGrid',
    inputs: [tensor(operation, 'transform_matrix'), size],
  });
  emit(operation, 'GridSample', [x(operation), grid], { mode: samplingMode(operation) });
};

const samplingMode = (operation: Operation): string =>
  text(operation, 'sampling_mode', 'bilinear') === 'nearest' ? 'nearest' : 'linear';

export const resizings: Table = [
  ['upsample_nearest_neighbor', upsampling('nearest')],
  ['upsample_bilinear', upsampling('linear')],
  ['resize_nearest_neighbor', resizing('nearest')],
  ['resize_bilinear', resizing('linear')],
  ['resize', resize],
  ['crop_resize', cropResize],
  ['resample', resample],
  ['affine', affine],
];
