/** The causes of a layer's time in words. */
import type { Cause, CauseShare } from '../simulate/simulation.ts';
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
