/** The target in full: its numbers with their sources, how far off they were. */
import { useAnswer } from '../shell/use-answer.ts';
import { useStore } from '../state/store.ts';

export function TargetPanel() {
  const { target, targetReport } = useStore();
  const reply = useAnswer<'targetText'>({ kind: 'targetText', target: target.value });
  return (
    <article class="details" aria-busy={reply.state === 'waiting'}>
      <h3 class="details-title">
        <bdi>{targetReport.value?.target.name}</bdi>
      </h3>
      {reply.state === 'waiting' ? <p class="hint">Reading the target…</p> : null}
      {reply.state === 'failed' ? <p class="problem">{reply.problem}</p> : null}
      {reply.state === 'answered' ? (
        <pre tabIndex={0} role="region" aria-label="The numbers of the target and their sources">
          {reply.answer.text}
        </pre>
      ) : null}
    </article>
  );
}
