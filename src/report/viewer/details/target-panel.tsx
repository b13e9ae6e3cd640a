/** The target in full: its numbers with their sources, how far off they were. */
import { useEffect, useState } from 'preact/hooks';
import { useStore } from '../state/store.ts';

type Answer = { readonly text: string } | { readonly problem: string } | undefined;

export function TargetPanel() {
  const { target, simulator, targetReport } = useStore();
  const index = target.value;
  const [answer, setAnswer] = useState<Answer>(undefined);
  useEffect(() => {
    let current = true;
    const answered = (one: Answer): void => (current ? setAnswer(one) : undefined);
    answered(undefined);
    simulator.ask({ kind: 'targetText', target: index }).then(
      ({ text }) => answered({ text }),
      (error: unknown) => answered({ problem: error instanceof Error ? error.message : String(error) }),
    );
    return () => void (current = false);
  }, [index, simulator]);
  const name = targetReport.value?.target.name ?? '';
  return (
    <article class="details">
      <h3 class="details-title">
        <bdi>{name}</bdi>
      </h3>
      {answer === undefined ? <p class="hint">Reading the target…</p> : null}
      {answer !== undefined && 'problem' in answer ? <p class="problem">{answer.problem}</p> : null}
      {answer !== undefined && 'text' in answer ? (
        <pre tabIndex={0} aria-label="The numbers of the target and their sources">
          {answer.text}
        </pre>
      ) : null}
    </article>
  );
}
