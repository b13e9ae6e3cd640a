/** `bf16`: weights and activations in bfloat16. */
import type { Optimization } from './optimization.ts';
import { toHalf } from './quantize/half.ts';
import { optionsOf } from './quantize/words.ts';

const name = 'bf16';

export const bf16: Optimization = {
  name,
  usage: 'bf16',
  summary: 'weights and activations in bfloat16',
  besides: 'activations',
  parse: (words) => {
    optionsOf(name, words, {});
    return { kind: 'graph', apply: (graph, scope) => toHalf(graph, scope, 'bfloat16') };
  },
};
