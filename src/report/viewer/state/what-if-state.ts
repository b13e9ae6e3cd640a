/** How far the page is with the answer to its what-if. */
import type { WhatIfAnswer } from '../worker/protocol.ts';

export type WhatIfState =
  | { readonly state: 'none' }
  /** `before`: the answer that is shown until the new one comes. */
  | { readonly state: 'asking'; readonly before: WhatIfAnswer | null }
  | { readonly state: 'there'; readonly answer: WhatIfAnswer }
  /** In a line for the reader. */
  | { readonly state: 'wrong'; readonly message: string };

/** Of the place that is shown; null while there is none. */
export function shownAnswer(whatIf: WhatIfState): WhatIfAnswer | null {
  if (whatIf.state === 'there') return whatIf.answer;
  return whatIf.state === 'asking' ? whatIf.before : null;
}
