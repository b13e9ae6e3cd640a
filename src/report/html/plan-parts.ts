/** What a picture of a module is planned of. Sizes are pixels. */
import type { Box } from './document.ts';

/** Room for two lines of text. */
export const boxSize = { width: 190, height: 44 } as const;

/** Indices of boxes. */
export interface Link {
  readonly from: number;
  readonly to: number;
}

export interface Plan {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  /** A line for each link, in their order. */
  readonly lines: readonly (readonly (readonly [number, number])[])[];
}
