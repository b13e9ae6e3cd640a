/** Slices of the smallest norm go. */
import type { ChangedElements, Elements, NotKnown, ReadConstant } from './changed-elements.ts';
import { slicingOf } from './changed-elements.ts';
import type { ElementStream } from './element-stream.ts';
import { eachElement, filterElements } from './element-stream.ts';
import type { PrunedAxis, PrunedRun, RankedSlices } from './weight-change.ts';

export function prune(
  { shape, stream }: Elements,
  axes: readonly PrunedAxis[],
  read: ReadConstant,
): ChangedElements | NotKnown {
  const keeps: { readonly axis: number; readonly slices: readonly boolean[] }[] = [];
  for (const { axis, runs } of axes) {
    const slices = slicesKept(runs, read);
    if ('reason' in slices) return slices;
    keeps.push({ axis, slices });
  }
  const tests = keeps.map(({ axis, slices }) => ({ ...slicingOf(shape, axis), slices }));
  const stays = (index: number) => tests.every(({ size, inner, slices }) => slices[Math.floor(index / inner) % size]);
  const values = filterElements(stream, stays);
  const left = keeps.reduce((sizes, { axis, slices }) => sizes.with(axis, slices.filter(Boolean).length), [...shape]);
  return { shape: left, values, stored: values, storage: [], restored: restoring(stream, stays) };
}

/** Zeros in place of what went. */
function restoring(stream: ElementStream, stays: (index: number) => boolean) {
  return (left: ElementStream): ElementStream =>
    function* () {
      const kept = eachElement(left);
      let first = 0;
      for (const chunk of stream()) {
        const start = first;
        yield chunk.map((_, place) => (stays(start + place) ? (kept.next().value ?? 0) : 0));
        first += chunk.length;
      }
    };
}

/** By slice along the axis: whether it stays. */
function slicesKept(runs: readonly PrunedRun[], read: ReadConstant): readonly boolean[] | NotKnown {
  const slices: boolean[] = [];
  for (const run of runs) {
    const channels = channelsKept(run, read);
    if ('reason' in channels) return channels;
    for (const kept of channels) for (let each = 0; each < run.width; each++) slices.push(kept);
  }
  return slices;
}

/** The channels with the largest sums of squares stay; of equal ones those that come last. */
function channelsKept({ channels, kept, ranked }: PrunedRun, read: ReadConstant): readonly boolean[] | NotKnown {
  const sums = new Float64Array(channels);
  if (kept === channels) return Array.from(sums, () => true);
  for (const slices of ranked) {
    const elements = read(slices.weight);
    if ('reason' in elements) return elements;
    addSquares(sums, elements, slices);
  }
  const order = [...sums.keys()].sort((left, right) => compareSums(sums[left]!, sums[right]!) || left - right);
  const dropped = new Set(order.slice(0, Math.max(0, channels - kept)));
  return Array.from(sums, (_, channel) => !dropped.has(channel));
}

function addSquares(sums: Float64Array, { shape, stream }: Elements, { axis, start, width }: RankedSlices): void {
  const { size, inner } = slicingOf(shape, axis);
  let index = 0;
  for (const chunk of stream()) {
    for (const element of chunk) {
      const channel = Math.floor(((Math.floor(index++ / inner) % size) - start) / width);
      if (channel >= 0 && channel < sums.length) sums[channel]! += element * element;
    }
  }
}

/** What is no number is larger than all. */
function compareSums(left: number, right: number): number {
  if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
  return left < right ? -1 : left > right ? 1 : 0;
}
