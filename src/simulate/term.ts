/**
 * The currency of the simulator: a kernel's time is a list of terms, and its latency, what bounds it, the causes, the
 * counterfactuals and the uncertainty all follow from that list.
 */
import { power } from './powers.ts';
import type { Bound, Cause } from './simulation.ts';

export interface Term {
  readonly cause: Cause;
  readonly bound: Bound;
  /** Time this term takes when nothing runs beside it. */
  readonly seconds: number;
  /**
   * Terms of one lane follow each other; lanes (the unit's arithmetic, each memory) may overlap. Serial terms overlap
   * with nothing: starting a kernel, handing work over.
   */
  readonly lane: string;
  /** Place in a row of steps that follow each other: lanes overlap within one. Absent: the first. */
  readonly step?: number;
  /** Paths of the target's numbers that this time is inversely or directly proportional to. */
  readonly numbers: readonly string[];
  /** What to tell the reader: which dimension pads, why it fell back. */
  readonly detail?: string;
}

export const serialLane = 'serial';
export const computeLane = 'compute';

/** A term together with the part of the latency that is its own; the parts of all terms add up to the latency. */
export interface TermShare {
  readonly term: Term;
  readonly seconds: number;
}

/**
 * Latency of a kernel: for each step (Σ over lanes of laneᵖ)^(1/p), plus the serial terms. p = 1: nothing overlaps;
 * p = ∞: perfect overlap, the slowest lane counts.
 */
export function latencyOf(terms: readonly Term[], overlapNorm: number): number {
  let total = 0;
  for (const step of stepsOf(terms)) {
    const lanes = laneSeconds(step);
    const serial = lanes.get(serialLane) ?? 0;
    lanes.delete(serialLane);
    total += norm([...lanes.values()], overlapNorm) + serial;
  }
  return total;
}

/** Most kernels are one step. */
function stepsOf(terms: readonly Term[]): readonly (readonly Term[])[] {
  if (terms.every(({ step }) => step === undefined)) return terms.length === 0 ? [] : [terms];
  const steps = new Map<number, Term[]>();
  for (const term of terms) {
    const step = steps.get(term.step ?? 0);
    if (step === undefined) steps.set(term.step ?? 0, [term]);
    else step.push(term);
  }
  return [...steps.values()];
}

/**
 * Splits the latency over the terms. The norm is homogeneous of degree one, so by Euler's theorem the latency is the
 * sum of lane × ∂latency/∂lane: a lane's share is laneᵖ / Σ laneᵖ of the overlapped time. Within a lane, terms share
 * by their own seconds.
 */
export function sharesOf(terms: readonly Term[], overlapNorm: number): TermShare[] {
  return stepsOf(terms).flatMap((step) => stepShares(step, overlapNorm));
}

function stepShares(terms: readonly Term[], overlapNorm: number): TermShare[] {
  const lanes = laneSeconds(terms);
  const serial = lanes.get(serialLane) ?? 0;
  lanes.delete(serialLane);
  const shares = laneShares(lanes, overlapNorm).set(serialLane, serial);
  lanes.set(serialLane, serial);
  return terms.map((term) => {
    const whole = lanes.get(term.lane)!;
    return { term, seconds: whole === 0 ? 0 : (shares.get(term.lane)! * term.seconds) / whole };
  });
}

/** Time in which one lane works, from the start of its kernel. */
export interface LaneSpan {
  readonly lane: string;
  readonly startSeconds: number;
  readonly seconds: number;
}

/**
 * A picture of the overlap that the norm stands for: in each step, behind what is serial, memories come first and the
 * arithmetic last, each lane as early as lets the lanes up to it end where their norm does. With p = 1 they follow each
 * other, with p = ∞ all end with the slowest so far; the last lane ends with its step.
 */
export function laneSpans(terms: readonly Term[], overlapNorm: number): LaneSpan[] {
  const spans: LaneSpan[] = [];
  let start = 0;
  for (const step of stepsOf(terms)) {
    const lanes = laneSeconds(step);
    const serial = lanes.get(serialLane) ?? 0;
    if (serial > 0) spans.push({ lane: serialLane, startSeconds: start, seconds: serial });
    start += serial;
    const working = [...lanes].filter(([lane, seconds]) => lane !== serialLane && seconds > 0);
    working.sort(([a], [b]) => Number(a === computeLane) - Number(b === computeLane));
    const before: number[] = [];
    for (const [lane, seconds] of working) {
      before.push(seconds);
      spans.push({ lane, startSeconds: start + norm(before, overlapNorm) - seconds, seconds });
    }
    start += norm(before, overlapNorm);
  }
  return spans;
}

function laneSeconds(terms: readonly Term[]): Map<string, number> {
  const lanes = new Map<string, number>();
  for (const { lane, seconds } of terms) lanes.set(lane, (lanes.get(lane) ?? 0) + seconds);
  return lanes;
}

function laneShares(lanes: ReadonlyMap<string, number>, overlapNorm: number): Map<string, number> {
  const whole = norm([...lanes.values()], overlapNorm);
  const slowest = Math.max(0, ...lanes.values());
  if (slowest === 0) return new Map([...lanes.keys()].map((lane) => [lane, 0]));
  if (overlapNorm === Infinity) {
    const critical = [...lanes].find(([, seconds]) => seconds === slowest)![0];
    return new Map([...lanes.keys()].map((lane) => [lane, lane === critical ? whole : 0]));
  }
  const weights = [...lanes].map(([lane, seconds]) => [lane, power(seconds / slowest, overlapNorm)] as const);
  const sum = weights.reduce((total, [, weight]) => total + weight, 0);
  return new Map(weights.map(([lane, weight]) => [lane, (whole * weight) / sum]));
}

/** Scaled by the largest value, so that powers of small times do not underflow. */
function norm(values: readonly number[], p: number): number {
  const largest = Math.max(0, ...values);
  if (largest === 0 || p === Infinity) return largest;
  if (p === 1) return values.reduce((sum, value) => sum + value, 0);
  const sum = values.reduce((total, value) => total + power(value / largest, p), 0);
  return largest * (p === 2 ? Math.sqrt(sum) : power(sum, 1 / p));
}
