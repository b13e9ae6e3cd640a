/** Operations of MIL with sliding windows: convolutions and pooling. */
import { emit, type Attributes } from '../../emission.ts';
import { flag, number, numbers, shapeOf, tensor, text, type Operation } from '../operation.ts';
import type { Table, Translate } from './translate.ts';

/** MIL pads axis by axis, before and after; ONNX gives all the begins first. */
export function beginsAndEnds(pad: readonly number[]): number[] {
  return [...pad.filter((_, index) => index % 2 === 0), ...pad.filter((_, index) => index % 2 === 1)];
}

function windowAttributes(operation: Operation): Attributes {
  const type = text(operation, 'pad_type', 'valid');
  const pad = numbers(operation, 'pad');
  return {
    strides: numbers(operation, 'strides'),
    dilations: numbers(operation, 'dilations'),
    auto_pad: type.startsWith('same') ? (type === 'same_lower' ? 'SAME_LOWER' : 'SAME_UPPER') : undefined,
    pads: type === 'custom' && pad !== undefined ? beginsAndEnds(pad) : undefined,
  };
}

function convolution(operator: string): Translate {
  return (operation) => {
    const inputs = ['x', 'weight', 'bias'].map((parameter) => tensor(operation, parameter));
    const spatial = (shapeOf(operation, 'weight')?.length ?? 4) - 2;
    emit(operation, operator, inputs, {
      ...windowAttributes(operation),
      group: number(operation, 'groups', 1),
      kernel_shape: shapeOf(operation, 'weight')?.slice(2),
      output_shape: operator === 'ConvTranspose' ? numbers(operation, 'output_shape')?.slice(-spatial) : undefined,
    });
  };
}

function pooling(operator: string): Translate {
  return (operation) => {
    emit(operation, operator, [tensor(operation, 'x')], {
      ...windowAttributes(operation),
      kernel_shape: numbers(operation, 'kernel_sizes'),
      ceil_mode: flag(operation, 'ceil_mode') ? 1 : undefined,
      count_include_pad:
        operator === 'AveragePool' ? Number(!flag(operation, 'exclude_padding_from_average')) : undefined,
    });
  };
}

export const windows: Table = [
  ['conv', convolution('Conv')],
  ['conv_quantized', convolution('Conv')],
  ['conv_transpose', convolution('ConvTranspose')],
  ['max_pool', pooling('MaxPool')],
  ['avg_pool', pooling('AveragePool')],
  ['l2_pool', pooling('LpPool')],
];
