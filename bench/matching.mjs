// Matching the layers of two versions, in one process that is warm: processor time and growth of resident memory for a
// network of 5,000 nodes against itself under other names, and against one with more blocks; weights are not there, so that
// structure alone decides. Preparing the model is measured beside it, so that the ratio holds on a busy machine. Judges
// nothing.
//
//   npm run build && node bench/matching.mjs [nodes]
import { residualModel } from './residual-model.mjs';
import { library, median, milliseconds, preparedOf } from './warm.mjs';

const { matchGraphs } = library;
const nodes = Number(process.argv[2] ?? 5000);
const rounds = 5;

const prepared = (layers) => preparedOf(residualModel(layers), 'net.onnx');
const sideOf = (layers) => ({ prepared: prepared(layers), weights: new Map() });

/** Every name another one, as a counter that starts elsewhere leaves them. */
function renamed({ prepared: given, weights }) {
  const { graph } = given;
  const other = (name) => (name === '' ? '' : `r${name}`);
  const keys = (map) => new Map([...map].map(([name, value]) => [other(name), value]));
  const constants = [...graph.initializers].map(([name, one]) => [other(name), { ...one, name: other(name) }]);
  const renamedGraph = {
    ...graph,
    inputs: graph.inputs.map(other),
    outputs: graph.outputs.map(other),
    nodes: graph.nodes.map((node) => ({
      ...node,
      ...{ id: other(node.id), name: other(node.name), sources: node.sources.map(other) },
      ...{ inputs: node.inputs.map(other), outputs: node.outputs.map(other) },
    })),
    initializers: new Map(constants),
    ...{ tensors: keys(graph.tensors), values: keys(graph.values) },
    ...(graph.constants && { constants: new Set([...graph.constants].map(other)) }),
  };
  return { prepared: { ...given, graph: renamedGraph, parameters: keys(given.parameters) }, weights };
}

const base = sideOf(nodes);
const pairs = [
  ['other names', renamed(base)],
  ['more blocks', sideOf(nodes + 40)],
  ['fewer, other names', renamed(sideOf(Math.floor(nodes * 0.9)))],
];
const preparing = median(Array.from({ length: rounds }, () => milliseconds(() => prepared(nodes))));
for (const [name, head] of pairs) {
  const before = process.memoryUsage.rss();
  const times = Array.from({ length: rounds }, () => milliseconds(() => matchGraphs(base, head)));
  const grown = Math.max(0, process.memoryUsage.rss() - before) / 2 ** 20;
  const [first, own] = [times[0], median(times)];
  console.log(
    `${name.padEnd(20)}${own.toFixed(0).padStart(6)} ms (first ${first.toFixed(0)} ms)   ` +
      `${(own / preparing).toFixed(1)}x of preparing   +${grown.toFixed(0)} MiB`,
  );
}
