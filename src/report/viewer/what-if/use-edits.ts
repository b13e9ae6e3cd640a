/** The running list of edits and what changes it; the text of those that are on is the store's. */
import { useStore, type Store } from '../state/store.ts';
import { listOf, textOf, type EditList } from './edit-list.ts';

export const panelId = 'what-if';

export interface Edits {
  /** Null: the text is no list of edits. */
  readonly list: EditList | null;
  readonly change: (list: EditList) => void;
}

export function useEdits(): Edits {
  const store = useStore();
  const kept = (store.settings.value[panelId] ?? {}) as { readonly list?: unknown };
  return { list: listOf(store.edits.value, kept.list), change: (list) => changeEdits(store, list) };
}

function changeEdits(store: Store, list: EditList): void {
  store.edits.value = textOf(list);
  const { [panelId]: _, ...others } = store.settings.value;
  // What is on is in the text already.
  store.settings.value = list.every(({ on }) => on) ? others : { ...others, [panelId]: { list } };
}
