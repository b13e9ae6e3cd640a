/** Tensors between boxes: lines, with their shapes and types where one looks at them. */
import type { Box, PageEdge, Wire } from '../../html/document.ts';
import { textPixels } from '../../chart/font-widths.ts';
import { wireLabel } from './graph-boxes.ts';
import { touches } from './hit.ts';

const labelSize = 10;

/** From the edge of a label to its line, where that is not in the middle. */
const lineInset = 12;

export interface DrawnWire {
  readonly wire: Wire;
  readonly path: string;
  readonly side: PageEdge['side'];
  /** From one unit to another. */
  readonly crosses: boolean;
  readonly label: string;
  /** Where the label stands best, and else. */
  readonly places: readonly Box[];
  /** False where it would lie on another one: it is seen when one looks at its wire. */
  readonly hasRoom: boolean;
}

interface WireReading {
  readonly edges: readonly PageEdge[];
  /** Of a row. */
  readonly unitOf: (row: number) => string | undefined;
  /** There are two versions, and edges of one of them are marked. */
  readonly isCompared: boolean;
}

export function drawnWires(wires: readonly Wire[], { edges, unitOf, isCompared }: WireReading): readonly DrawnWire[] {
  const drawn = wires.map((wire) => {
    const own = wire.edges.flatMap((index) => edges[index] ?? []);
    const side = (name: PageEdge['side']) => isCompared && own.length > 0 && own.every((edge) => edge.side === name);
    const words = {
      side: side('base') ? 'base' : side('head') ? 'head' : 'both',
      crosses: own.some(({ from, to }) => unitOf(from) !== unitOf(to)),
      label: wireLabel(own),
    } as const;
    return {
      ...words,
      wire,
      path: wire.points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join(''),
      places: labelPlaces(wire, labelText(words)),
    };
  });
  const taken: Box[] = [];
  return drawn.map((wire) => {
    const place = wire.places[0]!;
    const hasRoom = !taken.some((other) => touches(other, place));
    if (hasRoom) taken.push(place);
    return { ...wire, hasRoom };
  });
}

const marks = { both: '', base: '− ', head: '+ ' } as const;

function labelText({ side, label, crosses }: Pick<DrawnWire, 'side' | 'label' | 'crosses'>): string {
  return label === '' ? '' : marks[side] + label + (crosses ? ' ⇄' : '');
}

/** Halfway along, or at one side of it. Lines that leave the module are short: the label stands at their end, over the box. */
function labelPlaces({ from, to, points }: Wire, text: string): readonly Box[] {
  const width = textPixels(text, labelSize) + 8;
  const placeAt = (share: number, left: number): Box => {
    const [x, y] = pointOnLine(points, share);
    return { x: x - left, y: y - 7, width, height: 14 };
  };
  const sides = [lineInset, width - lineInset];
  if (from < 0) return sides.map((left) => placeAt(0, left));
  if (to < 0) return sides.toReversed().map((left) => placeAt(1, left));
  return [width / 2, ...sides].map((left) => placeAt(0.5, left));
}

/** @param share of the way along the line */
export function pointOnLine(points: Wire['points'], share: number): readonly [number, number] {
  const lengths = points.slice(1).map(([x, y], index) => Math.hypot(x - points[index]![0], y - points[index]![1]));
  let left = share * lengths.reduce((sum, length) => sum + length, 0);
  for (const [index, length] of lengths.entries()) {
    if (left <= length && length > 0) {
      const [[fromX, fromY], [toX, toY]] = [points[index]!, points[index + 1]!];
      const part = left / length;
      return [fromX + part * (toX - fromX), fromY + part * (toY - fromY)];
    }
    left -= length;
  }
  return points[0] ?? [0, 0];
}

export function GraphWires({
  wires,
  near,
}: {
  readonly wires: readonly DrawnWire[];
  readonly near: ReadonlySet<number>;
}) {
  return (
    <g class="wires" aria-hidden="true">
      {wires.map(({ wire, path, side, crosses }, index) => (
        <path
          key={index}
          d={path}
          class={`wire wire-${side}${crosses ? ' wire-crossing' : ''}${isNear(wire, near) ? ' is-near' : ''}`}
          marker-end={wire.to >= 0 ? `url(#arrow-${isNear(wire, near) ? 'near' : side})` : undefined}
        />
      ))}
    </g>
  );
}

function leavesModule({ from, to }: Wire): boolean {
  return from < 0 || to < 0;
}

function isNear({ from, to }: Wire, near: ReadonlySet<number>): boolean {
  return near.has(from) || near.has(to);
}

interface PlacedLabel {
  readonly text: string;
  readonly place: Box;
  readonly isNear: boolean;
}

/** Those that one looks at are all there, beside one another where that is possible; others keep out of their way. */
function placedLabels(wires: readonly DrawnWire[], near: ReadonlySet<number>): readonly PlacedLabel[] {
  const told = wires.filter(({ label }) => label !== '');
  const taken: Box[] = [];
  const isFree = (place: Box): boolean => !taken.some((other) => touches(other, place));
  const first = told
    .filter(({ wire }) => isNear(wire, near))
    // Those between boxes have fewer ways to give way.
    .toSorted((a, b) => Number(leavesModule(a.wire)) - Number(leavesModule(b.wire)))
    .map((wire): PlacedLabel => {
      const place = wire.places.find(isFree) ?? wire.places[0]!;
      taken.push(place);
      return { text: labelText(wire), place, isNear: true };
    });
  const others = told.flatMap((wire): readonly PlacedLabel[] => {
    const place = wire.places[0]!;
    const isSeen = wire.hasRoom && !isNear(wire.wire, near) && isFree(place);
    return isSeen ? [{ text: labelText(wire), place, isNear: false }] : [];
  });
  return [...others, ...first];
}

/** Behind the boxes' own words and above the lines. */
export function WireLabels({
  wires,
  near,
}: {
  readonly wires: readonly DrawnWire[];
  readonly near: ReadonlySet<number>;
}) {
  return (
    <g class="wire-labels" aria-hidden="true">
      {placedLabels(wires, near).map(({ text, place: { x, y, width, height }, isNear: isLookedAt }, index) => (
        <g key={index} class={`wire-label${isLookedAt ? ' is-near' : ''}`} transform={`translate(${x} ${y})`}>
          <rect {...{ width, height }} rx="3" />
          <text x={width / 2} y="10.5" font-size={labelSize} text-anchor="middle">
            {text}
          </text>
        </g>
      ))}
    </g>
  );
}

export function ArrowHeads() {
  return (
    <defs>
      {['both', 'base', 'head', 'near'].map((name) => (
        <marker
          key={name}
          id={`arrow-${name}`}
          viewBox="0 0 8 8"
          refX="7"
          refY="4"
          markerUnits="userSpaceOnUse"
          markerWidth="9"
          markerHeight="9"
          orient="auto"
        >
          <path class={`arrow arrow-${name}`} d="M0 0L8 4L0 8Z" />
        </marker>
      ))}
    </defs>
  );
}
