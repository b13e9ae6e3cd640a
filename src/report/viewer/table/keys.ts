/** The keyboard in the table, as in the treegrids of desktop systems. */
import { activate, isOpen, isOpenable, lineName, select, selectAllShown, toggleOpen } from './choosing.ts';
import type { Line } from './lines.ts';
import type { TableModel } from './table-model.ts';

export interface Keyboard {
  /** True: the key meant something here. */
  readonly press: (event: KeyboardEvent) => boolean;
}

interface Place {
  readonly model: TableModel;
  readonly lines: readonly Line[];
  readonly at: number;
}

/** @param pageLines how many lines are in sight */
export function createKeyboard(model: TableModel, pageLines: () => number, copy: () => void): Keyboard {
  const typeahead = createTypeahead();
  const press = (event: KeyboardEvent): boolean => {
    const lines = model.lines.value;
    const at = Math.max(
      lines.findIndex(({ key }) => key === model.active.value),
      0,
    );
    const place = { model, lines, at };
    if (lines[at] === undefined || event.altKey) return false;
    if (event.ctrlKey || event.metaKey) return command(event.key, model, copy) || move(event, place, pageLines());
    if (isTyped(event)) return goTo(place, typeahead(event.key, place), event);
    return act(event, place) || move(event, place, pageLines());
  };
  return { press };
}

function isTyped({ key }: KeyboardEvent): boolean {
  return key.length === 1 && key !== ' ';
}

function command(key: string, model: TableModel, copy: () => void): boolean {
  if (key === 'a') selectAllShown(model);
  else if (key === 'c' && model.store.selection.value.size > 0) copy();
  else return false;
  return true;
}

function act({ key, shiftKey }: KeyboardEvent, { model, lines, at }: Place): boolean {
  const line = lines[at]!;
  if (key === ' ') select(model, line, shiftKey ? 'range' : 'toggle');
  else if (key === 'Enter') {
    if (line.kind === 'module') toggleOpen(model, line);
    else select(model, line, 'only');
    activate(model, line);
  } else if (key === 'Escape') model.store.selection.value = new Set();
  else return false;
  return true;
}

function move(event: KeyboardEvent, place: Place, page: number): boolean {
  const { lines, at } = place;
  switch (event.key) {
    case 'ArrowDown':
      return goTo(place, at + 1, event);
    case 'ArrowUp':
      return goTo(place, at - 1, event);
    case 'PageDown':
      return goTo(place, Math.min(at + page, lines.length - 1), event);
    case 'PageUp':
      return goTo(place, Math.max(at - page, 0), event);
    case 'Home':
      return goTo(place, 0, event);
    case 'End':
      return goTo(place, lines.length - 1, event);
    case 'ArrowRight':
      return inward(place, event);
    case 'ArrowLeft':
      return outward(place, event);
    default:
      return false;
  }
}

function goTo({ model, lines }: Place, to: number, { shiftKey, key }: KeyboardEvent): boolean {
  const line = lines[to];
  if (line === undefined) return true;
  if (shiftKey && key.length > 1) select(model, line, 'range');
  activate(model, line);
  return true;
}

function inward(place: Place, event: KeyboardEvent): boolean {
  const { model, lines, at } = place;
  const line = lines[at]!;
  if (isOpenable(line) && !isOpen(line)) toggleOpen(model, line);
  else if ((lines[at + 1]?.level ?? 0) > line.level) goTo(place, at + 1, event);
  return true;
}

function outward(place: Place, event: KeyboardEvent): boolean {
  const { model, lines, at } = place;
  const line = lines[at]!;
  if (isOpen(line)) toggleOpen(model, line);
  else {
    const outer = lines.slice(0, at).findLastIndex(({ level }) => level < line.level);
    if (outer >= 0) goTo(place, outer, event);
  }
  return true;
}

/** Letters that follow one another quickly are one word; the next line whose name holds it is gone to. */
function createTypeahead(): (letter: string, place: Place) => number {
  const pauseMilliseconds = 800;
  let typed = '';
  let last = 0;
  return (letter, { model, lines, at }) => {
    const now = performance.now();
    typed = now - last > pauseMilliseconds ? letter : typed + letter;
    last = now;
    const word = typed.toLowerCase();
    const rows = model.store.rows.value;
    const from = typed.length === 1 ? at + 1 : at;
    const order = [...lines.slice(from), ...lines.slice(0, from)];
    const found = order.findIndex((line) => lineName(line, rows).toLowerCase().includes(word));
    return found < 0 ? at : (from + found) % lines.length;
  };
}
