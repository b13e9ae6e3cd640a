/** MT19937 (Matsumoto and Nishimura, 1998) with its default seed: the source of chance in Arm's compiler. */
const words = 624;
const middle = 397;
const defaultSeed = 5489;

export function mersenneTwister(): () => number {
  const state = new Uint32Array(words);
  state[0] = defaultSeed;
  for (let i = 1; i < words; i++) {
    const before = state[i - 1]! ^ (state[i - 1]! >>> 30);
    state[i] = Math.imul(before, 1812433253) + i;
  }
  let at = words;
  return () => {
    if (at === words) {
      refill(state);
      at = 0;
    }
    let value = state[at++]!;
    value ^= value >>> 11;
    value ^= (value << 7) & 0x9d2c5680;
    value ^= (value << 15) & 0xefc60000;
    return (value ^ (value >>> 18)) >>> 0;
  };
}

function refill(state: Uint32Array): void {
  for (let i = 0; i < words; i++) {
    const mixed = (state[i]! & 0x80000000) | (state[(i + 1) % words]! & 0x7fffffff);
    state[i] = state[(i + middle) % words]! ^ (mixed >>> 1) ^ (mixed & 1 ? 0x9908b0df : 0);
  }
}
