/** The picture of the open module: wires below, boxes above, moved as one. */
import { computed } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { hasBothSides } from '../figures/column-metrics.ts';
import { numberUnits, unitOfRow } from '../rows/units.ts';
import { GraphBoxShape, type BoxMarks } from './graph-box.tsx';
import type { GraphBox } from './graph-boxes.ts';
import type { GraphState } from './graph-state.ts';
import { ArrowHeads, drawnWires, GraphWires, WireLabels } from './graph-wires.tsx';
import { touches } from './hit.ts';
import { seen } from './viewport.ts';

/** Up to this many, all boxes are drawn wherever one looks. */
const fewBoxes = 300;

export function GraphPicture({ state }: { readonly state: GraphState }) {
  const { transform, distance } = useMemo(() => viewOf(state), [state]);
  return (
    <svg class={distance.value} role="presentation" width="100%" height="100%" focusable="false">
      <ArrowHeads />
      <g transform={transform} role="presentation">
        <PlacedWires state={state} />
        <PlacedBoxes state={state} />
        <RubberBand state={state} />
      </g>
    </svg>
  );
}

function viewOf({ view }: GraphState) {
  return {
    transform: computed(() => {
      const { x, y, scale } = view.value;
      return `scale(${scale}) translate(${-x} ${-y})`;
    }),
    // How much can be read.
    distance: computed(() =>
      view.value.scale < 0.34 ? 'is-far' : view.value.scale < 0.95 ? 'is-near-by' : 'is-close',
    ),
  };
}

/** Boxes that one looks at: their wires are told in words. */
function nearOf({ active, pointed, store, picture }: GraphState): ReadonlySet<number> {
  const near = new Set<number>(pointed.value === null ? [] : [pointed.value]);
  const boxes = picture.value?.boxes ?? [];
  const { value: selection } = store.selection;
  if (selection.size === 0) return near;
  if (boxes[active.value]?.rows.some((row) => selection.has(row)) === true) near.add(active.value);
  return near;
}

function PlacedWires({ state }: { readonly state: GraphState }) {
  const { store, picture } = state;
  const wires = useMemo(
    () =>
      computed(() => {
        const rows = store.rows.value;
        const { wires: lines } = picture.value?.layout ?? { wires: [] };
        const target = store.targetReport.value;
        return drawnWires(lines, {
          edges: store.view.value?.edges ?? [],
          unitOf: (row) => unitOfRow(rows[row]),
          isCompared: target !== undefined && hasBothSides(target),
        });
      }),
    [state],
  );
  const near = nearOf(state);
  return (
    <>
      <GraphWires wires={wires.value} near={near} />
      <WireLabels wires={wires.value} near={near} />
    </>
  );
}

function PlacedBoxes({ state }: { readonly state: GraphState }) {
  const { store, picture, settings, active, pointed } = state;
  const metric = picture.value?.metric;
  const units = useMemo(() => computed(() => numberUnits(store.rows.value)), [state]);
  const shown = useMemo(() => computed(() => boxesInSight(state)), [state]);
  const [selection, hovered, pins] = [store.selection.value, store.hovered.value, new Set(settings.value.pins)];
  const count = picture.value?.boxes.length ?? 0;
  if (metric === undefined) return null;
  return (
    <>
      {shown.value.map((box) => {
        const marks: BoxMarks = {
          selected: selectedPart(box, selection),
          isActive: active.value === box.index,
          isPointed:
            pointed.value === box.index || (hovered !== null && picture.value?.boxOfRow.get(hovered) === box.index),
          isPinned: typeof box.child === 'number' && pins.has(box.child),
        };
        const band = units.value.size < 2 ? -1 : Math.max(0, ...box.units.map((unit) => units.value.get(unit) ?? 0));
        return <GraphBoxShape key={box.index} {...{ box, metric, marks, count, band }} />;
      })}
    </>
  );
}

function selectedPart({ rows }: GraphBox, selection: ReadonlySet<number>): BoxMarks['selected'] {
  if (selection.size === 0) return 'none';
  const count = rows.reduce((sum, row) => sum + Number(selection.has(row)), 0);
  return count === 0 ? 'none' : count === rows.length ? 'all' : 'some';
}

/** Of very many boxes those around what is seen, and the one that the keyboard is at. */
function boxesInSight({ picture, view, screen, active }: GraphState): readonly GraphBox[] {
  const boxes = picture.value?.boxes ?? [];
  if (boxes.length <= fewBoxes) return boxes;
  const { x, y, width, height } = seen(view.value, screen.value);
  const around = { x: x - width / 4, y: y - height / 4, width: 1.5 * width, height: 1.5 * height };
  return boxes.filter((box) => touches(box.place, around) || box.index === active.value);
}

function RubberBand({ state: { rubberBand } }: { readonly state: GraphState }) {
  return rubberBand.value === null ? null : <rect class="rubber-band" {...rubberBand.value} />;
}
