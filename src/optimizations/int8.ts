/** `int8`: weights and activations in integers of 8 bits. */
import type { Optimization } from './optimization.ts';
import { quantizeStatically } from './quantize/static.ts';
import { optionsOf } from './quantize/words.ts';

const name = 'int8';

export const int8: Optimization = {
  name,
  usage: 'int8 [granularity=tensor|channel] [activations=static|dynamic]',
  summary: 'weights and activations in 8 bits',
  parse: (words) => {
    const { granularity } = optionsOf(name, words, {
      granularity: ['tensor', 'channel'],
      activations: ['static', 'dynamic'],
    });
    return {
      kind: 'graph',
      apply: (graph, scope) => quantizeStatically(graph, scope, granularity === 'channel'),
    };
  },
  trials: () => [name],
};
