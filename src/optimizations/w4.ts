/** `w4`: weights in integers of 4 bits, in blocks. */
import type { Optimization } from './optimization.ts';
import { storeBlocks } from './quantize/blocks.ts';
import { quantizeWeights } from './quantize/weight-only.ts';
import { optionsOf } from './quantize/words.ts';

const name = 'w4';

export const w4: Optimization = {
  name,
  usage: 'w4 [group=32|64|128] [symmetric=true|false]',
  summary: 'weights in 4 bits with a scale for each group, activations as they are',
  parse: (words) => {
    // What `python -m onnxruntime.quantization.matmul_nbits_quantizer` takes where it is not told.
    const { group, symmetric } = optionsOf(name, words, {
      group: ['32', '64', '128'],
      symmetric: ['true', 'false'],
    });
    const blocks = { group: Number(group), symmetric: symmetric === 'true' };
    return { kind: 'graph', apply: (graph, scope) => quantizeWeights(graph, scope, storeBlocks(blocks)) };
  },
  trials: () => ['w4'],
};
