/** The compiled model as a picture: one module at a time, its layers and the modules in it as boxes. */
import { effect, untracked } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { useStore } from '../state/store.ts';
import { boxLabel } from './graph-boxes.ts';
import { boxId } from './graph-box.tsx';
import { GraphPicture } from './graph-picture.tsx';
import { activate, beginAt, catchUp, createGraphState, look, reveal, type GraphState } from './graph-state.ts';
import { onGraphKey } from './keyboard.ts';
import { Legend } from './legend.tsx';
import { Minimap } from './minimap.tsx';
import { Pins } from './pins.tsx';
import { pointerHandlers } from './pointer.ts';
import { Breadcrumbs, Choices, Looking } from './toolbar.tsx';
import { resized, zoomed, type Size } from './viewport.ts';

export function GraphPanel() {
  const store = useStore();
  const state = useMemo(() => createGraphState(store), [store]);
  useEffect(() => followStore(state), [state]);
  if (state.picture.value === undefined || state.picture.value.layout.boxes.length === 0) {
    return <p class="nothing">There is no graph: this model has no layers on this target.</p>;
  }
  return (
    <div class="graph">
      <div class="graph-bar">
        <Breadcrumbs state={state} />
        <Choices state={state} />
        <Looking state={state} />
      </div>
      <Canvas state={state} />
      <PointedLine state={state} />
      <Legend state={state} />
      <Pins state={state} />
    </div>
  );
}

/** Another module begins at its beginning, whoever opened it; a row that another panel is about comes into sight. */
function followStore(state: GraphState): () => void {
  const { store } = state;
  const places = effect(() => {
    if (state.picture.value !== undefined) untracked(() => catchUp(state));
  });
  const rows = effect(() => {
    const row = store.focus.value;
    if (row !== null) untracked(() => follow(state, row));
  });
  return () => {
    places();
    rows();
  };
}

/** What the keyboard is at is in sight already, or in a box that is: then nothing moves. */
function follow(state: GraphState, row: number): void {
  // Both may change at once, and whichever effect comes first must not be undone by the other.
  catchUp(state);
  if (state.picture.value?.boxOfRow.get(row) !== state.active.value) reveal(state, row);
}

function Canvas({ state }: { readonly state: GraphState }) {
  const place = useRef<HTMLDivElement>(null);
  const pointer = useMemo(() => pointerHandlers(state), [state]);
  // Before it is seen: nobody sees the picture in a place that it does not stay in.
  useLayoutEffect(() => measure(state, place.current!), [state]);
  const count = state.picture.value?.boxes.length ?? 0;
  return (
    <div class="graph-canvas">
      <div
        ref={place}
        class="graph-boxes"
        role="listbox"
        tabIndex={0}
        aria-label="Layers and modules of the open module"
        aria-multiselectable="true"
        aria-busy={!isMeasured(state)}
        aria-activedescendant={count > 0 ? boxId(Math.min(state.active.value, count - 1)) : undefined}
        aria-describedby="graph-keys"
        onKeyDown={(event) => onGraphKey(state, event)}
        {...pointer}
      >
        <GraphPicture state={state} />
      </div>
      <Minimap state={state} />
      <p id="graph-keys" hidden>
        Arrow keys go along the wires, Home and End to the first and the last box, Enter opens a module, Backspace
        leaves it, Space selects, p pins, plus and minus zoom, 0 shows all, Shift with arrows pushes the picture.
      </p>
    </div>
  );
}

function isMeasured({ screen }: GraphState): boolean {
  return screen.value.width > 0;
}

function takeSize(state: GraphState, size: Size): void {
  const before = state.screen.value;
  // Where it is hidden, as on paper, it comes back as it was.
  if (size.width === 0 || (before.width === size.width && before.height === size.height)) return;
  state.screen.value = size;
  if (before.width > 0) {
    look(state, resized(state.view.value, before, size));
    return;
  }
  beginAt(state);
  const row = state.store.focus.peek();
  if (row === null) return;
  follow(state, row);
  activate(state, state.active.value);
}

/** Sizes follow the element. The wheel zooms once the picture has the focus, or with Ctrl: else the page scrolls. */
function measure(state: GraphState, place: HTMLElement): () => void {
  const observer = new ResizeObserver(([entry]) => takeSize(state, entry!.contentRect));
  observer.observe(place);
  takeSize(state, { width: place.clientWidth, height: place.clientHeight });
  const onWheel = (event: WheelEvent): void => {
    if (!event.ctrlKey && !event.metaKey && document.activeElement !== place) return;
    event.preventDefault();
    const { left, top } = place.getBoundingClientRect();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    const factor = Math.exp(-Math.max(-120, Math.min(120, event.deltaY * lines)) / 400);
    look(state, zoomed(state.view.value, factor, { x: event.clientX - left, y: event.clientY - top }));
  };
  place.addEventListener('wheel', onWheel, { passive: false });
  return () => {
    observer.disconnect();
    place.removeEventListener('wheel', onWheel);
  };
}

/** What lies under the pointer, in full; without one, what the keyboard is at. */
function PointedLine({ state }: { readonly state: GraphState }) {
  const picture = state.picture.value;
  const box = picture?.boxes[state.pointed.value ?? state.active.value];
  return (
    <p class="pointed" aria-hidden="true">
      <bdi>{box === undefined || picture === undefined ? '' : boxLabel(box, picture.metric)}</bdi>
    </p>
  );
}
