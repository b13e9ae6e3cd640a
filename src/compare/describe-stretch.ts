/** What became of several nodes that do together what other nodes do on the other side. */
import { isQuantizedInteger } from '../ir/data-type.ts';
import { namedActivation, spelledActivation } from './composite-operators.ts';
import { describePair, onlyWeights, type Change } from './describe-change.ts';
import type { KeyedGraph, KeyedNode } from './keyed-graph.ts';

/** Operators beyond this are counted, not listed. */
const listed = 6;

/** @param lead the two nodes of which the others are parts, where one of each side is known to be the other */
export function describeStretch(
  base: readonly KeyedNode[],
  head: readonly KeyedNode[],
  lead: readonly [KeyedNode, KeyedNode] | undefined,
  graphs: readonly [KeyedGraph, KeyedGraph],
): Change {
  if (lead !== undefined && onlyClamps([base, head], lead)) return describePair(...lead, false);
  const [before, after] = [activationOf(base, graphs[0]), activationOf(head, graphs[1])];
  if (before !== undefined && after !== undefined && before !== after) {
    return { status: 'replaced', changes: [`activation ${before} → ${after}`] };
  }
  const status = base.length === head.length ? 'replaced' : base.length > head.length ? 'fused' : 'split';
  const [from, to] = [operatorsOf(base), operatorsOf(head)];
  // Several of one operator in place of one: what each of them is narrower by goes without saying.
  if (from === to && base.length !== head.length) return { status, changes: [`${base.length} → ${head.length} ${to}`] };
  const counts = `was ${base.length} ${base.length === 1 ? 'node' : 'nodes'}, now ${head.length}`;
  return { status, changes: [`${from} → ${to}`, counts, ...wordsOfLead(lead)] };
}

const clamps: ReadonlySet<string> = new Set(['Relu', 'Clip']);

/** Integers clamp by themselves, so that quantizers drop activations that only clamp: no fusion that anyone made. */
function onlyClamps(
  sides: readonly [readonly KeyedNode[], readonly KeyedNode[]],
  lead: readonly [KeyedNode, KeyedNode],
): boolean {
  const [integer, integerAfter] = lead.map(({ output }) => isQuantizedInteger(output?.dtype ?? 'float32'));
  if (integer === integerAfter) return false;
  const [before, after] = sides.map((nodes, side) => nodes.filter((node) => node !== lead[side]));
  const [quantized, float] = integer === true ? [before, after] : [after, before];
  return quantized!.length === 0 && float!.every(({ node }) => clamps.has(node.operator));
}

/** The name of an activation, be it one node or spelled out. */
function activationOf(nodes: readonly KeyedNode[], graph: KeyedGraph): string | undefined {
  const [only] = nodes;
  const around = [...nodes, ...gatesBehind(nodes, graph)];
  const spelled = spelledActivation(new Set(around.map(({ node }) => node.operator)));
  if (nodes.length > 1 || spelled !== undefined) return spelled;
  return only!.family === 'activation' ? namedActivation(only!.node.operator) : undefined;
}

/** `x · f(x)`: the product may have a partner of its own. */
function gatesBehind(nodes: readonly KeyedNode[], graph: KeyedGraph): readonly KeyedNode[] {
  const inside = new Set(nodes.map(({ position }) => position));
  const sources = new Set(nodes.flatMap(({ producers }) => producers).filter((position) => !inside.has(position)));
  return nodes
    .flatMap(({ consumers }) => consumers)
    .map((position) => graph.nodes[position]!)
    .filter(({ node, producers }) => node.operator === 'Mul' && producers.some((position) => sources.has(position)));
}

function operatorsOf(nodes: readonly KeyedNode[]): string {
  const operators = [
    ...new Set(nodes.map(({ operator }) => (operator.length > 40 ? `${operator.slice(0, 39)}…` : operator))),
  ];
  return operators.slice(0, listed).join(' + ') + (operators.length > listed ? ' + …' : '');
}

/** What else changed about the layer; that a fold changed its weights goes without saying. */
function wordsOfLead(lead: readonly [KeyedNode, KeyedNode] | undefined): readonly string[] {
  if (lead === undefined) return [];
  const [from, to] = lead;
  return describePair(from, to, false).changes.filter((word) => word !== onlyWeights && !word.includes(to.operator));
}
