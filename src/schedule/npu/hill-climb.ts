/**
 * Addresses as Arm's compiler finds them (Vela 5.2's allocator, Apache-2.0; restated): from a good order, swaps of
 * those ranges that decide where the topmost one lies, until nothing lower was found for long.
 */
import { mersenneTwister } from './mersenne-twister.ts';
import type { Neighbourhood, TimedBytes } from './neighbourhood.ts';
import { neighbourhoodOf } from './neighbourhood.ts';
import type { Placed } from './placed.ts';
import { placeInOrder, rearranging, topmost } from './placed.ts';
import { swapsOf } from './swaps.ts';

export interface Addresses {
  readonly addresses: readonly number[];
  readonly endBytes: number;
}

const mostSteps = 99_999;
/** Steps without a better result after which the search ends, or swaps more. */
const patientSteps = 5_000;
const stuckSteps = 25;
/** Vela has no such limit: neighbours looked at, over all steps, so that time stays bounded. */
const lookedAt = 2_000_000;

/** What was asked last, and what came of it: a what-if moves weights more often than it moves feature maps. */
const lastClimbs: { readonly question: Float64Array; readonly found: Addresses }[] = [];
const [mostRemembered, mostRanges] = [4, 10_000];

/** The same ranges in the same order get the same addresses, so the last answers are kept. */
export function climb(ranges: readonly TimedBytes[], alignBytes: number, limitBytes: number): Addresses {
  const question = questionOf(ranges, alignBytes, limitBytes);
  const at = lastClimbs.findIndex((last) => isSame(last.question, question));
  const [known] = at < 0 ? [{ question, found: search(ranges, alignBytes, limitBytes) }] : lastClimbs.splice(at, 1);
  if (ranges.length <= mostRanges) lastClimbs.unshift(known!);
  lastClimbs.length = Math.min(lastClimbs.length, mostRemembered);
  return known!.found;
}

function questionOf(ranges: readonly TimedBytes[], alignBytes: number, limitBytes: number): Float64Array {
  const question = new Float64Array(2 + 3 * ranges.length);
  question.set([alignBytes, limitBytes]);
  let at = 2;
  for (const { bytes, start, end } of ranges) {
    question[at++] = bytes;
    question[at++] = start;
    question[at++] = end;
  }
  return question;
}

function isSame(one: Float64Array, other: Float64Array): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

function search(ranges: readonly TimedBytes[], alignBytes: number, limitBytes: number): Addresses {
  if (ranges.length === 0) return { addresses: [], endBytes: 0 };
  const neighbourhood = neighbourhoodOf(ranges, alignBytes);
  const placed = placeInOrder(urgentFirst(ranges, neighbourhood), neighbourhood);
  if (endOf(placed) > neighbourhood.target) improve(neighbourhood, placed, limitBytes);
  return { addresses: [...placed.address], endBytes: endOf(placed) };
}

function endOf(placed: Placed): number {
  return placed.end[topmost(placed)]!;
}

/** Those alive when most is alive first, then the long-lived, the early and the large. */
function urgentFirst(ranges: readonly TimedBytes[], { urgency }: Neighbourhood): Int32Array {
  return Int32Array.from(ranges.keys()).sort((a, b) => {
    const [one, other] = [ranges[a]!, ranges[b]!];
    return (
      urgency[b]! - urgency[a]! ||
      other.end - other.start - (one.end - one.start) ||
      one.start - other.start ||
      other.bytes - one.bytes ||
      a - b
    );
  });
}

/** Whatever is no worse is taken. */
function improve(search: Neighbourhood, placed: Placed, limitBytes: number): void {
  const swapSome = swapsOf(search, mersenneTwister());
  const { tryOut } = rearranging(search, placed);
  let top = topmost(placed);
  let best = placed.end[top]!;
  let improvedAt = 0;
  const steps = Math.min(mostSteps, Math.floor(lookedAt / Math.max(1, search.met.length)));
  for (let step = 0; step < steps; step++) {
    if (tryOut(swapSome(placed, top, step - improvedAt > stuckSteps), best)) {
      top = topmost(placed);
      const size = placed.end[top]!;
      if (size < best) improvedAt = step;
      best = size;
      if (best <= search.target) break;
    }
    if (best <= limitBytes && step - improvedAt > patientSteps) break;
  }
}
