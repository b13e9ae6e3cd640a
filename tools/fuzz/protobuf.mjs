// Mutations of protobuf messages: fields change while the lengths around them stay true, so that what is wrong lies deep.
// No schema: whatever parses as a message is one.
import { below, concat, interesting, pick } from './random.mjs';

const largestField = 4096;
const deepest = 24;
/** Inputs that grow further tell nothing new and take long. */
const largestInput = 40_000;

/** Left by `readVarint`: the position behind it. */
let behind = 0;

/** -1 where there is no varint. Beyond 2 ** 53 the value is not exact. */
function readVarint(bytes, start, end) {
  let value = 0;
  let unit = 1;
  const last = Math.min(end, start + 10);
  for (let at = start; at < last; at += 1, unit *= 128) {
    const byte = bytes[at];
    value += (byte & 0x7f) * unit;
    if (byte < 0x80) {
      behind = at + 1;
      return value;
    }
  }
  return -1;
}

export function varint(number) {
  let rest = BigInt.asUintN(64, BigInt(Math.trunc(number)));
  const bytes = [];
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.of(...bytes, Number(rest));
}

/** All fields in file order: { number, type, tag, start, end, parent (index, or -1), depth }; undefined for no message. */
export function fieldsIn(bytes) {
  const list = [];
  return walk(bytes, { start: 0, end: bytes.length, parent: -1, depth: 0 }, list) ? list : undefined;
}

function walk(bytes, { start, end, parent, depth }, list) {
  for (let position = start; position < end;) {
    const field = readField(bytes, position, end);
    if (field === undefined) return false;
    field.parent = parent;
    field.depth = depth;
    list.push(field);
    const own = list.length;
    if (field.type === 2 && field.end > field.start && depth < deepest) {
      const inner = { start: field.start, end: field.end, parent: own - 1, depth: depth + 1 };
      if (!walk(bytes, inner, list)) while (list.length > own) list.pop();
    }
    position = field.end;
  }
  return true;
}

function readField(bytes, tag, end) {
  const head = readVarint(bytes, tag, end);
  const number = Math.floor(head / 8);
  const type = head % 8;
  if (number < 1 || number > largestField) return undefined;
  const place = { number, type, tag, start: behind, end: behind, parent: -1, depth: 0 };
  let length = 0;
  if (type === 0 || type === 2) {
    const value = readVarint(bytes, place.start, end);
    if (value < 0) return undefined;
    if (type === 0) place.end = behind;
    else [place.start, length] = [behind, value];
  } else if (type === 1) length = 8;
  else if (type === 5) length = 4;
  else return undefined;
  if (length > end - place.start) return undefined;
  if (type !== 0) place.end = place.start + length;
  return place;
}

const header = (number, length) => concat(varint(number * 8 + 2), varint(length));
const delimited = (number, content) => concat(header(number, content.length), content);

/** The file with the bytes of a field, tag and all, replaced; the lengths around it are made true again. */
function replace({ bytes, fields }, index, piece) {
  let content = piece;
  let at = fields[index];
  while (at.parent >= 0) {
    const parent = fields[at.parent];
    const whole = concat(bytes.subarray(parent.start, at.tag), content, bytes.subarray(at.end, parent.end));
    content = delimited(parent.number, whole);
    at = parent;
  }
  return concat(bytes.subarray(0, at.tag), content, bytes.subarray(at.end));
}

const whole = ({ bytes, fields }, index) => bytes.subarray(fields[index].tag, fields[index].end);
const contentOf = ({ bytes, fields }, index) => bytes.subarray(fields[index].start, fields[index].end);

function withContent(seed, index, content) {
  return replace(seed, index, delimited(seed.fields[index].number, content));
}

function someNumber({ random, words }) {
  const kind = random();
  if (kind < 0.3) return pick(interesting, random);
  if (kind < 0.4) return -1 - below(4, random);
  if (kind < 0.5) return pick([2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 63), 2 ** 63 - 1025], random);
  return kind < 0.7 ? pick(words.numbers, random) : below(64, random);
}

/** Each takes a seed, the index of a field and { random, words }; undefined: nothing to do here. */
const mutations = [
  function remove(seed, index) {
    return replace(seed, index, new Uint8Array(0));
  },
  function repeat(seed, index, { random }) {
    const copies = Array.from({ length: 2 + below(random() < 0.1 ? 200 : 4, random) }, () => whole(seed, index));
    return replace(seed, index, concat(...copies));
  },
  function setNumber(seed, index, tools) {
    const { type, number } = seed.fields[index];
    if (type === 0) return replace(seed, index, concat(varint(number * 8), varint(someNumber(tools))));
    if (type !== 2) return undefined;
    const numbers = Array.from({ length: 1 + below(6, tools.random) }, () => varint(someNumber(tools)));
    return withContent(seed, index, concat(...numbers));
  },
  /** A name, a word of the format, or any other field's content in this one's place: cycles, doubles, wrong types. */
  function graft(seed, index, { random }) {
    const other = below(seed.fields.length, random);
    if (seed.fields[index].type !== 2 || seed.fields[other].type !== 2) return undefined;
    return withContent(seed, index, contentOf(seed, other));
  },
  /** A field of the same number elsewhere in its place. */
  function swapAlike(seed, index, { random }) {
    const { number, depth } = seed.fields[index];
    const alike = seed.fields.flatMap((each, at) => (each.number === number && each.depth === depth ? [at] : []));
    return replace(seed, index, whole(seed, pick(alike, random)));
  },
  function setWord(seed, index, { random, words }) {
    if (seed.fields[index].type !== 2) return undefined;
    return withContent(seed, index, pick(words.texts, random));
  },
  function renumber(seed, index, { random, words }) {
    const { number, type, tag, start } = seed.fields[index];
    const other = random() < 0.5 ? number - 1 + 2 * below(2, random) : pick(words.numbers, random);
    const rest = seed.bytes.subarray(tag + varint(number * 8 + type).length, start);
    return replace(seed, index, concat(varint(Math.max(1, other) * 8 + type), rest, contentOf(seed, index)));
  },
  /** A message inside of itself, through the fields that lead from one of its ancestors to it. */
  function nest(seed, index, { random }) {
    const path = [];
    for (let at = index; at >= 0; at = seed.fields[at].parent) path.push(at);
    if (path.length < 3 || seed.fields[index].type !== 2) return undefined;
    const inner = path.slice(0, 1 + below(path.length - 1, random));
    const levels = 2 + below(random() < 0.2 ? 120 : 12, random);
    const keepSiblings = random() < 0.5;
    let content = contentOf(seed, inner.at(-1));
    for (let level = 0; level < levels && content.length < largestInput; level += 1) {
      for (const at of inner) content = wrap(seed, at, content, keepSiblings);
    }
    return replace(seed, inner.at(-1), content);
  },
  /** A length that lies, to its own parent alone. */
  function lie(seed, index, { random }) {
    const { number, type, start, end } = seed.fields[index];
    if (type !== 2) return undefined;
    const length = end - start + pick([-2, -1, 1, 2, 100, 2 ** 31, 2 ** 32, 2 ** 53], random);
    const head = concat(varint(number * 8 + 2), varint(Math.max(0, length)));
    return replace(seed, index, concat(head, contentOf(seed, index)));
  },
  function moveBehind(seed, index, { random }) {
    const { parent } = seed.fields[index];
    const siblings = seed.fields.flatMap((each, at) => (each.parent === parent && at !== index ? [at] : []));
    if (siblings.length === 0) return undefined;
    const other = pick(siblings, random);
    return replace(seed, index, concat(whole(seed, index), whole(seed, other), whole(seed, index)));
  },
];

/** One level of `nest`: the content in its field, among the other fields of the message or alone. */
function wrap({ bytes, fields }, at, content, keepSiblings) {
  const { number, parent, tag, end } = fields[at];
  const piece = delimited(number, content);
  if (!keepSiblings || parent < 0) return piece;
  return concat(bytes.subarray(fields[parent].start, tag), piece, bytes.subarray(end, fields[parent].end));
}

/** @returns undefined where the bytes are no message any more, or the mutation finds nothing to change */
export function mutateMessage(seed, random, words) {
  const fields = seed.fields ?? fieldsIn(seed.bytes);
  if (fields === undefined || fields.length === 0) return undefined;
  const bytes = pick(mutations, random)({ bytes: seed.bytes, fields }, below(fields.length, random), { random, words });
  return bytes === undefined || bytes.length > largestInput ? undefined : bytes;
}

/** The message without what is long and no message: weights are as good as any other bytes. */
export function slim(bytes, longest = 256) {
  const fields = fieldsIn(bytes);
  const hasParts = new Set(fields.map(({ parent }) => parent));
  let seed = { bytes, fields };
  for (let index = fields.length - 1; index >= 0; index -= 1) {
    const { type, start, end } = fields[index];
    if (type !== 2 || end - start <= longest || hasParts.has(index)) continue;
    const slimmer = replace(seed, index, new Uint8Array(0));
    // Positions in front of the field stay; those of its ancestors' ends do not.
    seed = { bytes: slimmer, fields: fieldsIn(slimmer) };
    if (seed.fields.length < index) break;
  }
  return seed.bytes;
}
