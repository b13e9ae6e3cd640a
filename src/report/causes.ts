/** The causes of a layer's time in words. */
import type { Cause } from '../simulate/simulation.ts';

export const causeWords: Readonly<Record<Cause, string>> = {
  compute: 'arithmetic',
  'compute-shape': 'its shape leaves part of the unit idle',
  'vector/activation': 'per-element work',
  'dram-activations': 'activations go through DRAM',
  'dram-weights': 'weights are read from memory',
  'weight-cache-miss': 'weights do not stay on chip',
  'sram-bandwidth': 'SRAM bandwidth',
  dispatch: 'the start of the kernel',
  'cpu-fallback': 'runs on the CPU',
  'transfer/sync': 'handed over between units',
  'layout/cast': 'changes layout or type only',
};
