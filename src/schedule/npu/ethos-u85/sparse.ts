/** Weights of which of four neighbouring input channels two at most are not zero are walked at twice the pace. */
import type { ModelSources } from '../../../ir/byte-source.ts';
import type { Initializer } from '../../../ir/graph.ts';
import type { NpuOperation, NpuWeights } from '../operation.ts';
import type { WeightVolume } from '../weights/order.ts';
import { volumeOf } from '../weights/volume.ts';

const neighbours = 4;
const most = 2;
const largestWeight = 127;

export function markSparse(operation: NpuOperation, sources: ModelSources | undefined): NpuOperation {
  const { weights, operator } = operation;
  if (weights === null || (operator !== 'Conv2D' && operator !== 'FullyConnected')) return operation;
  return isSparse(weights, sources) ? { ...operation, weights: { ...weights, sparse: true } } : operation;
}

/** As long as a model's constants live. */
const remembered = new WeakMap<Initializer, boolean>();

function isSparse(weights: NpuWeights, sources: ModelSources | undefined): boolean {
  if (weights.inputs <= most) return true;
  const { initializer } = weights;
  const known = remembered.get(initializer);
  if (known !== undefined || sources === undefined) return known ?? false;
  const volume = volumeOf(weights, sources);
  const sparse = volume !== undefined && holdsSparse(volume);
  remembered.set(initializer, sparse);
  return sparse;
}

function holdsSparse({ values, outputs, height, width, inputs, strides }: WeightVolume): boolean {
  for (let output = 0; output < outputs; output++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const base = output * strides.output + y * strides.y + x * strides.x;
        for (let from = 0; from < inputs; from += neighbours) {
          let used = 0;
          for (let input = from; input < Math.min(inputs, from + neighbours); input++) {
            const weight = values[base + input * strides.input]!;
            if (Math.abs(weight) > largestWeight) return false;
            if (weight !== 0) used++;
          }
          if (used > most) return false;
        }
      }
    }
  }
  return true;
}
