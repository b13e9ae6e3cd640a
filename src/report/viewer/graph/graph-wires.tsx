/** Tensors between boxes: lines, with their shapes and types where one looks at them. */
import type { Box, PageEdge, Wire } from '../../html/document.ts';
import { textPixels } from '../../chart/font-widths.ts';
import { wireLabel } from './graph-boxes.ts';
import { touches } from './hit.ts';

const labelSize = 10;

export interface DrawnWire {
  readonly wire: Wire;
  readonly path: string;
  readonly side: PageEdge['side'];
  /** From one unit to another. */
  readonly crosses: boolean;
  readonly label: string;
  /** Where the label stands. */
  readonly middle: readonly [number, number];
  /** False where it would lie on another one: it is seen when one looks at its wire. */
  readonly hasRoom: boolean;
}

/** @param unitOf of a row */
export function drawnWires(
  wires: readonly Wire[],
  edges: readonly PageEdge[],
  unitOf: (row: number) => string | undefined,
): readonly DrawnWire[] {
  const drawn = wires.map((wire) => {
    const own = wire.edges.flatMap((index) => edges[index] ?? []);
    const side = (name: PageEdge['side']) => own.length > 0 && own.every((edge) => edge.side === name);
    return {
      wire,
      path: wire.points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join(''),
      side: side('base') ? 'base' : side('head') ? 'head' : 'both',
      crosses: own.some(({ from, to }) => unitOf(from) !== unitOf(to)),
      label: wireLabel(own),
      middle: middleOfLine(wire.points),
    } as const;
  });
  const taken: Box[] = [];
  return drawn.map((wire) => {
    const place = labelPlace(wire);
    const hasRoom = !taken.some((other) => touches(other, place));
    if (hasRoom) taken.push(place);
    return { ...wire, hasRoom };
  });
}

const marks = { both: '', base: '− ', head: '+ ' } as const;

function labelText({ side, label, crosses }: Pick<DrawnWire, 'side' | 'label' | 'crosses'>): string {
  return label === '' ? '' : marks[side] + label + (crosses ? ' ⇄' : '');
}

function labelPlace(wire: Pick<DrawnWire, 'side' | 'label' | 'crosses' | 'middle'>): Box {
  const width = textPixels(labelText(wire), labelSize) + 8;
  return { x: wire.middle[0] - width / 2, y: wire.middle[1] - 7, width, height: 14 };
}

/** Halfway along the line. */
export function middleOfLine(points: Wire['points']): readonly [number, number] {
  const lengths = points.slice(1).map(([x, y], index) => Math.hypot(x - points[index]![0], y - points[index]![1]));
  let left = lengths.reduce((sum, length) => sum + length, 0) / 2;
  for (const [index, length] of lengths.entries()) {
    if (left <= length && length > 0) {
      const [[fromX, fromY], [toX, toY]] = [points[index]!, points[index + 1]!];
      const share = left / length;
      return [fromX + share * (toX - fromX), fromY + share * (toY - fromY)];
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

function isNear({ from, to }: Wire, near: ReadonlySet<number>): boolean {
  return near.has(from) || near.has(to);
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
      {wires.map((wire, index) => {
        const isShown = isNear(wire.wire, near);
        const text = labelText(wire);
        const { x, y, width, height } = labelPlace(wire);
        return (
          (wire.hasRoom || isShown) &&
          text !== '' && (
            <g key={index} class={`wire-label${isShown ? ' is-near' : ''}`} transform={`translate(${x} ${y})`}>
              <rect {...{ width, height }} rx="3" />
              <text x={width / 2} y="10.5" font-size={labelSize} text-anchor="middle">
                {text}
              </text>
            </g>
          )
        );
      })}
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
