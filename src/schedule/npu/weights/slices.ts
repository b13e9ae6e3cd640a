/**
 * A layer's weights and biases as they lie in the weights' memory: a stream for each core and for each slice of the
 * output channels, biases and scales in front (ten bytes a channel).
 */
import type { ModelSources } from '../../../ir/byte-source.ts';
import type { Initializer } from '../../../ir/graph.ts';
import type { NpuWeights } from '../operation.ts';
import { roundUp } from '../operation.ts';
import { encodedBytes } from './encoded-size.ts';
import type { OutputRange, WeightOrder, WeightVolume } from './order.ts';
import { volumeOf } from './volume.ts';

const scaleBytes = 10;
const streamAlignBytes = 16;

export interface EncodedWeights {
  /** Weights and biases of each slice, every core's. */
  readonly sliceBytes: readonly number[];
  /** All slices, without biases. */
  readonly weightBytes: number;
  readonly totalBytes: number;
  /** Of the first slice, without what aligns its parts. */
  readonly firstBytes: number;
  /** The largest slice of those at even and at odd places: what two buffers have to hold. */
  readonly evenBytes: number;
  readonly oddBytes: number;
  /** In the format of a decoder without entropy coding. */
  readonly fast?: boolean;
}

/** Encodes a layer's weights cut at these output channels; the first is 0, the last the number of channels. */
export type EncodeWeights = (weights: NpuWeights, order: WeightOrder, cuts: readonly number[]) => EncodedWeights;

export interface EncoderOptions {
  /** Absent: nothing can be read. */
  readonly sources: ModelSources | undefined;
  /** Compressed / plain bytes where the weights are not there. */
  readonly assumedShare: number;
}

/** What was found, as long as the model's initializers live: targets share it, and schedules ask again. */
const remembered = new WeakMap<Initializer, Map<string, EncodedWeights>>();

export function weightEncoder({ sources, assumedShare }: EncoderOptions): EncodeWeights {
  let last: { readonly weights: NpuWeights; readonly volume: WeightVolume | undefined } | undefined;
  const volumeFor = (weights: NpuWeights) => {
    // One layer's weights at a time are in memory.
    if (last?.weights !== weights) last = { weights, volume: sources && volumeOf(weights, sources) };
    return last.volume;
  };
  return (weights, order, cuts) => {
    const known = remembered.get(weights.initializer) ?? new Map<string, EncodedWeights>();
    remembered.set(weights.initializer, known);
    const key = `${keyOf(weights, order)} ${cuts.join(' ')} ${sources === undefined ? assumedShare : ''}`;
    const found = known.get(key) ?? summary(streamsOf(weights, order, cuts));
    known.set(key, found);
    return found;
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
