/** Convolution processors with one input channel each, all on one output channel at a time (MAX78000). */
import type { LoopNest } from '../operators/work.ts';
import type { Rounding } from './geometry.ts';
import { stepMacs, worstFill } from './geometry.ts';

export interface ChannelProcessors {
  readonly channels: number;
  readonly taps: number;
  readonly cyclesPerPosition: number;
}

/**
 * Each output position takes a pass for every `channels` input channels. A pass loads the position's inputs, then gives
 * one output channel a cycle, with as many taps of the filter as a processor multiplies at once: a 1x1 filter takes as
 * long as a 3x3 one (per-layer latency of Analog Devices' network generator for the MAX78000).
 */
export function roundToProcessors(nest: LoopNest, { channels, taps, cyclesPerPosition }: ChannelProcessors): Rounding {
  const { B, G, K, C, OY, OX, FY, FX } = nest;
  const passes = Math.ceil(C / channels) * Math.ceil((FY * FX) / taps);
  const cycles = B * G * OY * OX * passes * (K + cyclesPerPosition);
  return {
    paddedMacs: Math.max(stepMacs(nest), cycles * channels * taps),
    detail: worstFill([
      { size: C, step: channels, what: 'input channels', where: 'processors' },
      { size: FY * FX, step: taps, what: 'filter taps', where: 'multipliers of a processor' },
    ]),
  };
}
