/** What the mouse, a finger or two do on the picture: choose, open, push, zoom, draw a rubber band. */
import { openCorner } from './graph-box.tsx';
import { choose, look, openModule, type Choosing, type GraphState } from './graph-state.ts';
import { between, boxAt, boxesIn } from './hit.ts';
import { onPlane, panned, zoomed, type Point } from './viewport.ts';

/** Less is a click with an unsteady hand. */
const steady = 4;

export interface PointerHandlers {
  readonly onPointerDown: (event: PointerEvent) => void;
  readonly onPointerMove: (event: PointerEvent) => void;
  readonly onPointerUp: (event: PointerEvent) => void;
  readonly onPointerCancel: (event: PointerEvent) => void;
  readonly onPointerLeave: () => void;
  readonly onDblClick: (event: MouseEvent) => void;
}

interface Gesture {
  /** Where each finger is, in pixels of the screen part. */
  readonly fingers: Map<number, Point>;
  start: Point;
  moved: boolean;
}

export function pointerHandlers(state: GraphState): PointerHandlers {
  const gesture: Gesture = { fingers: new Map(), start: { x: 0, y: 0 }, moved: false };
  const end = (event: PointerEvent): void => {
    gesture.fingers.delete(event.pointerId);
    if (gesture.fingers.size === 0) state.rubberBand.value = null;
  };
  return {
    onPointerDown(event) {
      if (event.button !== 0) return;
      const at = pointOf(event);
      gesture.fingers.set(event.pointerId, at);
      if (gesture.fingers.size === 1) Object.assign(gesture, { start: at, moved: false });
      else gesture.moved = true;
    },
    onPointerMove: (event) => move(state, gesture, event),
    onPointerUp(event) {
      const isClick = gesture.fingers.has(event.pointerId) && !gesture.moved;
      if (state.rubberBand.value !== null) chooseBand(state);
      else if (isClick) click(state, event);
      end(event);
    },
    onPointerCancel: end,
    onPointerLeave: () => point(state, null),
    onDblClick(event) {
      const child = state.picture.value?.boxes[boxUnder(state, pointOf(event))]?.child;
      if (child !== undefined && typeof child !== 'number') openModule(state, child.id);
    },
  };
}

function pointOf(event: MouseEvent): Point {
  const { left, top } = (event.currentTarget as Element).getBoundingClientRect();
  return { x: event.clientX - left, y: event.clientY - top };
}

function boxUnder({ view, picture }: GraphState, at: Point): number {
  const places = picture.value?.boxes.map(({ place }) => place) ?? [];
  return boxAt(places, onPlane(view.value, at));
}

function move(state: GraphState, gesture: Gesture, event: PointerEvent): void {
  const at = pointOf(event);
  // Released where nobody saw it.
  if (event.buttons === 0) gesture.fingers.delete(event.pointerId);
  const before = gesture.fingers.get(event.pointerId);
  if (before === undefined) {
    const box = boxUnder(state, at);
    point(state, box < 0 ? null : box);
    return;
  }
  if (!gesture.moved && Math.hypot(at.x - gesture.start.x, at.y - gesture.start.y) <= steady) return;
  if (!gesture.moved) (event.currentTarget as Element).setPointerCapture(event.pointerId);
  gesture.moved = true;
  const { view } = state;
  const other = [...gesture.fingers].find(([id]) => id !== event.pointerId)?.[1];
  if (other !== undefined) {
    const factor = distance(at, other) / Math.max(1, distance(before, other));
    look(state, zoomed(view.value, factor, { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 }));
  } else if (event.shiftKey) {
    state.rubberBand.value = between(onPlane(view.value, gesture.start), onPlane(view.value, at));
  } else look(state, panned(view.value, at.x - before.x, at.y - before.y));
  gesture.fingers.set(event.pointerId, at);
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

function point(state: GraphState, box: number | null): void {
  if (state.pointed.value === box) return;
  state.pointed.value = box;
  const child = box === null ? undefined : state.picture.value?.boxes[box]?.child;
  state.store.hovered.value = typeof child === 'number' ? child : null;
}

export function choosingOf({ ctrlKey, metaKey, shiftKey }: MouseEvent | KeyboardEvent): Choosing {
  return ctrlKey || metaKey ? 'toggle' : shiftKey ? 'more' : 'only';
}

/** A click on nothing chooses nothing. */
function click(state: GraphState, event: PointerEvent): void {
  const at = pointOf(event);
  const box = state.picture.value?.boxes[boxUnder(state, at)];
  const how = choosingOf(event);
  if (box === undefined) {
    if (how === 'only') choose(state, [], 'only');
    return;
  }
  const { x, y } = onPlane(state.view.value, at);
  const inCorner = x > box.place.x + box.place.width - openCorner && y < box.place.y + openCorner;
  if (typeof box.child !== 'number' && inCorner) {
    openModule(state, box.child.id);
    return;
  }
  state.active.value = box.index;
  choose(state, [box.index], how);
}

function chooseBand(state: GraphState): void {
  const places = state.picture.value?.boxes.map(({ place }) => place) ?? [];
  if (state.rubberBand.value !== null) choose(state, boxesIn(places, state.rubberBand.value), 'more');
}
