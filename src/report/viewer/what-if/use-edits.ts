/** The running list of edits and what changes it; the text of those that are on is the store's. */
import { useStore, type Store } from '../state/store.ts';
import type { Settings } from '../state/view-state.ts';
import { listOf, textOf, withEdits, type EditList } from './edit-list.ts';

export const panelId = 'what-if';

export interface Edits {
  /** Null: the text is no list of edits. */
  readonly list: EditList | null;
  readonly change: (list: EditList) => void;
  /** Behind those that there are by then. */
  readonly add: (texts: readonly string[]) => void;
}

export function useEdits(): Edits {
  const store = useStore();
  return {
    list: currentList(store.edits.value, store.settings.value),
    change: (list) => changeEdits(store, list),
    add: (texts) => changeEdits(store, withEdits(currentList(store.edits.peek(), store.settings.peek()) ?? [], texts)),
  };
}

function currentList(edits: string, settings: Settings): EditList | null {
  const kept = (settings[panelId] ?? {}) as { readonly list?: unknown };
  return listOf(edits, kept.list);
}

function changeEdits(store: Store, list: EditList): void {
  store.edits.value = textOf(list);
  const { [panelId]: _, ...others } = store.settings.value;
  // What is on is in the text already.
  store.settings.value = list.every(({ on }) => on) ? others : { ...others, [panelId]: { list } };
}
