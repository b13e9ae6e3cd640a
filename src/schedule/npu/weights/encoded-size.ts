/** Bytes of a layer's compressed weights, from the weights themselves. */
import type { OutputRange, WeightOrder, WeightVolume } from './order.ts';
import { walkWeights } from './order.ts';
import { sectionBits } from './section-bits.ts';

/** Weights that share a palette; the encoder takes them in pieces of this many. */
const sectionWeights = 128 * 1024;
/** Of longer streams only some sections are encoded; those between are taken to be as long as the last one. */
const sectionsInFull = 12;
const sampling = 4;
const streamAlignBytes = 16;
const endMarkerBits = 3;

/** Of one core's stream, padding included. */
export function encodedBytes(volume: WeightVolume, order: WeightOrder, range: OutputRange): number {
  const section = new Int16Array(sectionWeights);
  let filled = 0;
  let bits = 0;
  let sections = 0;
  let sampled = 0;
  walkWeights(volume, order, range, (weight) => {
    section[filled++] = weight;
    if (filled < sectionWeights) return;
    if (sections < sectionsInFull || sections % sampling === 0) sampled = sectionBits(section);
    bits += sampled;
    filled = 0;
    sections++;
  });
  if (filled > 0) bits += sectionBits(section.subarray(0, filled));
  return Math.ceil((bits + endMarkerBits) / 8 / streamAlignBytes) * streamAlignBytes;
}
