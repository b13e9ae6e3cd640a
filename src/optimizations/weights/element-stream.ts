/** A tensor's elements as chunks of doubles in row-major order, as often as they are asked for: never all in memory. */

export type ElementStream = () => Iterable<Float64Array>;

/** The same number of other elements. */
export function mapElements(
  stream: ElementStream,
  of: () => (element: number, index: number) => number,
): ElementStream {
  return function* () {
    // What is counted on the way begins anew each time.
    const change = of();
    let first = 0;
    for (const chunk of stream()) {
      const changed = new Float64Array(chunk.length);
      for (let place = 0; place < chunk.length; place += 1) changed[place] = change(chunk[place]!, first + place);
      first += chunk.length;
      yield changed;
    }
  };
}

/** The elements whose place fulfils the condition. */
export function filterElements(stream: ElementStream, isKept: (index: number) => boolean): ElementStream {
  return function* () {
    let first = 0;
    for (const chunk of stream()) {
      let count = 0;
      const kept = new Float64Array(chunk.length);
      for (let place = 0; place < chunk.length; place += 1) {
        if (isKept(first + place)) kept[count++] = chunk[place]!;
      }
      first += chunk.length;
      yield kept.subarray(0, count);
    }
  };
}

const usualChunk = 65_536;

/** Chunks of whole blocks of so many elements; the last one may end with a part of one. Chunks may be written to. */
export function inBlocks(stream: ElementStream, blockElements: number): ElementStream {
  return function* () {
    const size = blockElements * Math.max(1, Math.floor(usualChunk / blockElements));
    let block = new Float64Array(size);
    let filled = 0;
    for (const chunk of stream()) {
      for (let taken = 0; taken < chunk.length;) {
        const part = chunk.subarray(taken, taken + size - filled);
        block.set(part, filled);
        filled += part.length;
        taken += part.length;
        if (filled < size) continue;
        yield block;
        block = new Float64Array(size);
        filled = 0;
      }
    }
    if (filled > 0) yield block.subarray(0, filled);
  };
}

/** All elements one by one: for what follows another stream in step. */
export function* eachElement(stream: ElementStream): Generator<number, void, undefined> {
  for (const chunk of stream()) yield* chunk;
}

/** Calls with two tensors' elements at the same place, as far as both go. */
export function forEachPair(
  left: ElementStream,
  right: ElementStream,
  visit: (left: number, right: number) => void,
): void {
  const others = right()[Symbol.iterator]();
  let other: Float64Array = new Float64Array(0);
  let place = 0;
  for (const chunk of left()) {
    for (const element of chunk) {
      while (place >= other.length) {
        const next = others.next();
        if (next.done === true) return;
        other = next.value;
        place = 0;
      }
      visit(element, other[place]!);
      place += 1;
    }
  }
}

/** One chunk of numbers that are at hand. */
export function streamOf(elements: Float64Array): ElementStream {
  return () => [elements];
}
