/** What the worker answers, as it comes. */
import { useEffect, useState } from 'preact/hooks';
import { useStore } from '../state/store.ts';
import type { Answers, Kind, Question } from '../worker/protocol.ts';

export type Reply<K extends Kind> =
  | { readonly state: 'waiting' }
  | { readonly state: 'answered'; readonly answer: Answers[K] }
  /** A line for the reader. */
  | { readonly state: 'failed'; readonly problem: string };

/** @param question null: there is nothing to ask; asked again when its text is another */
export function useAnswer<K extends Kind>(question: Extract<Question, { kind: K }> | null): Reply<K> {
  const { simulator } = useStore();
  const key = JSON.stringify(question);
  const [kept, setKept] = useState<{ readonly key: string; readonly reply: Reply<K> }>();
  useEffect(() => {
    if (question === null) return undefined;
    let current = true;
    const answered = (one: Reply<K>): void => {
      if (current) setKept({ key, reply: one });
    };
    simulator.ask<K>(question).then(
      (answer) => answered({ state: 'answered', answer }),
      (error: unknown) =>
        answered({ state: 'failed', problem: error instanceof Error ? error.message : String(error) }),
    );
    return () => void (current = false);
  }, [key, simulator]);
  // Never that to another question.
  return kept?.key === key ? kept.reply : { state: 'waiting' };
}
