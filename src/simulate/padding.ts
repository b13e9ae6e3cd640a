/** Splits the time of multiply-accumulates into what they need and what rounding to the machine's shape adds. */
import type { Term } from './term.ts';
import { computeLane } from './term.ts';

/** Below this share of full lanes the shape is a cause of its own; above, padding is part of computing. */
const shapeThreshold = 0.5;

interface PaddedTime {
  /** With every lane filled. */
  readonly seconds: number;
  readonly paddingSeconds: number;
  /** Which dimension pads, in words. */
  readonly detail: string;
  readonly numbers: readonly string[];
}

export function paddedTerms({ seconds, paddingSeconds, detail, numbers }: PaddedTime): Term[] {
  const compute = { cause: 'compute', bound: 'compute', lane: computeLane, numbers } as const;
  if (seconds >= shapeThreshold * (seconds + paddingSeconds)) {
    return [{ ...compute, seconds: seconds + paddingSeconds }];
  }
  return [
    { ...compute, seconds },
    { ...compute, cause: 'compute-shape', seconds: paddingSeconds, detail },
  ];
}
