/** Custom operators that LiteRT's own packages bring along, by the names that they are registered under. */
import { vectorField, type Table } from '../flatbuffer.ts';
import { viewOf } from '../protobuf.ts';
import { channelsLast, filtersLast } from './image.ts';
import { ints, own, text, type Translate } from './operator.ts';
import { operatorFields } from './schema.ts';

export function customIntegers(table: Table): readonly number[] {
  const bytes = vectorField(table, operatorFields.customOptions, 1);
  if (bytes === undefined) return [];
  const view = viewOf(table.flat.source.read(bytes.start, Math.min(bytes.length, 16)));
  return Array.from({ length: Math.floor(view.byteLength / 4) }, (_, index) => view.getInt32(4 * index, true));
}

/** kTfLitePaddingValid. */
const valid = 2;

/**
 * MediaPipe's transposed convolution. Inputs: feature map, weights, bias. Its options are TransposeConv's as C lays them
 * out: padding, then the steps across and down, 32 bits each (mediapipe/util/tflite/operations/transpose_conv_bias.cc).
 */
const transposedWithBias: Translate = ({ inputs, outputs, outputTypes, customIntegers }) => {
  const [padding = 1, across = 1, down = 1] = customIntegers;
  const [, height, width] = outputTypes[0]?.shape ?? [];
  const size = typeof height === 'number' && typeof width === 'number' ? [height, width] : undefined;
  return [
    {
      operator: 'ConvTranspose',
      inputs: inputs.slice(0, 3),
      outputs,
      attributes: {
        ...channelsLast,
        weight_axes: filtersLast,
        auto_pad: text(padding === valid ? 'VALID' : 'SAME_UPPER'),
        strides: ints([down, across]),
        ...(size && { output_shape: ints(size) }),
      },
    },
  ];
};

/** By name. */
export const customTranslations: ReadonlyMap<string, Translate> = new Map<string, Translate>([
  ['Convolution2DTransposeBias', transposedWithBias],
  ['TFLite_Detection_PostProcess', own('DetectionPostProcess')],
]);
