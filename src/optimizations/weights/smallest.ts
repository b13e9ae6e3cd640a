/** The smallest magnitudes of a tensor become 0. Beside it stands the mask: 1 for each element that stays. */
import { elementCount } from '../../formats/dense.ts';
import type { ChangedElements, Elements } from './changed-elements.ts';
import type { ElementStream } from './element-stream.ts';
import { inBlocks, mapElements } from './element-stream.ts';
import { slicingOf } from './changed-elements.ts';

/** `share` of all elements, rounded down; of equal ones those that come first. */
export function sparsify({ shape, stream }: Elements, share: number): ChangedElements {
  const drops = droppedCount(shape, share);
  const last = drops === 0 ? undefined : magnitudeOfRank(stream, drops);
  const mask = mapElements(stream, () => {
    let ties = last?.ties ?? 0;
    return (element) => {
      const magnitude = magnitudeOf(element);
      if (last === undefined || magnitude > last.magnitude) return 1;
      return magnitude < last.magnitude || ties-- > 0 ? 0 : 1;
    };
  });
  return masked({ shape, stream }, mask);
}

/** Elements that `sparsify` drops. */
export function droppedCount(shape: readonly number[], share: number): number {
  return Math.floor(share * elementCount(shape));
}

/** Two of each four neighbours along the axis, whose length is a multiple of four; of equal ones those that come first. */
export function sparsifyTwoOfFour({ shape, stream }: Elements, axis: number): ChangedElements {
  const { inner } = slicingOf(shape, axis);
  const mask: ElementStream = function* () {
    for (const block of inBlocks(stream, 4 * inner)()) {
      const kept = new Float64Array(block.length);
      for (let first = 0; first < block.length; first += 4 * inner) markLargest(block, kept, first, inner);
      yield kept;
    }
  };
  return masked({ shape, stream: inBlocks(stream, 4 * inner) }, mask);
}

/** The two largest of each four elements that lie `stride` apart. */
function markLargest(block: Float64Array, kept: Float64Array, first: number, stride: number): void {
  const last = Math.min(first + stride, block.length - 3 * stride);
  for (let start = first; start < last; start += 1) {
    for (let own = 0; own < 4; own += 1) {
      const magnitude = magnitudeOf(block[start + own * stride]!);
      let smaller = 0;
      for (let other = 0; other < 4; other += 1) {
        const its = magnitudeOf(block[start + other * stride]!);
        if (its < magnitude || (its === magnitude && other < own)) smaller += 1;
      }
      if (smaller >= 2) kept[start + own * stride] = 1;
    }
  }
}

/** What is no number counts as infinite: it stays. */
function magnitudeOf(element: number): number {
  return Number.isNaN(element) ? Infinity : Math.abs(element);
}

function masked({ shape, stream }: Elements, mask: ElementStream): ChangedElements {
  const values: ElementStream = function* () {
    const marks = mask()[Symbol.iterator]();
    // Both have chunks of the same lengths.
    for (const chunk of stream()) {
      const kept = marks.next();
      if (kept.done === true) return;
      yield chunk.map((element, place) => (kept.value[place] === 1 ? element : 0));
    }
  };
  return { shape, values, stored: values, storage: [mask] };
}

/** Doubles without their sign are ordered as their bits are: four digits of 16 bits, the highest first. */
const digits = [
  { word: 1, shift: 16 },
  { word: 1, shift: 0 },
  { word: 0, shift: 16 },
  { word: 0, shift: 0 },
] as const;

/** The magnitude that `rank` elements reach at most, and how many of these have exactly it. One digit a pass. */
function magnitudeOfRank(stream: ElementStream, rank: number): { readonly magnitude: number; readonly ties: number } {
  const found = new Uint32Array(2);
  let left = rank;
  for (const [depth, { word, shift }] of digits.entries()) {
    const counts = digitCounts(stream, found, depth);
    let digit = 0;
    while (digit < counts.length - 1 && counts[digit]! < left) left -= counts[digit++]!;
    found[word]! |= digit << shift;
  }
  return { magnitude: new Float64Array(found.buffer)[0]!, ties: left };
}

/** How often each digit follows the digits that were found. */
function digitCounts(stream: ElementStream, found: Uint32Array, depth: number): Uint32Array {
  const { word, shift } = digits[depth]!;
  const counts = new Uint32Array(65_536);
  const above = depth % 2 === 1 ? 0xffff0000 : 0;
  const [low, high] = [found[0]!, found[1]!];
  for (const chunk of stream()) {
    const magnitudes = chunk.map(magnitudeOf);
    const words = new Uint32Array(magnitudes.buffer, magnitudes.byteOffset, 2 * magnitudes.length);
    for (let at = 0; at < words.length; at += 2) {
      const [itsLow, itsHigh] = [words[at]!, words[at + 1]!];
      const matches = depth < 2 ? ((itsHigh ^ high) & above) === 0 : itsHigh === high && ((itsLow ^ low) & above) === 0;
      if (matches) counts[(words[at + word]! >>> shift) & 0xffff]! += 1;
    }
  }
  return counts;
}
