/** What keys do while the picture has the focus. */
import { activate, choose, fitAll, leaveModule, look, openModule, type GraphState } from './graph-state.ts';
import { togglePin } from './pins.tsx';
import { choosingOf } from './pointer.ts';
import { panned, zoomed } from './viewport.ts';
import { stepFrom, type Direction } from './walk.ts';

const directions: Readonly<Record<string, Direction>> = {
  ArrowDown: 'down',
  ArrowUp: 'up',
  ArrowLeft: 'left',
  ArrowRight: 'right',
};

const push = 80;
const pushes: Readonly<Record<Direction, readonly [number, number]>> = {
  down: [0, -push],
  up: [0, push],
  left: [push, 0],
  right: [-push, 0],
};

export function zoomBy(state: GraphState, factor: number): void {
  const { width, height } = state.screen.value;
  look(state, zoomed(state.view.value, factor, { x: width / 2, y: height / 2 }));
}

export function onGraphKey(state: GraphState, event: KeyboardEvent): void {
  const direction = directions[event.key];
  const done = direction === undefined ? onOtherKey(state, event) : onArrow(state, event, direction);
  if (done) event.preventDefault();
}

function onArrow(state: GraphState, event: KeyboardEvent, direction: Direction): boolean {
  if (event.altKey && direction === 'up') leaveModule(state);
  else if (event.altKey) return false;
  else if (event.shiftKey) look(state, panned(state.view.value, ...pushes[direction]));
  else if (state.picture.value !== undefined) {
    activate(state, stepFrom(state.picture.value.layout, state.active.value, direction));
  }
  return true;
}

/** Whether the key meant something. */
function onOtherKey(state: GraphState, event: KeyboardEvent): boolean {
  if (event.altKey || (event.key !== 'Enter' && event.key !== ' ' && (event.ctrlKey || event.metaKey))) return false;
  const box = state.picture.value?.boxes[state.active.value];
  switch (event.key) {
    case 'Enter':
      if (box !== undefined && typeof box.child !== 'number') openModule(state, box.child.id);
      else if (box !== undefined) choose(state, [box.index], choosingOf(event));
      return true;
    case ' ':
      if (box !== undefined) choose(state, [box.index], 'toggle');
      return true;
    case 'Backspace':
      leaveModule(state);
      return true;
    case 'Home':
      activate(state, 0);
      return true;
    case 'End':
      activate(state, (state.picture.value?.boxes.length ?? 1) - 1);
      return true;
    case '+':
    case '=':
      zoomBy(state, 1.25);
      return true;
    case '-':
      zoomBy(state, 0.8);
      return true;
    case '0':
      fitAll(state);
      return true;
    case 'p':
      if (typeof box?.child === 'number') togglePin(state, box.child);
      return true;
    default:
      return false;
  }
}
