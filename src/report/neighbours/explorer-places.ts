/**
 * How Model Explorer's adapters name nodes. TFLite's: by the operator's number in its subgraph. ONNX's: by the node's
 * name, made unique in its graph; branches of an `If` stand in the graph around it, other bodies are graphs of their own.
 */
import { bodiesOf } from '../../ir/bodies.ts';
import type { Graph, Model, Node } from '../../ir/graph.ts';

export interface ExplorerPlace {
  /** Ids. */
  readonly graph: string;
  readonly node: string;
}

/** By id of the file's nodes; empty for formats that Model Explorer does not read. */
export function explorerPlaces(model: Model): ReadonlyMap<string, ExplorerPlace> {
  if (model.numbering !== undefined) return numberedPlaces(model.numbering.places);
  if (model.format !== 'onnx') return new Map();
  const graph = mainExplorerGraph(model);
  const places = new Map<string, ExplorerPlace>();
  const naming = { names: uniqueNames(model.graph), places, charactersLeft: mostCharacters };
  placeNodes(model.graph.nodes, { graph, prefix: '', isMain: true }, naming);
  return places;
}

/** Id of the graph that Model Explorer opens first. */
export function mainExplorerGraph({ format, graph }: Model): string {
  return graph.name === '' ? (format === 'onnx' ? '<main>' : 'main') : graph.name;
}

/** Of subgraphs of one name only the first is shown under it; nothing says how the others are told apart. */
function numberedPlaces(places: NonNullable<Model['numbering']>['places']): ReadonlyMap<string, ExplorerPlace> {
  const numbers = new Map<string, number>();
  for (const { subgraph, subgraphNumber } of places.values()) {
    const graph = subgraph || 'main';
    numbers.set(graph, Math.min(numbers.get(graph) ?? Infinity, subgraphNumber));
  }
  return new Map(
    [...places].flatMap(([id, { subgraph, subgraphNumber, index }]) => {
      const graph = subgraph || 'main';
      return numbers.get(graph) === subgraphNumber ? [[id, { graph, node: `${index}` }] as const] : [];
    }),
  );
}

/** By id: names are counted through in each graph, the counters are those of the whole model. */
function uniqueNames(graph: Graph): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const counts = new Map<string, number>();
  const visit = ({ nodes }: Graph): void => {
    const used = new Set<string>();
    for (const node of nodes) {
      const wanted = node.name || 'node';
      let name = wanted;
      while (used.has(name)) {
        const count = (counts.get(wanted) ?? 0) + 1;
        counts.set(wanted, count);
        name = `${wanted}_${count}`;
      }
      used.add(name);
      names.set(node.id, name);
      for (const [, body] of bodiesOf(node)) visit(body);
    }
  };
  visit(graph);
  return names;
}

interface Surroundings {
  readonly graph: string;
  readonly prefix: string;
  /** Bodies in the main graph are shown, bodies of bodies are not. */
  readonly isMain: boolean;
}

interface Naming {
  readonly names: ReadonlyMap<string, string>;
  readonly places: Map<string, ExplorerPlace>;
  charactersLeft: number;
}

/** Names of what is inside begin with that of what it is in: a hostile file has a long one around many nodes. */
const mostCharacters = 16_777_216;

function placeNodes(nodes: readonly Node[], around: Surroundings, naming: Naming): void {
  for (const node of nodes) {
    const name = around.prefix + (naming.names.get(node.id) ?? node.name);
    naming.charactersLeft -= around.graph.length + name.length;
    if (naming.charactersLeft < 0) return;
    naming.places.set(node.id, { graph: around.graph, node: name });
    for (const [attribute, body] of bodiesOf(node)) {
      if (node.operator === 'If' && node.domain === '') {
        placeNodes(body.nodes, { ...around, prefix: `${name}/${attribute}/` }, naming);
      } else if (around.isMain) {
        placeNodes(body.nodes, { graph: `${name}/${attribute}`, prefix: '', isMain: false }, naming);
      }
      // Else its nodes have no place of their own, and count at the node that holds them.
    }
  }
}
