/** Convolutions, pools and other operators on feature maps, which TFLite keeps channels last. */
import type { Attribute } from '../../ir/graph.ts';
import { activated, int, ints, numbers, option, own, text, type FileOperator, type Translate } from './operator.ts';

export const channelsLast = { channels_last: int(1) };

/** filters × kernel × channels */
const filtersFirst = ints([0, 3, 1, 2]);
/** 1 × kernel × filters; for the transposed form filters × kernel × channels. */
export const filtersLast = ints([3, 0, 1, 2]);
/** kernel × channels × filters, of three spatial axes; for the transposed form kernel × filters × channels. */
const kernelFirst = ints([4, 3, 0, 1, 2]);

function padding(operator: FileOperator): Record<string, Attribute> {
  return { auto_pad: text(option(operator, 0, 'int8') === 0 ? 'SAME_UPPER' : 'VALID') };
}

/** Option fields of strides and dilations, in the order of the axes. */
function steps(
  operator: FileOperator,
  strides: readonly number[],
  dilations: readonly number[],
): Record<string, Attribute> {
  return {
    strides: ints(strides.map((field) => option(operator, field, 'int32'))),
    ...(dilations.length > 0 && { dilations: ints(dilations.map((field) => option(operator, field, 'int32', 1))) }),
  };
}

/** Weights hold the channels of one group; there are as many groups as the input has more. */
function groupsOf(operator: FileOperator, channelAxis: number): number {
  const channels = operator.inputTypes[0]?.shape?.at(-1);
  const perGroup = operator.inputTypes[1]?.shape?.at(channelAxis);
  const known = typeof channels === 'number' && typeof perGroup === 'number' && perGroup > 0;
  return known ? Math.max(1, Math.floor(channels / perGroup)) : 1;
}

const convolution2d: Translate = (operator) =>
  activated(operator, 3, {
    operator: 'Conv',
    inputs: operator.inputs.slice(0, 3),
    outputs: operator.outputs,
    attributes: {
      ...channelsLast,
      weight_axes: filtersFirst,
      group: int(groupsOf(operator, 3)),
      ...padding(operator),
      ...steps(operator, [2, 1], [5, 4]),
    },
  });

/** One group for each input channel. */
const depthwise: Translate = (operator) => {
  const channels = operator.inputTypes[0]?.shape?.at(-1);
  const filters = operator.inputTypes[1]?.shape?.at(-1);
  const multiplier = Math.max(1, option(operator, 3, 'int32'));
  const fromFilters = typeof filters === 'number' ? Math.max(1, Math.floor(filters / multiplier)) : 1;
  return activated(operator, 4, {
    operator: 'Conv',
    inputs: operator.inputs.slice(0, 3),
    outputs: operator.outputs,
    attributes: {
      ...channelsLast,
      weight_axes: filtersLast,
      group: int(typeof channels === 'number' ? Math.max(1, channels) : fromFilters),
      ...padding(operator),
      ...steps(operator, [2, 1], [6, 5]),
    },
  });
};

const convolution3d: Translate = (operator) =>
  activated(operator, 4, {
    operator: 'Conv',
    inputs: operator.inputs.slice(0, 3),
    outputs: operator.outputs,
    attributes: {
      ...channelsLast,
      weight_axes: kernelFirst,
      group: int(groupsOf(operator, 3)),
      ...padding(operator),
      ...steps(operator, [1, 3, 2], [5, 7, 6]),
    },
  });

/** Inputs: output shape, weights, feature map, bias. */
function transposed(
  fields: { activation: number; strides: number[]; dilations: number[] },
  axes: Attribute,
): Translate {
  return (operator) => {
    const [, weights = '', input = '', bias] = operator.inputs;
    const size = numbers(operator, 0)?.slice(1, -1);
    return activated(operator, fields.activation, {
      operator: 'ConvTranspose',
      inputs: bias === undefined || bias === '' ? [input, weights] : [input, weights, bias],
      outputs: operator.outputs,
      attributes: {
        ...channelsLast,
        weight_axes: axes,
        ...padding(operator),
        ...steps(operator, fields.strides, fields.dilations),
        ...(size !== undefined && size.length > 0 && { output_shape: ints(size) }),
      },
    });
  };
}

function pool(name: string): Translate {
  return (operator) =>
    activated(operator, 5, {
      operator: name,
      inputs: operator.inputs,
      outputs: operator.outputs,
      attributes: {
        ...channelsLast,
        kernel_shape: ints([option(operator, 4, 'int32'), option(operator, 3, 'int32')]),
        ...padding(operator),
        ...steps(operator, [2, 1], []),
      },
    });
}

function reblock(name: string): Translate {
  return (operator) => [
    {
      operator: name,
      inputs: operator.inputs,
      outputs: operator.outputs,
      attributes: { ...channelsLast, blocksize: int(option(operator, 0, 'int32')) },
    },
  ];
}

/** Inputs: feature map, sizes of its two spatial axes. */
function resize(mode: string, corners: number): Translate {
  return (operator) => {
    const half = option(operator, corners + 1, 'bool') === 1;
    const whole = option(operator, corners, 'bool') === 1 ? 'align_corners' : 'asymmetric';
    return [
      {
        operator: 'Resize',
        inputs: [operator.inputs[0] ?? '', '', '', operator.inputs[1] ?? ''],
        outputs: operator.outputs,
        attributes: {
          mode: text(mode),
          axes: ints([1, 2]),
          coordinate_transformation_mode: text(half ? 'half_pixel' : whole),
        },
      },
    ];
  };
}

const localResponse: Translate = (operator) => [
  {
    operator: 'LRN',
    inputs: operator.inputs,
    outputs: operator.outputs,
    attributes: { size: int(2 * option(operator, 0, 'int32') + 1) },
  },
];

/** Attributes from constant inputs, by position. */
function listed(operator: FileOperator, positions: Readonly<Record<string, number>>): Record<string, Attribute> {
  const lists = Object.entries(positions).map(([name, position]) => [name, numbers(operator, position)] as const);
  return Object.fromEntries(lists.flatMap(([name, list]) => (list === undefined ? [] : [[name, ints(list)]])));
}

/** By builtin code. */
export const imageTranslations: ReadonlyMap<number, Translate> = new Map<number, Translate>([
  [1, pool('AveragePool')],
  [3, convolution2d],
  [4, depthwise],
  [5, reblock('DepthToSpace')],
  [12, pool('LpPool')],
  [13, localResponse],
  [17, pool('MaxPool')],
  [23, resize('linear', 2)],
  [26, reblock('SpaceToDepth')],
  [37, own('BatchToSpaceNd')],
  [38, own('SpaceToBatchNd')],
  [67, transposed({ activation: 3, strides: [2, 1], dilations: [] }, filtersLast)],
  [97, resize('nearest', 0)],
  [132, convolution3d],
  [141, transposed({ activation: 4, strides: [1, 3, 2], dilations: [5, 7, 6] }, kernelFirst)],
  [203, own('Dilate', (operator) => listed(operator, { steps: 1 }))],
  [205, own('ReduceWindow', (operator) => listed(operator, { kernel_shape: 2, strides: 3, dilations: 4 }))],
]);
