/** Which node of the base is which one of the head, in the form in which Model Explorer keeps two panes in step. */
import type { DiffRow } from '../../compare/comparison.ts';
import { allNodes } from '../../ir/bodies.ts';
import type { Model } from '../../ir/graph.ts';
import { explorerPlaces, mainExplorerGraph, type ExplorerPlace } from './explorer-places.ts';
import type { NeighbourSide, NeighbourSubject } from './neighbour.ts';
import { placeOf } from './placed-layers.ts';

interface MappingEntry {
  readonly leftNodeIds: readonly string[];
  readonly rightNodeIds: readonly string[];
}

interface SyncNavigation {
  readonly type: 'sync_navigation';
  /** No id of a node is in two entries. */
  readonly mappingEntries: readonly MappingEntry[];
  readonly disableMappingFallback: boolean;
  readonly showDiffHighlights: boolean;
}

/** No node has this id: what is mapped to it has no counterpart, and is marked as new or deleted. */
const noNode = '(no counterpart)';

/** Undefined where two versions cannot be laid side by side there. */
export function explorerMapping({ rows, base, head }: NeighbourSubject): SyncNavigation | undefined {
  if (base === null || head === null) return undefined;
  const [left, right] = [explorerSide(base), explorerSide(head)];
  if (left.places.size === 0 || right.places.size === 0) return undefined;
  // In ONNX files inputs, outputs and constants keep their names, and Model Explorer finds them by those. Numbers of
  // operators say nothing about another file.
  const byName = base.model.format === 'onnx' && head.model.format === 'onnx';
  return {
    type: 'sync_navigation',
    mappingEntries: rows.flatMap((row) => entriesOf(row, [left, right], byName)),
    disableMappingFallback: !byName,
    showDiffHighlights: byName,
  };
}

interface ExplorerSide {
  readonly places: ReadonlyMap<string, ExplorerPlace>;
  readonly operators: ReadonlyMap<string, string>;
  /** Ids of one graph may come again in another, and the mapping does not say which graph it means. */
  readonly graph: string;
  /** Ids that are in an entry. */
  readonly taken: Set<string>;
}

function explorerSide({ model }: NeighbourSide): ExplorerSide {
  return {
    places: explorerPlaces(model),
    operators: operatorsOf(model),
    graph: mainExplorerGraph(model),
    taken: new Set(),
  };
}

function operatorsOf({ graph }: Model): ReadonlyMap<string, string> {
  return new Map(allNodes(graph).map(({ id, domain, operator }) => [id, `${domain}.${operator}`]));
}

interface Shown {
  readonly id: string;
  readonly operator: string | undefined;
}

/** Nodes of layers that were fused alike are paired one by one. */
function entriesOf(
  row: DiffRow,
  [left, right]: readonly [ExplorerSide, ExplorerSide],
  byName: boolean,
): readonly MappingEntry[] {
  const [before, after] = [shownNodes(row.base, left), shownNodes(row.head, right)];
  const entry = (from: readonly Shown[], to: readonly Shown[]): MappingEntry => ({
    leftNodeIds: from.length === 0 ? [noNode] : from.map(({ id }) => id),
    rightNodeIds: to.length === 0 ? [noNode] : to.map(({ id }) => id),
  });
  if (before.length === 0 || after.length === 0) {
    const isAlone = row.base.length === 0 || row.head.length === 0;
    return byName && isAlone && before.length + after.length > 0 ? [entry(before, after)] : [];
  }
  const alike =
    before.length === after.length && before.every(({ operator }, index) => operator === after[index]!.operator);
  return alike ? before.map((one, index) => entry([one], [after[index]!])) : [entry(before, after)];
}

function shownNodes(layers: DiffRow['base'], { places, operators, graph, taken }: ExplorerSide): readonly Shown[] {
  return layers.flatMap(({ nodes }) =>
    nodes.flatMap((node) => {
      const place = placeOf(node, places);
      if (place?.graph !== graph || taken.has(place.node)) return [];
      taken.add(place.node);
      return [{ id: place.node, operator: operators.get(node) }];
    }),
  );
}
