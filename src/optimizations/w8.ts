/** `w8`: weights in integers of 8 bits. */
import type { Optimization } from './optimization.ts';
import { quantizeWeights, storeBytes } from './quantize/weight-only.ts';
import { optionsOf } from './quantize/words.ts';

const name = 'w8';

export const w8: Optimization = {
  name,
  usage: 'w8 [granularity=channel|tensor]',
  summary: 'weights in 8 bits, activations as they are',
  parse: (words) => {
    const { granularity } = optionsOf(name, words, { granularity: ['channel', 'tensor'] });
    return {
      kind: 'graph',
      apply: (graph, scope) => quantizeWeights(graph, scope, storeBytes(granularity === 'channel')),
    };
  },
  trials: () => ['w8'],
};
