/**
 * A layer's weights and biases as they lie in the weights' memory: a stream for each core and for each slice of the
 * output channels, biases and scales in front (ten bytes a channel).
 */
import type { NpuWeights } from '../operation.ts';
import { roundUp } from '../operation.ts';
import { encodedBytes } from './encoded-size.ts';
import { weightFact, type EncodedWeights, type WeightReader } from './facts.ts';
import type { OutputRange, WeightOrder, WeightVolume } from './order.ts';
import { volumeOf } from './volume.ts';

const scaleBytes = 10;
const streamAlignBytes = 16;

/** Encodes a layer's weights cut at these output channels; the first is 0, the last the number of channels. */
export type EncodeWeights = (weights: NpuWeights, order: WeightOrder, cuts: readonly number[]) => EncodedWeights;

export interface EncoderOptions {
  readonly reader: WeightReader;
  /** Compressed / plain bytes where the weights are not there. */
  readonly assumedShare: number;
}

export function weightEncoder({ reader, assumedShare }: EncoderOptions): EncodeWeights {
  const { sources } = reader;
  let last: { readonly weights: NpuWeights; readonly volume: WeightVolume | undefined } | undefined;
  const volumeFor = (weights: NpuWeights) => {
    // One layer's weights at a time are in memory.
    if (last?.weights !== weights) last = { weights, volume: volumeOf(weights, sources) };
    return last.volume;
  };
  return (weights, order, cuts) => {
    const question = `${keyOf(weights, order)} ${cuts.join(' ')}`;
    const isAssumed = weights.filledWith === undefined;
    const asked = { kind: 'encoded', constant: weights.initializer, question, isAssumed } as const;
    return weightFact(asked, reader, () => summary(streamsOf(weights, order, cuts)));
  };

  function streamsOf(weights: NpuWeights, order: WeightOrder, cuts: readonly number[]): Stream[][] {
    const volume = volumeFor(weights);
    return cuts.slice(1).map((to, index) =>
      coresOf(order, cuts[index]!, to).map((range) => ({
        scales: Math.ceil((range.to - range.from - range.core) / order.cores) * scaleBytes,
        weights:
          volume === undefined ? assumed(weights, range, order, assumedShare) : encodedBytes(volume, order, range),
      })),
    );
  }
}

interface Stream {
  readonly scales: number;
  readonly weights: number;
}

function summary(slices: readonly (readonly Stream[])[]): EncodedWeights {
  const sum = (streams: readonly Stream[], of: (stream: Stream) => number) =>
    streams.reduce((total, stream) => total + of(stream), 0);
  const aligned = ({ scales, weights }: Stream) => roundUp(scales, streamAlignBytes) + weights;
  const sliceBytes = slices.map((streams) => sum(streams, aligned));
  const largest = (parity: number) =>
    sliceBytes.reduce((most, bytes, index) => (index % 2 === parity ? Math.max(most, bytes) : most), 0);
  return {
    sliceBytes,
    weightBytes: sum(slices.flat(), ({ weights }) => weights),
    totalBytes: sliceBytes.reduce((total, bytes) => total + bytes, 0),
    firstBytes: sum(slices[0] ?? [], ({ scales, weights }) => scales + weights),
    evenBytes: largest(0),
    oddBytes: largest(1),
  };
}

function coresOf({ cores }: WeightOrder, from: number, to: number): OutputRange[] {
  return Array.from({ length: Math.min(cores, to - from) }, (_, core) => ({ from, to, core }));
}

function keyOf(weights: NpuWeights, order: WeightOrder): string {
  const { traversal, activationBits, blockDepth, outputMicroDepth, inputMicroDepth, cores } = order;
  const shape = `${weights.outputs} ${weights.height} ${weights.width} ${weights.inputs} ${weights.zerosY ?? 1} ${weights.zerosX ?? 1} ${weights.filledWith ?? ''}`;
  const walk = `${traversal} ${activationBits} ${blockDepth} ${outputMicroDepth} ${inputMicroDepth} ${cores}`;
  return `${shape} ${walk} ${order.dilationY} ${order.dilationX}`;
}

function assumed(weights: NpuWeights, { from, to }: OutputRange, { cores }: WeightOrder, share: number): number {
  const count = ((to - from) / cores) * weights.height * weights.width * weights.inputs;
  return roundUp(Math.ceil(count * share), streamAlignBytes);
}
