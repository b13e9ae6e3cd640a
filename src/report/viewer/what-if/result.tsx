/** What the edits come to: totals, budgets, layers, memory, and what could not be done. */
import { adviceBlocks } from '../../optimize-text.ts';
import { Blocks } from '../shell/blocks.tsx';
import { Words } from '../shell/words.tsx';
import { said } from '../../phrase.ts';
import { shownAnswer } from '../state/what-if-state.ts';
import { useStore } from '../state/store.ts';
import type { WhatIfAnswer } from '../worker/protocol.ts';
import { Assumed } from './assumed.tsx';
import { CommandLines } from './command-lines-shown.tsx';
import { LayerChanges } from './layer-changes.tsx';
import { MemoryLines } from './memory-lines.tsx';
import { budgetBlocks, resultSentence } from './result-words.ts';

export function Result() {
  const { whatIf } = useStore();
  const state = whatIf.value;
  const answer = shownAnswer(state);
  return (
    <section class="what-if-result" aria-label="Result" aria-busy={state.state === 'asking'}>
      <p class={state.state === 'wrong' ? 'problem' : 'what-if-sentence'} role="status">
        {state.state === 'wrong' ? <Words phrase={[said(state.message)]} /> : null}
        {state.state === 'asking' && answer === null ? 'Compiling and simulating …' : null}
        {answer === null ? null : resultSentence(answer.document)}
      </p>
      {answer === null ? null : <Answer answer={answer} />}
    </section>
  );
}

function Answer({ answer }: { readonly answer: WhatIfAnswer }) {
  const { document, memoryTimeline, assumed, changes, added } = answer;
  const { targetReport } = useStore();
  return (
    <>
      <Blocks blocks={budgetBlocks(document.budgets)} />
      {assumed.length === 0 ? null : <Assumed weights={assumed.length} />}
      <Blocks blocks={adviceBlocks(document, 'markdown').slice(1)} />
      <LayerChanges changes={changes} added={added} />
      <MemoryLines now={targetReport.value?.memoryTimeline.head ?? null} edited={memoryTimeline} />
      <CommandLines />
    </>
  );
}
