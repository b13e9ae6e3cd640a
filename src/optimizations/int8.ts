/**
 * `int8`: weights and activations in integers of 8 bits. TFLite's converter gives every output channel a scale of its own,
 * whatever `granularity` says.
 */
import type { EditedGraph, EditScope, Optimization } from './optimization.ts';
import type { Graph } from '../ir/graph.ts';
import { quantizeDynamically } from './quantize/dynamic.ts';
import { quantizeStatically } from './quantize/static.ts';
import { quantizeTflite, quantizeTfliteDynamically } from './quantize/tflite.ts';
import { optionsOf } from './quantize/words.ts';

type Apply = (graph: Graph, scope: EditScope) => EditedGraph;

const name = 'int8';

export const int8: Optimization = {
  name,
  usage: 'int8 [granularity=tensor|channel] [activations=static|dynamic]',
  summary: 'weights and activations in 8 bits',
  besides: 'activations',
  parse: (words) => {
    const { granularity, activations } = optionsOf(name, words, {
      granularity: ['tensor', 'channel'],
      activations: ['static', 'dynamic'],
    });
    const perChannel = granularity === 'channel';
    const statically: Apply = (graph, scope) =>
      scope.model.format === 'tflite' ? quantizeTflite(graph, scope) : quantizeStatically(graph, scope, perChannel);
    const dynamically: Apply = (graph, scope) =>
      scope.model.format === 'tflite'
        ? quantizeTfliteDynamically(graph, scope)
        : quantizeDynamically(graph, scope, perChannel);
    return { kind: 'graph', apply: activations === 'dynamic' ? dynamically : statically };
  },
  trials: () => [name],
};
