/** Many boxes in little time: each below all that it reads, in the order of execution, rows of boxes wrapped. */
import type { Box } from './document.ts';
import { boxSize, type Link, type Plan } from './plan-parts.ts';

const gap = { x: 28, y: 40 } as const;
const margin = 28;

/** Boxes side by side. */
const widest = 24;

/** The layer of each box: its depth, over links that go on in the order of the boxes. */
export function longestPaths(count: number, links: readonly Link[]): readonly number[] {
  const layer = Array.from({ length: count }, () => 0);
  for (const { from, to } of links.toSorted((a, b) => a.from - b.from)) {
    if (from < to) layer[to] = Math.max(layer[to]!, layer[from]! + 1);
  }
  return layer;
}

export function plainPlan(count: number, links: readonly Link[]): Plan {
  const lines = linesOfBoxes(longestPaths(count, links));
  const width = Math.max(...lines.map(({ length }) => length)) * (boxSize.width + gap.x) - gap.x;
  const boxes: Box[] = [];
  for (const [row, line] of lines.entries()) {
    const left = (width - (line.length * (boxSize.width + gap.x) - gap.x)) / 2;
    for (const [column, index] of line.entries()) {
      const x = margin + left + column * (boxSize.width + gap.x);
      boxes[index] = { x, y: margin + row * (boxSize.height + gap.y), ...boxSize };
    }
  }
  return {
    width: width + 2 * margin,
    height: lines.length * (boxSize.height + gap.y) - gap.y + 2 * margin,
    boxes,
    lines: links.map(({ from, to }) => lineBetween(boxes[from]!, boxes[to]!)),
  };
}

/** Boxes of each line of the picture; a layer that is too wide takes several. */
function linesOfBoxes(layer: readonly number[]): readonly (readonly number[])[] {
  const layers: number[][] = [];
  for (const [index, depth] of layer.entries()) (layers[depth] ??= []).push(index);
  return layers.flatMap((boxes) =>
    Array.from({ length: Math.ceil(boxes.length / widest) }, (_, line) =>
      boxes.slice(line * widest, (line + 1) * widest),
    ),
  );
}

/** Straight to a neighbour; beside the boxes where others lie between. */
function lineBetween(from: Box, to: Box): readonly (readonly [number, number])[] {
  const start = [from.x + from.width / 2, from.y + from.height] as const;
  const end = [to.x + to.width / 2, to.y] as const;
  const step = boxSize.height + gap.y;
  if (to.y - from.y === step) return [start, end];
  const beside = from.x + from.width + gap.x / 2;
  return [
    start,
    [start[0], start[1] + gap.y / 4],
    [beside, start[1] + gap.y / 4],
    [beside, end[1] - gap.y / 4],
    [end[0], end[1] - gap.y / 4],
    end,
  ];
}
