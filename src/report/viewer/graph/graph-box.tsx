/** One box: what a layer or a module is called, what it costs, and by which marks it stands out. */
import { fitName, fitPixels, textPixels } from '../../chart/font-widths.ts';
import { visibleName } from '../../inert.ts';
import { boxLabel, type GraphBox } from './graph-boxes.ts';
import type { ColumnMetric } from '../figures/column-metrics.ts';
import { statusSigns } from '../rows/row-status.ts';

const textSize = { name: 12, line: 11 } as const;
const bandWidth = 7;
const inset = 14;
/** Bold letters are wider by so much. */
const boldness = 1.16;

export interface BoxMarks {
  readonly selected: 'all' | 'some' | 'none';
  readonly isActive: boolean;
  readonly isPointed: boolean;
  readonly isPinned: boolean;
}

interface Props {
  readonly box: GraphBox;
  readonly metric: ColumnMetric;
  readonly marks: BoxMarks;
  /** Of all boxes in the picture. */
  readonly count: number;
  /** Number of the unit's band; -1: all boxes run on the same. */
  readonly band: number;
}

export function boxId(index: number): string {
  return `graph-box-${index}`;
}

export function GraphBoxShape({ box, metric, marks, count, band }: Props) {
  const { x, y } = box.place;
  const classes = [
    `box box-${box.status} ${box.shade}`,
    typeof box.child === 'number' ? 'box-row' : `box-module box-${box.child.kind}`,
    box.isLayer ? '' : 'box-note',
    marks.selected === 'none' ? '' : `is-selected-${marks.selected}`,
    marks.isActive ? 'is-active' : '',
    marks.isPointed ? 'is-pointed' : '',
  ];
  const look = { class: classes.filter((name) => name !== '').join(' '), transform: `translate(${x} ${y})` };
  // The words lie beside the option, whose name is whole: those in the picture are cut.
  return (
    <>
      <g
        id={boxId(box.index)}
        role="option"
        aria-selected={marks.selected === 'all'}
        aria-setsize={count}
        aria-posinset={box.index + 1}
        aria-label={boxLabel(box, metric)}
        {...look}
      >
        <Outline box={box} />
      </g>
      <g aria-hidden="true" pointer-events="none" {...look}>
        {band >= 0 && <UnitBand box={box} band={band} />}
        <BoxWords box={box} />
        <SparkBar box={box} />
        <StatusMark box={box} />
        {marks.isPinned && <circle class="pin-mark" cx={box.place.width - 4} cy={box.place.height - 4} r="4" />}
      </g>
    </>
  );
}

/** Modules look like a stack of sheets, rows like one. */
function Outline({ box: { place, child } }: { readonly box: GraphBox }) {
  const { width, height } = place;
  const isModule = typeof child !== 'number';
  return (
    <>
      {isModule && <rect class="sheet" x="5" y="5" width={width} height={height} rx="5" />}
      <rect class="halo" x="-4" y="-4" width={width + 8} height={height + 8} rx="8" />
      <rect class="body" width={width} height={height} rx={isModule ? 5 : 3} />
    </>
  );
}

/** Along the left edge, with the unit's name on what runs elsewhere than the rest. */
function UnitBand({ box, band }: { readonly box: GraphBox; readonly band: number }) {
  const { height } = box.place;
  const name = fitPixels(box.units.map((unit) => visibleName(unit, 16)).join('+'), 70, 9);
  const width = boldness * textPixels(name, 9) + 8;
  return (
    <>
      <rect class={`unit-band unit-${band % 4}`} width={bandWidth} height={height} rx="3" />
      {band > 0 && (
        <g class={`unit-badge unit-${band % 4}`} transform={`translate(${inset - 3} -9)`}>
          <rect width={width} height="13" rx="3" />
          <text x="4" y="10" font-size="9">
            {name}
          </text>
        </g>
      )}
    </>
  );
}

function BoxWords({ box }: { readonly box: GraphBox }) {
  const { width, height } = box.place;
  const room = width - inset - 10 - (box.status === 'same' ? 0 : 16) - (typeof box.child === 'number' ? 0 : 20);
  const figures = fitPixels(box.figures, width - inset - 10, textSize.line);
  const left = width - inset - 18 - textPixels(figures, textSize.line);
  const kind = fitPixels(box.kind, left, textSize.line);
  // `2…rs` says nothing.
  const isTold = kind === box.kind || (typeof box.child === 'number' && left > 40);
  const second = Math.min(height - 14, 31);
  return (
    <g class="words">
      <text class="name" x={inset} y={Math.min(height / 2, 16)} font-size={textSize.name}>
        {fitBoxName(box, room / boldness)}
      </text>
      {isTold && (
        <text class="kind" x={inset} y={second} font-size={textSize.line}>
          {kind}
        </text>
      )}
      <text class="figures" x={width - 8} y={second} font-size={textSize.line} text-anchor="end">
        {figures}
      </text>
    </g>
  );
}

/** Both names of a stretch, `first … last`, share the room; several like it are `first … last ×9`. */
function fitBoxName({ nameInside, child }: GraphBox, room: number): string {
  const size = textSize.name;
  const between = ' … ';
  const [first = '', ...others] = typeof child === 'number' ? [nameInside] : nameInside.split(between);
  const last = others.join(between);
  if (last === '') return fitName(nameInside, room, size);
  const both = room - textPixels(between, size);
  const widths = [first, last].map((name) => textPixels(name, size));
  const roomOf = (own: number, other: number): number => Math.max(both / 2, Math.min(own, both - other));
  return [
    fitName(first, roomOf(widths[0]!, widths[1]!), size),
    fitName(last, roomOf(widths[1]!, widths[0]!), size),
  ].join(between);
}

/** The head as a bar, the base as a tick. */
function SparkBar({ box }: { readonly box: GraphBox }) {
  const { width, height } = box.place;
  const room = width - inset - 8;
  const [base, head] = [box.baseShare * room, box.headShare * room];
  return (
    <g class="spark">
      <rect class="spark-room" x={inset} y={height - 7} width={room} height="3" />
      <rect class="spark-head" x={inset} y={height - 7} width={head} height="3" />
      {box.baseShare > 0 && <rect class="spark-base" x={inset + base - 1} y={height - 9} width="2" height="7" />}
    </g>
  );
}

/** A sign in the corner, and what opens a module beside it. */
function StatusMark({ box: { status, place, child } }: { readonly box: GraphBox }) {
  const isModule = typeof child !== 'number';
  const sign = statusSigns[status];
  return (
    <>
      {isModule && (
        <g class="open-mark" transform={`translate(${place.width - 13} 11)`}>
          <rect x="-7" y="-7" width="14" height="14" rx="3" />
          <path d="M-4 0h8M0 -4v8" />
        </g>
      )}
      {sign !== '' && (
        <g class="sign" transform={`translate(${place.width - (isModule ? 31 : 12)} 11)`}>
          <circle r="7" />
          <text y="4" font-size="12" text-anchor="middle">
            {sign}
          </text>
        </g>
      )}
    </>
  );
}

/** Side of the square at the upper right corner of a module that opens it with one click. */
export const openCorner = 26;
