/** What the model would cost after edits that nobody has made yet. */
import { useEffect } from 'preact/hooks';
import { useStore, type Store } from '../state/store.ts';
import { Composer } from './composer.tsx';
import { EditsText, RunningList } from './edits-shown.tsx';
import { Result } from './result.tsx';
import { Search } from './search.tsx';
import { useEdits } from './use-edits.ts';

export function WhatIfPanel() {
  const store = useStore();
  const { modelReport } = store;
  const { list, change, add } = useEdits();
  usePrepared(store);
  if (modelReport.value?.status === 'removed') return <p class="hint">The head has no such model to edit.</p>;
  return (
    <div class="what-if">
      <Composer onAdd={add} />
      {list === null ? null : <RunningList list={list} onChange={change} />}
      <EditsText />
      <Result />
      <Search onUse={(edits) => change([{ text: edits, on: true }])} />
    </div>
  );
}

/** While the reader thinks of an edit, the worker simulates what the answer is compared with. */
function usePrepared({ simulator, model, target, modelReport }: Store): void {
  const place = { model: model.value, target: target.value };
  const isThere = modelReport.value?.status !== 'removed';
  useEffect(() => {
    // Where it fails, so does the first what-if, and says why.
    if (isThere) simulator.ask({ kind: 'prepare', place }).catch(() => undefined);
  }, [simulator, place.model, place.target, isThere]);
}
