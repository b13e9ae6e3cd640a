/**
 * Golomb-Rice parameters of a stream of codes: greedily, a slice ends where another parameter has become cheaper by
 * more than starting a slice costs. As Vela 5.2's encoder searches (Apache-2.0), restated.
 */

/** One way of coding a value: a quotient in unary, a remainder in bits; or the plain bits. */
interface Parameter {
  readonly divisorBits: number;
  /** Quotients up to 2 only, in two bits at most. */
  readonly truncated: boolean;
  readonly plain: boolean;
}

export type Parameters = readonly Parameter[];

export const runParameters: Parameters = [0, 1, 2, 3].map((divisorBits) => ({
  divisorBits,
  truncated: false,
  plain: false,
}));

const rice = (truncated: boolean): Parameters =>
  [0, 1, 2, 3, 4, 5].map((divisorBits) => ({ divisorBits, truncated, plain: false }));

export const weightParameters: Parameters = [
  ...rice(false),
  ...rice(true),
  { divisorBits: 0, truncated: false, plain: true },
];

/** What changing the parameter costs, in bits. */
const sliceBits = 40;
/** A stretch in which plain bits are not to be had. */
const noPlainBits = 100;
const largestQuotient = 31;
const largestTruncated = 2;

export interface ParameterSlice {
  readonly parameter: number;
  /** One behind the last value. */
  readonly end: number;
}

interface Costs {
  readonly parameters: number;
  /** By value and parameter; 0: this parameter cannot code the value. */
  readonly bits: Int32Array;
}

/** Codes of weights are smaller than this; longer runs of zeros cost as much as one of this length. */
const longestTabled = 4096;

function costsOf(parameters: Parameters, plainBits: number, bounded: boolean): Costs {
  const bits = new Int32Array((longestTabled + 1) * parameters.length);
  for (const [place, parameter] of parameters.entries()) {
    for (let value = 0; value <= longestTabled; value++) {
      bits[value * parameters.length + place] = bitsOf(value, parameter, plainBits, bounded);
    }
  }
  return { parameters: parameters.length, bits };
}

function bitsOf(value: number, parameter: Parameter, plainBits: number, bounded: boolean): number {
  const { divisorBits, truncated, plain } = parameter;
  if (plain) return plainBits > 0 ? plainBits : noPlainBits;
  const quotient = value >> divisorBits;
  const codable = !bounded || (quotient <= largestQuotient && (!truncated || quotient <= largestTruncated));
  if (!codable) return 0;
  return divisorBits + (truncated ? Math.min(quotient + 1, 2) : quotient + 1);
}

/** By bits of plain values, of which there are few; sections are many. */
const weightCosts = new Map<number, Costs>();
let runCosts: Costs | undefined;

/** @param plainBits of an uncompressed value; 0: there are no plain values */
export function weightSlices(codes: Int16Array, plainBits: number): readonly ParameterSlice[] {
  let costs = weightCosts.get(plainBits);
  if (costs === undefined) weightCosts.set(plainBits, (costs = costsOf(weightParameters, plainBits, true)));
  return search(codes, costs);
}

export function runSlices(runs: Int32Array): readonly ParameterSlice[] {
  runCosts ??= costsOf(runParameters, 0, false);
  return search(runs, runCosts);
}

/** More than any section takes, and an integer, which engines compare faster than Infinity. */
const mostBits = 2 ** 30;

function search(values: Int16Array | Int32Array, costs: Costs): readonly ParameterSlice[] {
  const { parameters, bits } = costs;
  // A section's bits fit 32 bits by far.
  const total = new Int32Array(parameters);
  const resetAt = new Int32Array(parameters);
  const codes = new Uint8Array(parameters);
  const slices: ParameterSlice[] = [];
  let active = -1;
  let activeTotal = 0;
  for (let place = 0; place < values.length; place++) {
    const row = Math.min(values[place]!, longestTabled) * parameters;
    let best = 0;
    let bestTotal = mostBits;
    for (let parameter = 0; parameter < parameters; parameter++) {
      const cost = bits[row + parameter]!;
      if (cost > 0) {
        const sum = (codes[parameter] === 1 ? total[parameter]! : activeTotal) + cost;
        total[parameter] = sum;
        codes[parameter] = 1;
        if (sum < bestTotal) {
          bestTotal = sum;
          best = parameter;
        }
      } else {
        resetAt[parameter] = place + 1;
        total[parameter]! += sliceBits;
        codes[parameter] = 0;
      }
    }
    if (active === -1) active = best;
    else if (codes[active] === 0 || (best !== active && bestTotal + sliceBits < activeTotal)) {
      // Where the better one has been no worse all along, it takes the whole slice.
      const always = total[best]! < total[active]! && resetAt[best]! <= resetAt[active]!;
      if (!always) slices.push({ parameter: active, end: place });
      active = best;
    }
    activeTotal = total[active]!;
  }
  const last = slices.at(-1);
  if (last?.parameter === active) return [...slices.slice(0, -1), { parameter: active, end: values.length }];
  return active === -1 ? slices : [...slices, { parameter: active, end: values.length }];
}
