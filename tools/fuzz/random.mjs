// Numbers that are the same for the same seed everywhere, so that an input can be made again from its seed.

/** Mulberry32: a number in [0, 1) for each call. */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** An integer from 0 to below `count`. */
export function below(count, random) {
  return Math.floor(count * random());
}

export function pick(list, random) {
  return list[below(list.length, random)];
}

export function concat(...pieces) {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** What arithmetic stumbles over: ends of ranges, signs, sizes beyond memory. */
export const interesting = [0, 1, 2, 4, 8, 0x7f, 0x80, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff];
