/** What the graph panel holds while it is open: the picture of the open module and the part of it that is seen. */
import { batch, computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Box, PageModule } from '../../html/document.ts';
import { hasBothSides } from '../figures/column-metrics.ts';
import type { Store } from '../state/store.ts';
import { metricNamed } from '../rows/row-figures.ts';
import { pictureOf, type Picture } from './graph-boxes.ts';
import { readGraphSettings, type GraphSettings, type Paint } from './settings.ts';
import { centred, fitted, kept, middleOf, opening, showing, type Size, type Viewport } from './viewport.ts';

export interface GraphState {
  readonly store: Store;
  readonly settings: ReadonlySignal<GraphSettings>;
  /** As chosen; where a what-if tells nothing, nothing is coloured by one. */
  readonly paint: ReadonlySignal<Paint>;
  readonly picture: ReadonlySignal<Picture | undefined>;
  readonly view: Signal<Viewport>;
  /** The module that `view` and `active` are of. */
  readonly arranged: { module: PageModule | undefined };
  /** Of the part of the screen that shows the picture. */
  readonly screen: Signal<Size>;
  /** Boxes by index: the one that the keyboard is at, and the one under the pointer. */
  readonly active: Signal<number>;
  readonly pointed: Signal<number | null>;
  /** On the plane. */
  readonly rubberBand: Signal<Box | null>;
}

export function createGraphState(store: Store): GraphState {
  const settings = computed(() => readGraphSettings(store.settings.value.graph));
  const paint = computed(() => {
    const { paint: chosen, metric } = settings.value;
    const [target, answer] = [store.targetReport.value, store.answered.value];
    // A what-if tells changes of what adds up alone.
    const isTold = answer !== null && target !== undefined && metricNamed(target, metric).delta !== undefined;
    if (chosen === 'effect' && isTold) return chosen;
    // Of one version there is no change to colour.
    if (target !== undefined && !hasBothSides(target)) return 'value';
    return chosen === 'effect' ? 'status' : chosen;
  });
  const picture = computed(() => {
    const [view, index, target] = [store.view.value, store.modules.value, store.targetReport.value];
    if (view === undefined || index === undefined || target === undefined) return undefined;
    const { module, metric } = settings.value;
    const answer = paint.value === 'effect' ? store.answered.value : null;
    return pictureOf({ index, layouts: view.layouts, target, answer }, { module, metric, paint: paint.value });
  });
  return {
    ...{ store, settings, paint, picture },
    view: signal<Viewport>({ x: 0, y: 0, scale: 1 }),
    arranged: { module: picture.peek()?.module },
    screen: signal<Size>({ width: 0, height: 0 }),
    active: signal(0),
    pointed: signal<number | null>(null),
    rubberBand: signal<Box | null>(null),
  };
}

export function change({ store }: GraphState, given: (settings: GraphSettings) => GraphSettings): void {
  const all = store.settings.value;
  store.settings.value = { ...all, graph: given(readGraphSettings(all.graph)) };
}

/** Shows a module from its beginning. */
export function openModule(state: GraphState, id: string): void {
  batch(() => {
    change(state, (settings) => ({ ...settings, module: id }));
    arrange(state);
  });
}

/** Begins the module that is open, whoever opened it, at its beginning. */
export function catchUp(state: GraphState): void {
  if (state.picture.value?.module !== state.arranged.module) arrange(state);
}

function arrange(state: GraphState): void {
  state.arranged.module = state.picture.value?.module;
  state.active.value = 0;
  state.pointed.value = null;
  beginAt(state);
}

/** The module above, at the box that was open. */
export function leaveModule(state: GraphState): void {
  const [picture, index] = [state.picture.value, state.store.modules.value];
  const above = picture === undefined ? undefined : index?.pathTo(picture.module.id).at(-2);
  if (picture === undefined || above === undefined) return;
  const { id } = picture.module;
  openModule(state, above.id);
  activate(
    state,
    above.children.findIndex((child) => typeof child !== 'number' && child.id === id),
  );
}

export function beginAt({ picture, view, screen }: GraphState): void {
  if (picture.value !== undefined) view.value = opening(picture.value.layout, screen.value);
}

export function fitAll({ picture, view, screen }: GraphState): void {
  if (picture.value !== undefined) view.value = fitted(picture.value.layout, screen.value);
}

export function look({ picture, view, screen }: GraphState, at: Viewport): void {
  if (picture.value !== undefined) view.value = kept(at, picture.value.layout, screen.value);
}

/** The keyboard goes to a box, and the picture with it. */
export function activate(state: GraphState, box: number): void {
  const place = state.picture.value?.boxes[box]?.place;
  if (place === undefined) return;
  batch(() => {
    state.active.value = box;
    state.view.value = showing(state.view.value, place, state.screen.value);
  });
}

/** Opens the module that the row lies in, if it is not in sight, and puts the row in the middle. */
export function reveal(state: GraphState, row: number): void {
  const id = state.store.modules.value?.moduleOfRow.get(row);
  if (id === undefined) return;
  batch(() => {
    if (state.picture.value?.module.id !== id) openModule(state, id);
    const box = state.picture.value?.boxes[state.picture.value.boxOfRow.get(row) ?? -1];
    if (box === undefined) return;
    state.active.value = box.index;
    const { view, screen } = state;
    const scale = Math.max(0.8, view.value.scale);
    view.value = centred({ ...view.value, scale }, middleOf(box.place), screen.value);
  });
}

export type Choosing = 'only' | 'more' | 'toggle';

/** Selects the rows of boxes; the details are then about the first. */
export function choose({ store, picture }: GraphState, boxes: readonly number[], how: Choosing): void {
  const rows = boxes.flatMap((box) => picture.value?.boxes[box]?.rows ?? []);
  const selection = new Set(how === 'only' ? [] : store.selection.value);
  const takesOut = how === 'toggle' && rows.length > 0 && rows.every((row) => selection.has(row));
  for (const row of rows) {
    if (takesOut) selection.delete(row);
    else selection.add(row);
  }
  batch(() => {
    store.selection.value = selection;
    const [first] = rows;
    if (!takesOut && first !== undefined && boxes.length === 1) store.focus.value = first;
  });
}
