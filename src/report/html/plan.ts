/** Boxes in layers with lines between them: by dagre, or where there is too much for it, by a plain arrangement. */
import * as dagre from '@dagrejs/dagre';
import type { Box } from './document.ts';
import { boxSize, type Link, type Plan } from './plan-parts.ts';
import { longestPaths, plainPlan } from './plain-plan.ts';

/** Boxes, and layers that lines pass: dagre's work grows with them, a good deal faster than they do. */
const mostBoxes = 150;
const mostPassed = 600;

export function planOf(count: number, links: readonly Link[]): Plan {
  const passed = layersPassed(count, links);
  return count > mostBoxes || passed > mostPassed ? plainPlan(count, links) : layeredPlan(count, links);
}

/** Counted and not timed: the same graph gets the same picture on every machine. */
function layersPassed(count: number, links: readonly Link[]): number {
  const layer = longestPaths(count, links);
  return links.reduce((sum, { from, to }) => sum + Math.abs(layer[to]! - layer[from]!), 0);
}

const margin = 28;

interface LayoutGraph {
  setGraph(options: Readonly<Record<string, string | number>>): void;
  setDefaultEdgeLabel(make: () => object): void;
  setNode(name: string, label: object): void;
  setEdge(from: string, to: string, label: object): void;
  graph(): { readonly width?: number; readonly height?: number };
  node(name: string): Point;
  edge(from: string, to: string): { readonly points: readonly Point[] };
}

/** What is used of dagre, whose own types are not found the way that Node.js finds files. */
const { Graph, layout } = dagre as unknown as {
  readonly Graph: new () => LayoutGraph;
  readonly layout: (graph: LayoutGraph) => void;
};

function layeredPlan(count: number, links: readonly Link[]): Plan {
  const graph = new Graph();
  graph.setGraph({ rankdir: 'TB', nodesep: 28, edgesep: 14, ranksep: 40, marginx: margin, marginy: margin });
  graph.setDefaultEdgeLabel(() => ({}));
  for (let index = 0; index < count; index += 1) graph.setNode(String(index), { ...boxSize });
  for (const { from, to } of links) graph.setEdge(String(from), String(to), {});
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  return withRoom({
    width: tenth(width),
    height: tenth(height),
    boxes: Array.from({ length: count }, (_, index) => boxAt(graph.node(String(index)))),
    lines: links.map(({ from, to }) => {
      const { points } = graph.edge(String(from), String(to));
      return points.map(({ x, y }) => [tenth(x), tenth(y)] as const);
    }),
  });
}

/** The size that dagre gives is that of the boxes: a line that goes around them may leave it on either side. */
function withRoom(plan: Plan): Plan {
  const across = plan.lines.flatMap((points) => points.map(([x]) => x));
  const leftmost = across.reduce((least, x) => Math.min(least, x), 0);
  const rightmost = across.reduce((most, x) => Math.max(most, x), plan.width);
  if (leftmost === 0 && rightmost === plan.width) return plan;
  const shifted = (x: number): number => tenth(x - leftmost);
  return {
    width: shifted(rightmost),
    height: plan.height,
    boxes: plan.boxes.map((box) => ({ ...box, x: shifted(box.x) })),
    lines: plan.lines.map((points) => points.map(([x, y]) => [shifted(x), y] as const)),
  };
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function boxAt({ x, y }: Point): Box {
  const { width, height } = boxSize;
  return { x: tenth(x - width / 2), y: tenth(y - height / 2), width, height };
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
