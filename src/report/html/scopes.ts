/** The modules that the rows of a report stand in, as the exporter tells them, or the names. */
import type { DiffRow } from '../../compare/comparison.ts';
import { leadingLayer } from '../../compare/rows.ts';
import { allNodes } from '../../ir/bodies.ts';
import type { Graph } from '../../ir/graph.ts';
import type { LayerCost } from '../../simulate/simulation.ts';
import { deepestScope, scopesOf } from '../scopes.ts';

/** The graph as it was prepared, and as the file has it. */
interface Graphs {
  readonly graph: Graph;
  readonly model: { readonly graph: Graph };
}

/** By row: the outermost module first, each with its separator, without those that all layers share. */
export function rowScopes(
  rows: readonly DiffRow[],
  { base, head }: { readonly base: Graphs | null; readonly head: Graphs | null },
): readonly (readonly string[])[] {
  const [before, after] = [scopeReader(base), scopeReader(head)];
  const scopes = rows.map((row) => {
    const [made, was] = [leadingLayer(row.head), leadingLayer(row.base)];
    if (made !== undefined) return after(made);
    return was === undefined ? [] : before(was);
  });
  const shared = sharedDepth(scopes.filter((_, index) => isOfNodes(rows[index]!)));
  return scopes.map((scope) => scope.slice(shared));
}

function isOfNodes({ base, head }: DiffRow): boolean {
  return [...base, ...head].some(({ nodes }) => nodes.length > 0);
}

function sharedDepth([first = [], ...others]: readonly (readonly string[])[]): number {
  return others.reduce((depth, scopes) => {
    const differing = first.findIndex((scope, index) => scopes[index] !== scope);
    return differing < 0 ? depth : Math.min(depth, differing);
  }, first.length);
}

/** What PyTorch's newer exporter leaves on its nodes, whose names are counters. */
const scopesKey = 'pkg.torch.onnx.name_scopes';

function scopeReader(graphs: Graphs | null): (layer: LayerCost) => readonly string[] {
  const told = new Map<string, string>();
  const nodes = graphs === null ? [] : [...allNodes(graphs.model.graph), ...graphs.graph.nodes];
  for (const { id, metadata } of nodes) {
    const text = metadata.get(scopesKey);
    if (text !== undefined) told.set(id, text);
  }
  return ({ id, name, nodes }) => {
    if (nodes.length === 0) return [];
    const text = told.size === 0 ? undefined : [id, ...nodes].map((node) => told.get(node)).find(Boolean);
    const modules = text === undefined ? [] : exportedScopes(text);
    return modules.length > 0 ? modules : scopesOf(name);
  };
}

/** `['', 'layer1', 'layer1.0', 'layer1.0.conv1', 'conv2d']` is `layer1.`, `0.`, `conv1.`: the last is the operation. */
function exportedScopes(text: string): readonly string[] {
  const paths = Array.from(text.matchAll(/'([^']*)'|"([^"]*)"/g), ([, single, double]) => single ?? double ?? '');
  const modules = paths.slice(0, -1).filter((path) => path !== '');
  return modules
    .map((path, index) => {
      const outer = `${modules[index - 1] ?? ''}.`;
      return `${path.startsWith(outer) ? path.slice(outer.length) : path}.`;
    })
    .slice(0, deepestScope);
}
