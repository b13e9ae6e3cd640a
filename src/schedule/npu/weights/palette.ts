/**
 * How Arm's Ethos-U compress a stretch of weights: a palette of frequent values, the rest as magnitude and sign, zeros
 * as the lengths of their runs where they are many. The format is that of Vela 5.2's encoder (Apache-2.0), restated.
 */

/** Weights less their zero point lie within ±255; tables are indexed by `weight + valueOffset`. */
export const valueOffset = 256;
export const valueCount = 512;

export interface Palette {
  /** Entries; 0: no palette. */
  readonly size: number;
  /** Of an entry, or of the largest value where there is no palette. */
  readonly entryBits: number;
  /** Every value has an entry. */
  readonly complete: boolean;
  readonly codesZeroRuns: boolean;
  readonly onlyZeros: boolean;
  /** What is coded for each value, by `value + valueOffset`. */
  readonly codeOf: Int16Array;
}

const largestPalette = 32;
const largestCode = 511;
const largestDirectOffset = 31;
/** Runs of zeros are coded where zero is this much more frequent than any other value. */
const zeroDominance = 5;
const shortestRun = 2;

interface Statistics {
  readonly counts: Int32Array;
  readonly zerosInRuns: number;
}

/** @param weights one section, less the zero point */
export function paletteOf(weights: Int16Array): Palette {
  const { counts, zerosInRuns } = statisticsOf(weights);
  const zeros = counts[valueOffset]!;
  const commonest = counts.reduce((most, count, value) => (value !== valueOffset && count > most ? count : most), 0);
  const codesZeroRuns = zerosInRuns >= Math.floor(zeros / 2) && zeros > zeroDominance * commonest;
  return choosePalette(bySignMagnitude(counts, codesZeroRuns), codesZeroRuns);
}

function statisticsOf(weights: Int16Array): Statistics {
  const counts = new Int32Array(valueCount);
  let run = 0;
  let zerosInRuns = 0;
  for (const weight of weights) {
    counts[weight + valueOffset]!++;
    if (weight === 0) run++;
    else {
      if (run >= shortestRun) zerosInRuns += run;
      run = 0;
    }
  }
  return { counts, zerosInRuns: run >= shortestRun ? zerosInRuns + run : zerosInRuns };
}

/** Counts by `2 · magnitude + sign`; zeros have none where their runs are coded. */
function bySignMagnitude(counts: Int32Array, codesZeroRuns: boolean): Int32Array {
  const sorted = new Int32Array(valueCount);
  for (let value = -255; value <= 255; value++) {
    if (value === 0 && codesZeroRuns) continue;
    sorted[signMagnitude(value)] = counts[value + valueOffset]!;
  }
  return sorted;
}

function signMagnitude(value: number): number {
  return value < 0 ? -2 * value + 1 : 2 * value;
}

function choosePalette(counts: Int32Array, codesZeroRuns: boolean): Palette {
  const used = [...counts.keys()].filter((code) => counts[code]! > 0);
  // Among equal counts the larger code comes first.
  used.sort((a, b) => counts[b]! - counts[a]! || b - a);
  const largest = used.reduce((most, code) => Math.max(most, code), 0);
  const total = used.reduce((sum, code) => sum + counts[code]!, 0);
  const complete = used.length > 0 && used.length <= largestPalette;
  const limit = complete ? largestPalette : Math.min(largestPalette, largestCode - largest);
  const entries = limit === 1 ? [] : used.slice(0, limit);
  const covered = entries.reduce((sum, code) => sum + counts[code]!, 0);
  // A palette that holds less than half of the weights does not pay.
  const pays = covered >= Math.floor(total / 2);
  const largestEntry = entries.reduce((most, code) => Math.max(most, code), 0);
  // The only value of all gets a second entry that nothing refers to.
  const table = pays ? (entries.length === 1 ? [...entries, 0] : entries) : [];
  const firstUsed = counts.findIndex((count) => count > 0);
  const directOffset = total === 0 ? 0 : Math.min(firstUsed, largestDirectOffset);
  return {
    size: table.length,
    entryBits: Math.max(2, bitLength(pays ? largestEntry : largest)),
    complete,
    codesZeroRuns,
    onlyZeros: total === 0,
    codeOf: codesOf(table, directOffset),
  };
}

/** Places in the palette, behind it the sign and magnitude of what is not in it, less the offset. */
function codesOf(table: readonly number[], directOffset: number): Int16Array {
  const codes = new Int16Array(valueCount);
  const base = table.length - directOffset;
  for (let magnitude = 0; magnitude < valueOffset; magnitude++) {
    codes[valueOffset - magnitude] = base + 2 * magnitude + 1;
    codes[valueOffset + magnitude] = base + 2 * magnitude;
  }
  for (const [place, code] of table.entries()) {
    const magnitude = code >> 1;
    codes[valueOffset + (code % 2 === 1 ? -magnitude : magnitude)] = place;
  }
  return codes;
}

/** Bits that the number needs. */
export function bitLength(value: number): number {
  let bits = 0;
  while (2 ** bits <= value) bits++;
  return bits;
}
