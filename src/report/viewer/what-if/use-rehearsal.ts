/** When a rehearsal is worth its battery. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { useMedia } from '../shell/use-media.ts';
import { useStore } from '../state/store.ts';
import { startRehearsal, type Rehearsal } from './rehearsal.ts';
import { textOf, withEdits, type EditList } from './edit-list.ts';

interface RehearsalInPanel {
  /** Edits that are written and not added yet. */
  readonly considerMore: (texts: readonly string[]) => void;
  /** All edits, as a text that is not applied yet. */
  readonly consider: (edits: string) => void;
  /** The reader is at work in the panel. */
  readonly touch: () => void;
}

/** Usual suggestions of a report. */
const mostLikely = 3;

/**
 * From when the panel is open: most readers never open it, and who does thinks for a second or two before the first
 * question. Where a finger points there may be a small battery, and the panel may have been passed while looking for
 * another one: there the reader has to touch something in it.
 */
export function useRehearsal(list: EditList): RehearsalInPanel {
  const { simulator, model, target, modelReport, targetReport } = useStore();
  const place = { model: model.value, target: target.value };
  const isThere = modelReport.value?.status !== 'removed';
  const isByFinger = useMedia('(pointer: coarse)');
  const [isTouched, setIsTouched] = useState(false);
  const isWorthwhile = isThere && (isTouched || !isByFinger);
  const rehearsal = useRef<Rehearsal | null>(null);
  const considered = useRef('');
  useEffect(() => {
    // What the answer is compared with. Where it fails, so does the first what-if, and says why.
    if (isThere) simulator.ask({ kind: 'prepare', place }).catch(() => undefined);
  }, [simulator, place.model, place.target, isThere]);
  useEffect(() => {
    if (!isWorthwhile) return undefined;
    const rehearse = (edits: string, isKept: boolean) => simulator.ask({ kind: 'rehearse', place, edits, isKept });
    const likely = (targetReport.peek()?.suggestions ?? []).slice(0, mostLikely).map(({ edits }) => edits);
    const started = startRehearsal({ rehearse, now: () => performance.now(), seen: whenSeen }, likely);
    started.expect(considered.current);
    rehearsal.current = started;
    return () => {
      started.stop();
      rehearsal.current = null;
    };
  }, [simulator, place.model, place.target, isWorthwhile]);
  const consider = (edits: string): void => {
    considered.current = edits;
    rehearsal.current?.expect(edits);
  };
  return {
    consider,
    considerMore: (texts) => consider(texts.length === 0 ? '' : textOf(withEdits(list, texts))),
    touch: () => setIsTouched(true),
  };
}

function whenSeen(): Promise<void> {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    document.addEventListener('visibilitychange', () => resolve(), { once: true });
  });
}
