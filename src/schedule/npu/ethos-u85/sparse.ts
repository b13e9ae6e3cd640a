/** Weights of which of four neighbouring input channels two at most are not zero are walked at twice the pace. */
import type { NpuOperation, NpuWeights } from '../operation.ts';
import { weightFact, type WeightReader } from '../weights/facts.ts';
import type { WeightVolume } from '../weights/order.ts';
import { volumeOf } from '../weights/volume.ts';

const neighbours = 4;
const most = 2;
const largestWeight = 127;

export function markSparse(operation: NpuOperation, reader: WeightReader): NpuOperation {
  const { weights, operator } = operation;
  if (weights === null || (operator !== 'Conv2D' && operator !== 'FullyConnected')) return operation;
  return isSparse(weights, reader) ? { ...operation, weights: { ...weights, sparse: true } } : operation;
}

function isSparse(weights: NpuWeights, reader: WeightReader): boolean {
  if (weights.inputs <= most) return true;
  const isAssumed = weights.filledWith === undefined;
  const asked = { kind: 'sparse', constant: weights.initializer, question: '', isAssumed } as const;
  return weightFact(asked, reader, () => {
    const volume = volumeOf(weights, reader.sources);
    return volume !== undefined && holdsSparse(volume);
  });
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
