/** `fp16`: weights and activations in float16. */
import type { Optimization } from './optimization.ts';
import { toHalf } from './quantize/half.ts';
import { optionsOf } from './quantize/words.ts';

const name = 'fp16';

export const fp16: Optimization = {
  name,
  usage: 'fp16',
  summary: 'weights and activations in float16',
  besides: 'activations',
  parse: (words) => {
    optionsOf(name, words, {});
    return { kind: 'graph', apply: (graph, scope) => toHalf(graph, scope, 'float16') };
  },
  trials: () => ['fp16'],
};
