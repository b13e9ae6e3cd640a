/** Why a layer takes the time it takes: causes with their share of it, and what would be saved without each. */
import type { KernelWork } from './kernel-work.ts';
import type { KernelTime } from './kernel-time.ts';
import { timeKernel } from './kernel-time.ts';
import type { Placement } from './placement.ts';
import type { Bound, Cause, CauseShare } from './simulation.ts';
import type { Term } from './term.ts';
import { latencyOf, serialLane, sharesOf } from './term.ts';

/** Starting kernels is what bounds a layer only where it is most of its time. */
const dispatchThreshold = 0.5;

/**
 * Causes, largest share first. Their seconds add up to the latency: the last one takes what rounding leaves. Work that
 * fell back is due to that, whatever it is bound by on the other unit.
 */
export function explain(kernel: KernelWork, time: KernelTime, placement: Placement): CauseShare[] {
  const terms = time.terms.map((term) => underFallback(term, kernel));
  const seconds = new Map<Cause, number>();
  for (const share of sharesOf(terms, time.overlapNorm)) {
    seconds.set(share.term.cause, (seconds.get(share.term.cause) ?? 0) + share.seconds);
  }
  const shares = [...seconds].map(([cause, own]) => {
    const detail = terms.find((term) => term.cause === cause && term.detail !== undefined)?.detail;
    const savedSeconds = saved(cause, { ...time, terms }, kernel, placement);
    return { cause, seconds: own, savedSeconds, ...(detail !== undefined && { detail }) };
  });
  return closeSum(
    shares.filter((share) => share.seconds > 0 || share.savedSeconds > 0),
    time.latencySeconds,
  );
}

function underFallback(term: Term, { fallback }: KernelWork): Term {
  if (fallback === null || term.lane === serialLane) return term;
  return { ...term, cause: 'cpu-fallback', detail: fallback.reason };
}

/** The layer recomputed with the cause's terms at zero; what fell back, as if the main unit could run it. */
function saved(cause: Cause, time: KernelTime, kernel: KernelWork, placement: Placement): number {
  const without = time.terms.filter((term) => term.cause !== cause);
  const rest = latencyOf(without, time.overlapNorm);
  const there = cause === 'cpu-fallback' ? onMainUnit(kernel, placement) : rest;
  return Math.max(0, time.latencySeconds - there);
}

function onMainUnit(kernel: KernelWork, { target, type }: Placement): number {
  const unit = target.units[0]!;
  const native = unit.macsPerCycle[type] === undefined ? (target.assumedType ?? type) : type;
  return timeKernel({ ...kernel, fallback: null }, { unit, type: native, target }, false).latencySeconds;
}

/** With the largest first, the last is at most half of the sum, so the difference is exact in floating point. */
function closeSum(shares: readonly CauseShare[], latencySeconds: number): CauseShare[] {
  const sorted = shares.toSorted((a, b) => b.seconds - a.seconds || (a.cause < b.cause ? -1 : 1));
  const last = sorted.findLastIndex(({ seconds }) => seconds > 0);
  const before = sorted.slice(0, Math.max(0, last)).reduce((sum, { seconds }) => sum + seconds, 0);
  return sorted.map((share, index) => (index === last ? { ...share, seconds: latencySeconds - before } : share));
}

/** What the layer waits for most; a dispatch must be more than half of the time to count. */
export function boundOf(time: KernelTime): Bound {
  const seconds = new Map<Bound, number>();
  for (const share of sharesOf(time.terms, time.overlapNorm)) {
    seconds.set(share.term.bound, (seconds.get(share.term.bound) ?? 0) + share.seconds);
  }
  const dispatch = seconds.get('dispatch') ?? 0;
  if (dispatch > dispatchThreshold * time.latencySeconds) return 'dispatch';
  const others = [...seconds].filter(([bound]) => bound !== 'dispatch');
  return others.reduce<[Bound, number]>((most, entry) => (entry[1] > most[1] ? entry : most), ['dispatch', 0])[0];
}
