/** The what-if that the page asks about, and its answer: asked again whenever the edits or the place change. */
import { effect } from '@preact/signals';
import type { Store } from '../state/store.ts';
import { shownAnswer, type WhatIfState } from '../state/what-if-state.ts';
import { SimulatorError, SupersededError } from '../worker/client.ts';
import type { Place } from '../worker/protocol.ts';

export function followEdits(store: Store): () => void {
  let last: Place | undefined;
  return effect(() => {
    const edits = store.edits.value;
    const place = { model: store.model.value, target: store.target.value };
    const isSamePlace = last?.model === place.model && last.target === place.target;
    last = place;
    if (edits.trim() === '') {
      store.whatIf.value = { state: 'none' };
      return;
    }
    store.whatIf.value = { state: 'asking', before: isSamePlace ? shownAnswer(store.whatIf.peek()) : null };
    const isCurrent = (): boolean =>
      store.edits.peek() === edits && store.model.peek() === place.model && store.target.peek() === place.target;
    void ask(store, place, edits).then((state) => {
      if (state !== null && isCurrent()) store.whatIf.value = state;
    });
  });
}

/** Null: another question came first. */
async function ask({ simulator }: Store, place: Place, edits: string): Promise<WhatIfState | null> {
  try {
    return { state: 'there', answer: await simulator.ask({ kind: 'whatIf', place, edits }) };
  } catch (error) {
    if (error instanceof SupersededError) return null;
    if (error instanceof SimulatorError) return { state: 'wrong', message: error.message };
    throw error;
  }
}
