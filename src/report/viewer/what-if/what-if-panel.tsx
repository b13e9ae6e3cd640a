/** What the model would cost after edits that nobody has made yet. */
import { useStore } from '../state/store.ts';
import { Composer } from './composer.tsx';
import { EditsText, RunningList } from './edits-shown.tsx';
import { Result } from './result.tsx';
import { Search } from './search.tsx';
import { useEdits } from './use-edits.ts';
import { useRehearsal } from './use-rehearsal.ts';

export function WhatIfPanel() {
  const { modelReport } = useStore();
  const { list, change, add } = useEdits();
  const { consider, considerMore, touch } = useRehearsal(list ?? []);
  if (modelReport.value?.status === 'removed') return <p class="hint">The head has no such model to edit.</p>;
  return (
    <div class="what-if" onFocusIn={touch}>
      <Composer onAdd={add} onConsider={considerMore} />
      {list === null ? null : <RunningList list={list} onChange={change} />}
      <EditsText onConsider={consider} />
      <Result />
      <Search onUse={(edits) => change([{ text: edits, on: true }])} />
    </div>
  );
}
