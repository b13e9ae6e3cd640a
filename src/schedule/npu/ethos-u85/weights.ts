/**
 * An Ethos-U85's weights as they lie in memory: entropy coded, a stream for each decoder, or as plain bytes (or places in
 * a table of up to 16 values) for its fast decoder, whichever comes in earlier.
 */
import type { U85Geometry } from '../../target.ts';
import type { Port } from '../architecture.ts';
import type { NpuWeights } from '../operation.ts';
import { roundUp } from '../operation.ts';
import { weightFact, type EncodedSlice, type EncodedWeights } from '../weights/facts.ts';
import type { OutputRange, WeightVolume } from '../weights/order.ts';
import { sectionBits } from '../weights/section-bits.ts';
import type { EncoderOptions, EncodeWeights } from '../weights/slices.ts';
import { volumeOf } from '../weights/volume.ts';
import { channelBytesPerCycle } from './ports.ts';
import type { U85WeightOrder } from './weight-walk.ts';
import { walkU85Weights } from './weight-walk.ts';

const scaleBytes = 10;
const alignBytes = 16;
/** Weights that share a palette; the encoder takes them in pieces of this many. */
const sectionWeights = 128 * 1024;
const endMarkerBits = 3;

export interface U85EncoderOptions extends EncoderOptions {
  readonly geometry: U85Geometry;
  /** Memory that weights are stored in. */
  readonly constants: Port;
}

export function u85Encoder(options: U85EncoderOptions): EncodeWeights {
  const { reader, assumedShare } = options;
  const { sources } = reader;
  let last: { readonly weights: NpuWeights; readonly volume: WeightVolume | undefined } | undefined;
  const volume = (weights: NpuWeights) => {
    // One layer's weights at a time are in memory.
    if (last?.weights !== weights) last = { weights, volume: volumeOf(weights, sources) };
    return last.volume;
  };
  const sliceOf = (weights: NpuWeights, order: U85WeightOrder, from: number, to: number): EncodedSlice => {
    const question = `${keyOf(weights, order)} ${from} ${to}`;
    const isAssumed = weights.filledWith === undefined;
    const asked = { kind: 'slices', constant: weights.initializer, question, isAssumed } as const;
    return weightFact(asked, reader, () => measure(volume(weights), { weights, order, from, to }, assumedShare));
  };
  return (weights, anyOrder, cuts) => {
    const order = anyOrder as U85WeightOrder;
    const fast = prefersFast(sliceOf(weights, order, 0, weights.outputs), order, options);
    const slices = cuts.slice(1).map((to, index) => {
      const from = cuts[index]!;
      const { fastBytes, encodedBytes } = sliceOf(weights, order, from, to);
      const scales = roundUp(to - from, roundUp(order.outputMicroDepth, alignBytes)) * scaleBytes;
      return { scales: roundUp(scales, alignBytes), weights: fast ? fastBytes : encodedBytes };
    });
    return summary(slices, fast);
  };
}

function keyOf(weights: NpuWeights, order: U85WeightOrder): string {
  const { outputs, height, width, inputs, filledWith } = weights;
  return `${outputs} ${height} ${width} ${inputs} ${filledWith ?? ''} ${Object.values(order).join(' ')}`;
}

function summary(
  slices: readonly { readonly scales: number; readonly weights: number }[],
  fast: boolean,
): EncodedWeights {
  const sliceBytes = slices.map(({ scales, weights }) => scales + weights);
  const largest = (parity: number) =>
    sliceBytes.reduce((most, bytes, index) => (index % 2 === parity ? Math.max(most, bytes) : most), 0);
  return {
    sliceBytes,
    weightBytes: slices.reduce((sum, { weights }) => sum + weights, 0),
    totalBytes: sliceBytes.reduce((sum, bytes) => sum + bytes, 0),
    firstBytes: sliceBytes[0] ?? 0,
    evenBytes: largest(0),
    oddBytes: largest(1),
    fast,
  };
}

interface SliceQuestion {
  readonly weights: NpuWeights;
  readonly order: U85WeightOrder;
  readonly from: number;
  readonly to: number;
}

function measure(volume: WeightVolume | undefined, question: SliceQuestion, assumedShare: number): EncodedSlice {
  return volume === undefined ? assumed(question, assumedShare) : encoded(volume, question);
}

function encoded(volume: WeightVolume, { order, from, to }: SliceQuestion): EncodedSlice {
  const seen = new Uint8Array(1024);
  const section = new Int16Array(sectionWeights);
  let [encodedBytes, count, zeros, smallest, largest] = [0, 0, 0, 0, 0];
  for (let core = 0; core < order.cores; core++) {
    const range: OutputRange = { from, to, core };
    let [filled, bits] = [0, 0];
    const emit = (weight: number) => {
      section[filled++] = weight;
      count++;
      if (weight === 0) zeros++;
      seen[weight + 512] = 1;
      if (weight < smallest) smallest = weight;
      else if (weight > largest) largest = weight;
      if (filled < sectionWeights) return;
      bits += sectionBits(section);
      filled = 0;
    };
    walkU85Weights(volume, order, range, {
      weight: emit,
      zeros: (times) => {
        for (let i = 0; i < times; i++) emit(0);
      },
    });
    if (filled > 0) bits += sectionBits(section.subarray(0, filled));
    encodedBytes += roundUp(Math.ceil((bits + endMarkerBits) / 8), alignBytes);
  }
  const distinct = seen.reduce((sum, one) => sum + one, 0);
  const fits = order.traversal !== 'depthwise' && largest - smallest < 256;
  return {
    encodedBytes,
    count,
    zeros,
    distinct,
    fastBytes: fits ? fastBytesOf(count, order.sparse ? 255 : distinct) : Infinity,
  };
}

/** A header, then eight bits a weight, or four or two where few values occur. */
function fastBytesOf(count: number, distinct: number): number {
  const bits = distinct > 16 ? 8 : distinct > 4 ? 4 : 2;
  return 32 + roundUp(Math.ceil((count * bits) / 8), 32);
}

/** Without the numbers: the plain size by a usual share. */
function assumed({ weights, order, from, to }: SliceQuestion, share: number): EncodedSlice {
  const { height, width, inputs } = weights;
  const count = (to - from) * height * width * (order.traversal === 'depthwise' ? 1 : inputs);
  const encodedBytes = roundUp(Math.ceil(count * share), alignBytes);
  return { encodedBytes, count, zeros: 0, distinct: 255, fastBytes: Infinity };
}

/** Weights that the entropy decoder gives in a cycle, by the share of zeros. */
const [fewZeros, manyZeros] = [0.5, 0.9];

function prefersFast(slice: EncodedSlice, order: U85WeightOrder, { geometry, constants }: U85EncoderOptions): boolean {
  const { count, zeros, encodedBytes, fastBytes, distinct } = slice;
  if (fastBytes === Infinity || count === 0) return false;
  const zeroShare = Math.min(Math.max(zeros / count, fewZeros), manyZeros);
  const perDecoder = Math.floor(8 + ((zeroShare - fewZeros) * (32 - 8)) / (manyZeros - fewZeros));
  const arrival = (bytes: number, channel: 'weights' | 'fastWeights') =>
    Math.floor(bytes / channelBytesPerCycle(channel, constants, geometry)) + constants.readLatencyCycles;
  const usual = Math.max(Math.floor(count / (perDecoder * order.cores)), arrival(encodedBytes, 'weights'));
  const fast = Math.max(Math.floor(count / (distinct < 16 ? 64 : 32)), arrival(fastBytes, 'fastWeights'));
  return fast < usual;
}
