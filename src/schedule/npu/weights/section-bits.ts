/** Bits that a stretch of weights takes in the compressed stream of an Ethos-U (Vela 5.2's format, restated). */
import type { ParameterSlice } from './golomb-rice.ts';
import { runParameters, runSlices, weightParameters, weightSlices } from './golomb-rice.ts';
import type { Palette } from './palette.ts';
import { bitLength, paletteOf, valueOffset } from './palette.ts';

/** Kinds of zeros and weights, length, divisors and whether a palette follows. */
const headerBits = 23;
const paletteHeaderBits = 13;
const longestSlice = 2 ** 15 - 1;
/** Places for unary quotients in one chunk. */
const unaryPlaces = 12;
/** Of runs coded with the largest divisor. */
const shortUnaryPlaces = 8;
const largestRunDivisor = 3;

/** @param weights less their zero point, in the order in which the hardware reads them; not empty */
export function sectionBits(weights: Int16Array): number {
  const palette = paletteOf(weights);
  const { codes, runs } = codesOf(weights, palette);
  const plainBits = plainBitsOf(palette);
  const weightPieces = weightSlices(codes, plainBits);
  const runPieces = palette.codesZeroRuns ? runSlices(runs) : [];
  let bits = paletteHeaderBits + palette.size * palette.entryBits;
  let from = 0;
  let isFirst = true;
  const next = (pieces: readonly ParameterSlice[]) => pieces.find(({ end }) => end > from) ?? pieces.at(-1);
  while (from < codes.length || isFirst) {
    const weightPiece = next(weightPieces);
    const runPiece = next(runPieces);
    const length = Math.min(longestSlice, weightPiece === undefined ? 0 : weightPiece.end - from);
    bits += headerBits;
    if (weightPiece !== undefined)
      bits += weightBits(codes.subarray(from, from + length), weightPiece.parameter, plainBits);
    // The first slice codes the run in front of its first weight too.
    if (runPiece !== undefined)
      bits += runBits(runs.subarray(isFirst ? 0 : from + 1, from + length + 1), runPiece.parameter);
    // The encoder goes on where the first of the two parameters changes.
    from += Math.min(length, runPiece === undefined ? Infinity : runPiece.end - from);
    isFirst = false;
    if (length === 0) break;
  }
  return bits;
}

/** Plain values are indices of a complete palette, or the weights themselves where there is none. */
function plainBitsOf({ complete, size, entryBits }: Palette): number {
  if (complete && size > 0) return bitLength(size - 1);
  return size === 0 ? entryBits : 0;
}

/** What is coded: one code for each weight that is no part of a run, and the length of the run before each. */
function codesOf(weights: Int16Array, { codesZeroRuns, onlyZeros, codeOf }: Palette) {
  const codes = new Int16Array(weights.length);
  let count = 0;
  if (!codesZeroRuns) {
    for (; count < weights.length; count++) codes[count] = codeOf[weights[count]! + valueOffset]!;
    return { codes, runs: new Int32Array(0) };
  }
  const runs = new Int32Array(weights.length + 1);
  let run = 0;
  for (let place = 0; place < weights.length; place++) {
    const weight = weights[place]!;
    // A section of nothing but zeros codes its first one, so that there is a weight at all.
    if (weight === 0 && !(onlyZeros && place === 0)) {
      run++;
      continue;
    }
    runs[count] = run;
    codes[count++] = codeOf[weight + valueOffset]!;
    run = 0;
  }
  runs[count] = run;
  return { codes: codes.subarray(0, count), runs: runs.subarray(0, count + 1) };
}

/**
 * Unary quotients go two at a time into chunks of twelve places, with a second bit for each place that is not empty;
 * the remainders follow.
 */
function weightBits(codes: Int16Array, parameter: number, plainBits: number): number {
  const { divisorBits, truncated, plain } = weightParameters[parameter]!;
  if (plain) return codes.length * plainBits;
  let places = 0;
  let filled = 0;
  for (const code of codes) {
    const quotient = code >> divisorBits;
    places += truncated ? 1 : (quotient >> 1) + 1;
    filled += truncated ? Math.min(quotient, 1) : (quotient + 1) >> 1;
  }
  return Math.ceil(places / unaryPlaces) * unaryPlaces + filled + codes.length * divisorBits;
}

function runBits(runs: Int32Array, parameter: number): number {
  const { divisorBits } = runParameters[parameter]!;
  const perChunk = divisorBits < largestRunDivisor ? unaryPlaces : shortUnaryPlaces;
  let places = runs.length;
  for (const run of runs) places += run >> divisorBits;
  return Math.ceil(places / perChunk) * perChunk + runs.length * divisorBits;
}
