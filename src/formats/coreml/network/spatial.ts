/** Layers that slide windows over images, and that pad, cut and resample them. */
import { addNumbers } from '../building.ts';
import { integers } from '../emission.ts';
import {
  fieldsAt,
  fieldsOf,
  flagAt,
  floatsAt,
  integerAt,
  integersAt,
  messageAt,
  messagesAt,
  type Fields,
} from '../fields.ts';
import { emitLayer, part, type Layer, type LayerType } from './layer.ts';
import { weight } from './weights.ts';

/** BorderAmounts: the height's edges, then the width's; begins before ends, as ONNX has them. */
function borders(amounts: Fields, edges = 2): readonly number[] {
  const sizes = messagesAt(amounts, 10).map((each) => fieldsOf(each));
  const at = (index: number, field: number) => (sizes[index] === undefined ? 0 : integerAt(sizes[index], field));
  const axes = Array.from({ length: edges }, (_, index) => index);
  return [...axes.map((index) => at(index, 1)), ...axes.map((index) => at(index, 2))];
}

/** ValidPadding, or SamePadding with the odd pixel at the end or the beginning. */
function padding(parameters: Fields, valid: number, same: number) {
  const samePadding = messageAt(parameters, same);
  if (samePadding !== undefined) {
    return { auto_pad: integerAt(fieldsOf(samePadding), 1) === 1 ? 'SAME_LOWER' : 'SAME_UPPER' };
  }
  return { pads: borders(fieldsAt(fieldsAt(parameters, valid), 1)) };
}

const orOnes = (list: readonly number[], length: number): readonly number[] =>
  list.length === length ? list : Array.from({ length }, () => 1);

function convolution(layer: Layer): void {
  const { parameters, inputs } = layer;
  const [filters, channels] = [integerAt(parameters, 1), integerAt(parameters, 2)];
  const group = integerAt(parameters, 10) || 1;
  const given = integersAt(parameters, 20);
  const kernel = given.length === 2 ? given : [3, 3];
  const transposed = flagAt(parameters, 60);
  // A transposed one has its inputs first, and the filters of one group.
  const shape = transposed ? [channels, Math.floor(filters / group), ...kernel] : [filters, channels, ...kernel];
  const weights = inputs[1] ?? weight(layer, messageAt(parameters, 90), { part: 'weights', shape });
  const bias = flagAt(parameters, 70)
    ? weight(layer, messageAt(parameters, 91), { part: 'bias', shape: [filters] })
    : '';
  const output = integersAt(parameters, 100);
  emitLayer(layer, transposed ? 'ConvTranspose' : 'Conv', [inputs[0] ?? '', weights, bias], {
    group,
    kernel_shape: kernel,
    strides: orOnes(integersAt(parameters, 30), 2),
    dilations: orOnes(integersAt(parameters, 40), 2),
    ...padding(parameters, 50, 51),
    output_shape: transposed && output.length === 2 ? output : undefined,
  });
}

/** A window of three axes: depth, height, width. `fields` are the first of each triple. */
function window3d(
  parameters: Fields,
  fields: { readonly kernel: number; readonly stride: number; readonly type: number; readonly pads: number },
) {
  const triple = (first: number) => [0, 1, 2].map((index) => integerAt(parameters, first + index) || 1);
  const pad = (index: number) => integerAt(parameters, fields.pads + index);
  const type = integerAt(parameters, fields.type);
  return {
    kernel_shape: triple(fields.kernel),
    strides: triple(fields.stride),
    auto_pad: type === 2 ? 'SAME_UPPER' : undefined,
    pads: type === 0 ? [pad(0), pad(2), pad(4), pad(1), pad(3), pad(5)] : undefined,
  };
}

function convolution3d(layer: Layer): void {
  const { parameters, inputs } = layer;
  const window = window3d(parameters, { kernel: 20, stride: 31, type: 70, pads: 80 });
  const [filters, channels] = [integerAt(parameters, 1), integerAt(parameters, 2)];
  const group = integerAt(parameters, 10) || 1;
  const transposed = flagAt(parameters, 86);
  const ofGroup = (count: number) => Math.floor(count / group);
  const shape = transposed ? [channels, ofGroup(filters)] : [filters, ofGroup(channels)];
  const weights = weight(layer, messageAt(parameters, 60), {
    part: 'weights',
    shape: [...shape, ...window.kernel_shape],
  });
  const bias = flagAt(parameters, 50)
    ? weight(layer, messageAt(parameters, 61), { part: 'bias', shape: [filters] })
    : '';
  const dilations = [40, 41, 42].map((field) => integerAt(parameters, field) || 1);
  emitLayer(layer, transposed ? 'ConvTranspose' : 'Conv', [inputs[0] ?? '', weights, bias], {
    group,
    ...window,
    dilations,
  });
}

const poolings = ['MaxPool', 'AveragePool', 'LpPool'];
const globalPoolings = ['GlobalMaxPool', 'GlobalAveragePool', 'GlobalLpPool'];

function pooling(layer: Layer): void {
  const { parameters, inputs } = layer;
  const type = integerAt(parameters, 1);
  if (flagAt(parameters, 60)) {
    emitLayer(layer, globalPoolings[type] ?? 'coreml.pooling', inputs);
    return;
  }
  const given = integersAt(parameters, 10);
  const last = messageAt(parameters, 32);
  const amounts = last === undefined ? [] : integersAt(fieldsOf(last), 10);
  const [y = 0, x = 0] = amounts;
  emitLayer(layer, poolings[type] ?? 'coreml.pooling', inputs, {
    kernel_shape: given.length === 2 ? given : [3, 3],
    strides: orOnes(integersAt(parameters, 20), 2),
    // As Caffe does: the last window may begin inside and end outside.
    ...(last === undefined ? padding(parameters, 30, 31) : { pads: [y, x, y, x], ceil_mode: 1 }),
    count_include_pad: type === 1 ? Number(!flagAt(parameters, 50)) : undefined,
  });
}

function pooling3d(layer: Layer): void {
  const { parameters, inputs } = layer;
  const type = integerAt(parameters, 1);
  const window = window3d(parameters, { kernel: 2, stride: 5, type: 15, pads: 8 });
  emitLayer(layer, poolings[type] ?? 'coreml.pooling3d', inputs, window);
}

function pad(layer: Layer): void {
  const [top = 0, left = 0, bottom = 0, right = 0] = borders(fieldsAt(layer.parameters, 10));
  const before = Array.from({ length: Math.max(0, (layer.ranks[0] ?? 4) - 2) }, () => 0);
  const mode = layer.parameters.has(2) ? 'reflect' : layer.parameters.has(3) ? 'edge' : 'constant';
  emitLayer(layer, 'Pad', layer.inputs.slice(0, 1), { mode, pads: [...before, top, left, ...before, bottom, right] });
}

/** By amounts, or to the size of a second input, from an offset. */
function crop(layer: Layer): void {
  const { parameters, inputs } = layer;
  const axes = [-2, -1];
  if (inputs.length < 2) {
    const [top = 0, left = 0, bottom = 0, right = 0] = borders(fieldsAt(parameters, 1));
    const until = (amount: number) => (amount === 0 ? 2 ** 31 - 1 : -amount);
    emitLayer(layer, 'Slice', inputs, { starts: [top, left], ends: [until(bottom), until(right)], axes });
    return;
  }
  const offset = integersAt(parameters, 5);
  const starts = offset.length === 2 ? offset : [0, 0];
  const shape = part(layer, 'size', 'Shape', { inputs: [inputs[1]!], attributes: { start: -2 } });
  const begin = integers(layer, 'offset', starts);
  const ends = part(layer, 'ends', 'Add', [shape, begin]);
  emitLayer(layer, 'Slice', [inputs[0]!, begin, ends], { axes });
}

function upsample(layer: Layer): void {
  const { parameters, inputs, ranks } = layer;
  const fractional = floatsAt(parameters, 7);
  const whole = integersAt(parameters, 1);
  const factors = fractional.length === 2 ? fractional : whole.length === 2 ? whole : [1, 1];
  const before = Array.from({ length: Math.max(0, (ranks[0] ?? 4) - 2) }, () => 1);
  const mode = integerAt(parameters, 5) === 1 ? 'linear' : 'nearest';
  emitLayer(layer, 'Resize', inputs.slice(0, 1), { mode, scales: { floats: [...before, ...factors] } });
}

function resizeBilinear(layer: Layer): void {
  const target = integersAt(layer.parameters, 1);
  const sizes = integers(layer, 'sizes', target.length === 2 ? target : [1, 1]);
  emitLayer(layer, 'Resize', [layer.inputs[0] ?? '', '', '', sizes], { mode: 'linear', axes: [-2, -1] });
}

/** Boxes in a tensor of their own; each is cut and resampled to the same size. */
function cropResize(layer: Layer): void {
  const [height = 1, width = 1] = integersAt(layer.parameters, 1);
  const attributes = { output_height: height, output_width: width, sampling_ratio: 1 };
  emitLayer(layer, 'RoiAlign', layer.inputs.slice(0, 2), attributes);
}

function reorganize(layer: Layer): void {
  const mode = integerAt(layer.parameters, 1);
  emitLayer(layer, mode === 0 ? 'SpaceToDepth' : 'DepthToSpace', layer.inputs, {
    blocksize: integerAt(layer.parameters, 2),
    mode: mode === 2 ? 'CRD' : undefined,
  });
}

function channels(layer: Layer, field: number, name: string, fallback?: number): string {
  const count = integerAt(layer.parameters, 1);
  const given = weight(layer, messageAt(layer.parameters, field), { part: name, shape: [count] });
  if (given !== '' || fallback === undefined || count > 65_536) return given;
  const elements = Array.from({ length: count }, () => fallback);
  return addNumbers(layer.draft, `${layer.name}/${name}`, { dtype: 'float32', shape: [count], elements });
}

function batchNorm(layer: Layer): void {
  const [gamma, beta] = [channels(layer, 15, 'gamma', 1), channels(layer, 16, 'beta', 0)];
  const epsilon = { float: layer.parameters.has(10) ? (floatsAt(layer.parameters, 10)[0] ?? 1e-5) : 1e-5 };
  if (flagAt(layer.parameters, 6)) {
    emitLayer(layer, 'InstanceNormalization', [layer.inputs[0] ?? '', gamma, beta], { epsilon });
    return;
  }
  const statistics = [channels(layer, 17, 'mean', 0), channels(layer, 18, 'variance', 1)];
  emitLayer(layer, 'BatchNormalization', [layer.inputs[0] ?? '', gamma, beta, ...statistics], { epsilon });
}

export const spatialLayers: readonly LayerType[] = [
  { field: 100, name: 'convolution', translate: convolution },
  { field: 1471, name: 'convolution3d', translate: convolution3d },
  { field: 120, name: 'pooling', translate: pooling },
  { field: 1465, name: 'pooling3d', translate: pooling3d },
  {
    field: 1466,
    name: 'globalPooling3d',
    translate: (layer) =>
      emitLayer(layer, globalPoolings[integerAt(layer.parameters, 1)] ?? 'coreml.globalPooling3d', layer.inputs),
  },
  { field: 160, name: 'batchnorm', translate: batchNorm },
  { field: 190, name: 'crop', translate: crop },
  { field: 200, name: 'padding', translate: pad },
  { field: 210, name: 'upsample', translate: upsample },
  { field: 211, name: 'resizeBilinear', translate: resizeBilinear },
  { field: 212, name: 'cropResize', translate: cropResize },
  { field: 345, name: 'reorganizeData', translate: reorganize },
];
