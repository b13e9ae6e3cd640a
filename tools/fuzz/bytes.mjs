// Mutations that know nothing of the format.
import { below, concat, interesting, pick } from './random.mjs';

/** Each takes bytes of its own, a random place and a source of numbers, and gives the bytes that are left. */
const mutations = [
  function flipBit(bytes, at, random) {
    bytes[at] ^= 1 << below(8, random);
    return bytes;
  },
  function setByte(bytes, at, random) {
    bytes[at] = below(256, random);
    return bytes;
  },
  /** A length or an offset that lies. */
  function setNumber(bytes, at, random) {
    const place = Math.min(bytes.length - 4, at - (at % 4));
    if (place < 0) return bytes;
    const value = random() < 0.5 ? pick(interesting, random) : 65536 * random();
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(place, value, true);
    return bytes;
  },
  function truncate(bytes, at) {
    return bytes.slice(0, at);
  },
  /** A stretch of the file once more. */
  function repeat(bytes, at, random) {
    const piece = bytes.slice(at, at + 1 + below(64, random));
    const copies = Array.from({ length: 1 + below(16, random) }, () => piece);
    return concat(bytes.slice(0, at), ...copies, bytes.slice(at));
  },
  function remove(bytes, at, random) {
    return concat(bytes.slice(0, at), bytes.slice(at + 1 + below(16, random)));
  },
];

export function mutateBytes(seed, random) {
  const bytes = seed.bytes.slice();
  if (bytes.length === 0) return bytes;
  return pick(mutations, random)(bytes, below(bytes.length, random), random);
}
