/** Schedules of the open model, asked of the worker once each. */
import { useEffect, useState } from 'preact/hooks';
import { useStore } from '../state/store.ts';
import type { Simulator } from '../worker/client.ts';
import type { ScheduleAnswer, SideName } from '../worker/protocol.ts';

export type Loaded =
  | { readonly state: 'loading' }
  | { readonly state: 'there'; readonly answer: ScheduleAnswer }
  | { readonly state: 'failed'; readonly message: string };

const known = new WeakMap<Simulator, Map<string, Promise<Loaded>>>();

/** Null: nobody needs it. */
export function useSchedule(side: SideName | null): Loaded {
  const { simulator, model, target } = useStore();
  const key = side === null ? '' : `${model.value} ${target.value} ${side}`;
  const [loaded, setLoaded] = useState<{ readonly key: string; readonly value: Loaded }>();
  useEffect(() => {
    if (side === null) return undefined;
    let isWanted = true;
    void asked(simulator, { model: model.value, target: target.value, side }).then((value) => {
      if (isWanted) setLoaded({ key, value });
    });
    return () => {
      isWanted = false;
    };
  }, [key]);
  return loaded?.key === key ? loaded.value : { state: 'loading' };
}

interface Wanted {
  readonly model: number;
  readonly target: number;
  readonly side: SideName;
}

function asked(simulator: Simulator, { model, target, side }: Wanted): Promise<Loaded> {
  const answers = known.get(simulator) ?? new Map<string, Promise<Loaded>>();
  known.set(simulator, answers);
  const key = `${model} ${target} ${side}`;
  const earlier = answers.get(key);
  if (earlier !== undefined) return earlier;
  const answer = ask(simulator, { model, target, side });
  answers.set(key, answer);
  // Asked again the next time.
  void answer.then(({ state }) => state === 'failed' && answers.delete(key));
  return answer;
}

async function ask(simulator: Simulator, { side, ...place }: Wanted): Promise<Loaded> {
  try {
    return { state: 'there', answer: await simulator.ask({ kind: 'schedule', place, side }) };
  } catch (error) {
    return { state: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}
