/** The causes of a layer's time in words. */
import type { Cause, CauseShare, LayerCost } from '../simulate/simulation.ts';
import { printQuantity } from '../units.ts';
import { withoutFullStop } from './inert.ts';
import { joined, said, type Phrase } from './phrase.ts';

const nouns: Readonly<Record<Cause, string>> = {
  compute: 'arithmetic',
  'compute-shape': 'part of the unit idles',
  'vector/activation': 'per-element work',
  'dram-activations': 'activations go through DRAM',
  'dram-weights': 'weights are read from memory',
  'weight-cache-miss': 'weights do not stay on chip',
  'sram-bandwidth': 'SRAM bandwidth',
  dispatch: 'kernel start',
  'cpu-fallback': 'runs on the CPU',
  'transfer/sync': 'handed over between units',
  'layout/cast': 'changes only layout or type',
};

/** `part of the unit idles: 24 input channels fill 24 of 32 lanes (−4.08 µs without it)` */
export function causeWords({ cause, detail, savedSeconds }: CauseShare): Phrase {
  const words: Phrase = detail === undefined ? [] : [said(withoutFullStop(detail))];
  const saving: Phrase = savedSeconds > 0 ? [`(−${printQuantity(savedSeconds, 'time')} without it)`] : [];
  return joined([joined([[nouns[cause]], words], ': '), saving], ' ');
}

/** A cause is worth a word from this share of a layer's time on. */
const worthAWord = 0.2;

/** The causes of layers together, each once. */
export function sumCauses(layers: readonly LayerCost[]): ReadonlyMap<Cause, CauseShare> {
  const sums = new Map<Cause, CauseShare>();
  for (const share of layers.flatMap(({ causes }) => causes)) {
    const sum = sums.get(share.cause);
    const seconds = (sum?.seconds ?? 0) + share.seconds;
    const savedSeconds = (sum?.savedSeconds ?? 0) + share.savedSeconds;
    sums.set(share.cause, { ...(sum ?? share), seconds, savedSeconds });
  }
  return sums;
}

/** Those that take much of the layers' time. */
export function causesWorthAWord(layers: readonly LayerCost[]): readonly CauseShare[] {
  const least = worthAWord * layers.reduce((sum, { latencySeconds }) => sum + latencySeconds, 0);
  return [...sumCauses(layers).values()].filter(({ seconds }) => seconds >= least);
}
