/** Integers of 4 or 8 bits with a scale for the tensor, for each slice along an axis or for each group within a slice. */
import { elementCount } from '../../formats/dense.ts';
import type { ChangedElements, Elements } from './changed-elements.ts';
import { slicingOf } from './changed-elements.ts';
import type { ElementStream } from './element-stream.ts';
import { mapElements, streamOf } from './element-stream.ts';
import { roundHalfEven } from './rounding.ts';
import type { WeightChange } from './weight-change.ts';

type Quantize = Extract<WeightChange, { kind: 'quantize' }>;

/** How integers stand for numbers: `scale · (integer − zero point)`, by the index that `scaleOf` gives. */
interface Steps {
  readonly scales: Float64Array;
  readonly zeroPoints: Float64Array;
  readonly lowest: number;
  readonly highest: number;
}

/**
 * Beside the integers: scales, and zero points where the change is not symmetric. Groups of one slice follow each other,
 * then those of the next slice.
 */
export function quantize({ shape, stream }: Elements, change: Quantize): ChangedElements {
  const scaleOf = scaleIndex(shape, change);
  const steps = stepsOf(rangesOf(stream, scaleOf.count, scaleOf.of), change);
  const { scales, zeroPoints, lowest, highest } = steps;
  const stored = mapElements(stream, () => (element, index) => {
    const at = scaleOf.of(index);
    return Math.min(highest, Math.max(lowest, roundHalfEven(element / scales[at]!) + zeroPoints[at]!));
  });
  const values = mapElements(stored, () => (integer, index) => {
    const at = scaleOf.of(index);
    return (integer - zeroPoints[at]!) * scales[at]!;
  });
  const beside = change.symmetric ? [scales] : [scales, zeroPoints];
  return { shape, values, stored, storage: beside.map(streamOf) };
}

interface ScaleIndex {
  readonly count: number;
  readonly of: (index: number) => number;
}

/** How many scales, and which one an element has. Without an axis all elements are one slice. */
function scaleIndex(shape: readonly number[], { axis, group }: Quantize): ScaleIndex {
  const { size, inner } = axis === undefined ? { size: 1, inner: elementCount(shape) } : slicingOf(shape, axis);
  if (group === undefined)
    return { count: size, of: size === 1 ? () => 0 : (index) => Math.floor(index / inner) % size };
  const groups = Math.ceil(elementCount(shape) / size / group);
  const of = (index: number) => {
    const outer = Math.floor(index / inner);
    const place = Math.floor(outer / size) * inner + (index - outer * inner);
    return (outer % size) * groups + Math.floor(place / group);
  };
  return { count: size * groups, of };
}

interface Ranges {
  /** Smallest and largest elements, 0 among them. */
  readonly low: Float64Array;
  readonly high: Float64Array;
}

function rangesOf(stream: ElementStream, count: number, of: (index: number) => number): Ranges {
  const low = new Float64Array(count);
  const high = new Float64Array(count);
  let index = 0;
  for (const chunk of stream()) {
    for (const element of chunk) {
      const at = of(index++);
      if (element < low[at]!) low[at] = element;
      if (element > high[at]!) high[at] = element;
    }
  }
  return { low, high };
}

function stepsOf({ low, high }: Ranges, { bits, symmetric }: Quantize): Steps {
  const highest = 2 ** (bits - 1) - 1;
  const lowest = -(2 ** (bits - 1));
  // A range without extent has steps of 1.
  const scales = low.map((least, at) => {
    const most = high[at]!;
    return (symmetric ? Math.max(-least, most) / highest : (most - least) / (highest - lowest)) || 1;
  });
  if (symmetric) return { scales, zeroPoints: new Float64Array(low.length), lowest: -highest, highest };
  const zeroPoints = low.map((least, at) =>
    Math.min(highest, Math.max(lowest, roundHalfEven(lowest - least / scales[at]!))),
  );
  return { scales, zeroPoints, lowest, highest };
}
