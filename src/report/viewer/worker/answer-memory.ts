/** Answers to what-ifs, those that were asked for last: as many as have few figures in all. */
import type { WhatIfAnswer } from './protocol.ts';

export interface AnswerMemory {
  readonly get: (key: string) => WhatIfAnswer | undefined;
  /** As the last one that was asked for. */
  readonly put: (key: string, answer: WhatIfAnswer) => void;
}

/** Of all answers together: some ten megabytes. */
const mostEntries = 40_000;

export function createAnswerMemory(): AnswerMemory {
  const known = new Map<string, WhatIfAnswer>();
  return {
    get: (key) => known.get(key),
    put: (key, answer) => {
      known.delete(key);
      known.set(key, answer);
      let entries = 0;
      for (const [other, one] of [...known].toReversed()) {
        entries += entriesOf(one);
        if (entries > mostEntries) known.delete(other);
      }
    },
  };
}

function entriesOf({ document, changes, memoryTimeline }: WhatIfAnswer): number {
  return document.layers.length + document.notApplied.length + changes.size + (memoryTimeline?.points.length ?? 0);
}
