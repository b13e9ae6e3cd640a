/** Ids of nodes, unique in a model however its file names them. */

/** The ids given so far. */
export interface NodeIds {
  readonly taken: Set<string>;
  /** Further ones that are taken, which several share. */
  readonly before?: ReadonlySet<string>;
  /** By id that was asked for twice: the number that the next such node tries first. */
  readonly nextNumber: Map<string, number>;
}

interface NamedNode {
  readonly name: string;
  readonly operator: string;
  readonly outputs: readonly string[];
}

export function noNodeIds(): NodeIds {
  return { taken: new Set(), nextNumber: new Map() };
}

/**
 * One id for each node of a graph: its name, or its first output where it has no name or shares it. `prefix` is that
 * of the body or function (`parent/branch/`). Names that the model uses in several places get a number: `relu#2`.
 */
export function assignIds(nodes: readonly NamedNode[], prefix: string, ids: NodeIds): readonly string[] {
  const uses = new Map<string, number>();
  for (const { name } of nodes) uses.set(name, (uses.get(name) ?? 0) + 1);
  const ownName = ({ name }: NamedNode) => name !== '' && uses.get(name) === 1;
  // Nodes with a name of their own come first, so that no other node's output takes it.
  const named = nodes.map((node) => (ownName(node) ? claimNodeId(prefix + node.name, ids) : undefined));
  return nodes.map((node, index) => named[index] ?? claimNodeId(prefix + outputName(node), ids));
}

function outputName({ outputs, operator }: NamedNode): string {
  return outputs.find((output) => output !== '') ?? operator;
}

/** An id starts those of all nodes in its node's bodies, and names tensors there: a file must not multiply a long one. */
const longestId = 300;

/** The id of a node that would like to be called so; `longest`: what its bodies and copies can bear. */
export function claimNodeId(wanted: string, ids: NodeIds, longest = longestId): string {
  return claimId(shortened(wanted, longest), ids);
}

/** What the names inside of a node begin with: no other node's. */
export function nameInside(id: string, ids: NodeIds): string {
  return id.length > longestId ? claimNodeId(id, ids) : id;
}

function shortened(name: string, longest: number): string {
  return name.length > longest ? `${name.slice(0, longest)}...` : name;
}

/** `id`, or with a number behind it where it is taken. */
export function claimId(id: string, ids: NodeIds): string {
  if (!isTaken(id, ids)) {
    ids.taken.add(id);
    return id;
  }
  let unique = id;
  let number = ids.nextNumber.get(id) ?? 2;
  for (; isTaken(unique, ids); number += 1) unique = `${id}#${number}`;
  ids.nextNumber.set(id, number);
  ids.taken.add(unique);
  return unique;
}

function isTaken(id: string, { taken, before }: NodeIds): boolean {
  return taken.has(id) || before?.has(id) === true;
}
