/** Errors of outputs, summed up run by run. */
import type { OutputError } from './verification.ts';

/** Sums over all elements so far. */
export interface OutputSums {
  readonly signal: number;
  readonly noise: number;
  readonly edited: number;
  readonly product: number;
  /** Elements that are no finite numbers. */
  readonly originalNotFinite: number;
  readonly editedNotFinite: number;
  /** Why a run could not be compared. */
  readonly reason?: string;
}

export const noSums: OutputSums = {
  ...{ signal: 0, noise: 0, edited: 0, product: 0 },
  ...{ originalNotFinite: 0, editedNotFinite: 0 },
};

/** `undefined`: the output is no tensor of plain numbers. */
export function addRun(
  sums: OutputSums,
  original: Float64Array | undefined,
  edited: Float64Array | undefined,
): OutputSums {
  if (original === undefined || edited === undefined) return { ...sums, reason: 'its elements are no plain numbers' };
  if (original.length !== edited.length) {
    return { ...sums, reason: `its length depends on the data: ${original.length} and ${edited.length} elements` };
  }
  let { signal, noise, edited: power, product, originalNotFinite, editedNotFinite } = sums;
  for (const [index, before] of original.entries()) {
    const after = edited[index]!;
    if (!Number.isFinite(before)) originalNotFinite += 1;
    if (!Number.isFinite(after)) editedNotFinite += 1;
    signal += before * before;
    noise += (before - after) ** 2;
    power += after * after;
    product += before * after;
  }
  return { ...sums, signal, noise, edited: power, product, originalNotFinite, editedNotFinite };
}

export function outputError(name: string, sums: OutputSums): OutputError {
  const reason = sums.reason ?? notFinite(sums);
  if (reason !== undefined) return { name, sqnrDecibels: null, cosine: null, reason };
  const { signal, noise, edited, product } = sums;
  const cosine = signal === 0 || edited === 0 ? null : Math.min(1, product / Math.sqrt(signal * edited));
  if (noise === 0) return { name, sqnrDecibels: null, cosine };
  if (signal === 0) return { name, sqnrDecibels: null, cosine, reason: 'the original gives nothing but zeros' };
  return { name, sqnrDecibels: 10 * Math.log10(signal / noise), cosine };
}

function notFinite(sums: OutputSums): string | undefined {
  const { originalNotFinite, editedNotFinite, signal, noise, edited } = sums;
  if (originalNotFinite > 0) return `${elements(originalNotFinite)} not finite in the original`;
  if (editedNotFinite > 0) return `${elements(editedNotFinite)} not finite in the edited model`;
  return Number.isFinite(signal * edited) && Number.isFinite(noise) ? undefined : 'too large to be squared';
}

function elements(count: number): string {
  return count === 1 ? '1 element is' : `${count} elements are`;
}
