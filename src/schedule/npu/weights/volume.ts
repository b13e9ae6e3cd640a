/** A layer's weights as the integers that the NPU gets, read from the file's bytes. */
import { readElements } from '../../../formats/weights.ts';
import type { ModelSources } from '../../../ir/byte-source.ts';
import { isFloat } from '../../../ir/data-type.ts';
import type { Initializer } from '../../../ir/graph.ts';
import type { NpuWeights } from '../operation.ts';
import type { WeightVolume } from './order.ts';

/** Layers of more weights are estimated: their numbers would take half a gigabyte. */
const readableWeights = 2 ** 25;
const largestInteger = 127;
const limit = 255;

/** Undefined where the bytes are not there, or are too many. */
export function volumeOf(weights: NpuWeights, sources: ModelSources | undefined): WeightVolume | undefined {
  const { outputs, height, width, inputs, strides, initializer, filledWith } = weights;
  const count = outputs * height * width * inputs;
  if (count > readableWeights) return undefined;
  const values =
    filledWith === undefined
      ? sources && integersOf(weights, initializer, sources)
      : new Int16Array(count).fill(filledWith);
  if (values === undefined || values.length < count) return undefined;
  return withZeros({ values, outputs, height, width, inputs, strides }, weights);
}

/** Zeros between the taps. */
function withZeros(volume: WeightVolume, { zerosY = 1, zerosX = 1 }: NpuWeights): WeightVolume {
  if (zerosY * zerosX === 1) return volume;
  const { outputs, inputs, strides } = volume;
  const height = (volume.height - 1) * zerosY + 1;
  const width = (volume.width - 1) * zerosX + 1;
  const values = new Int16Array(outputs * height * width * inputs);
  for (let output = 0; output < outputs; output++) {
    for (let y = 0; y < volume.height; y++) {
      for (let x = 0; x < volume.width; x++) {
        const to = ((output * height + y * zerosY) * width + x * zerosX) * inputs;
        const from = output * strides.output + y * strides.y + x * strides.x;
        for (let input = 0; input < inputs; input++) values[to + input] = volume.values[from + input * strides.input]!;
      }
    }
  }
  const places = { output: height * width * inputs, y: width * inputs, x: inputs, input: 1 };
  return { values, outputs, height, width, inputs, strides: places };
}

function integersOf(weights: NpuWeights, initializer: Initializer, sources: ModelSources): Int16Array | undefined {
  // Computed at compile time: nothing holds its numbers.
  if (initializer.foldedFrom !== undefined) return undefined;
  const elements = readElements(initializer, sources);
  if (elements === undefined) return undefined;
  return isFloat(initializer.dtype) ? quantized(elements, weights) : lessZeroPoints(elements, weights);
}

function lessZeroPoints(elements: Float64Array, { zeroPoints, strides, outputs }: NpuWeights): Int16Array {
  const integers = new Int16Array(elements.length);
  const perOutput = zeroPoints.length === outputs && zeroPoints.some((zero) => zero !== zeroPoints[0]);
  const [common = 0] = zeroPoints;
  for (let place = 0; place < elements.length; place++) {
    const zero = perOutput ? zeroPoints[Math.floor(place / strides.output) % outputs]! : common;
    integers[place] = Math.max(-limit, Math.min(limit, elements[place]! - zero));
  }
  return integers;
}

/** As converters quantize: symmetric, each output channel by its largest weight. */
function quantized(elements: Float64Array, { strides, outputs }: NpuWeights): Int16Array {
  const largest = new Float64Array(outputs);
  const integers = new Int16Array(elements.length);
  // Elements of one output channel lie in a row; a division for each element took longer than all else.
  const rows = Math.ceil(elements.length / strides.output);
  for (let row = 0; row < rows; row++) {
    const end = Math.min(elements.length, (row + 1) * strides.output);
    let most = largest[row % outputs]!;
    for (let place = row * strides.output; place < end; place++) most = Math.max(most, Math.abs(elements[place]!));
    largest[row % outputs] = most;
  }
  for (let row = 0; row < rows; row++) {
    const end = Math.min(elements.length, (row + 1) * strides.output);
    const scale = largest[row % outputs]!;
    if (!(scale > 0)) continue;
    for (let place = row * strides.output; place < end; place++) {
      integers[place] = Math.round((elements[place]! / scale) * largestInteger);
    }
  }
  return integers;
}
