// Mutations of FlatBuffers: tables are found by what they look like, then their fields, offsets and vectors change. No
// schema, so that numbers and offsets can only be told apart by where they lead.
import { below, concat, interesting, pick } from './random.mjs';

const largestInput = 40_000;
const mostSlots = 40;

const viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** { position, vtable, slots: [{ entry, place }] } for everything that could be a table. */
export function tablesIn(bytes) {
  const view = viewOf(bytes);
  const found = [];
  for (let position = 8; position + 4 <= bytes.length; position += 2) {
    const table = tableAt(view, position);
    if (table !== undefined) found.push(table);
  }
  return found;
}

function tableAt(view, position) {
  const vtable = position - view.getInt32(position, true);
  if (vtable < 8 || vtable === position || vtable + 4 > view.byteLength || vtable % 2 !== 0) return undefined;
  const bytes = view.getUint16(vtable, true);
  const size = view.getUint16(vtable + 2, true);
  if (bytes < 6 || bytes % 2 !== 0 || bytes > 4 + 2 * mostSlots || vtable + bytes > view.byteLength) return undefined;
  if (size < 4 || position + size > view.byteLength) return undefined;
  const slots = [];
  for (let entry = vtable + 4; entry < vtable + bytes; entry += 2) {
    const offset = view.getUint16(entry, true);
    if (offset >= size) return undefined;
    if (offset > 0) slots.push({ entry, place: position + offset });
  }
  return slots.length === 0 ? undefined : { position, vtable, slots };
}

/** Where the offset at `place` leads, if it could be one. */
function targetOf(view, place) {
  if (place + 4 > view.byteLength) return undefined;
  const target = place + view.getUint32(place, true);
  return target > place && target + 4 <= view.byteLength ? target : undefined;
}

/** Each takes bytes of its own, a table, one of its slots and { tables, random }. */
const mutations = [
  function dropField(bytes, { slot }) {
    viewOf(bytes).setUint16(slot.entry, 0, true);
    return bytes;
  },
  function swapFields(bytes, { table, slot }, { random }) {
    const view = viewOf(bytes);
    const other = pick(table.slots, random);
    const [one, two] = [view.getUint16(slot.entry, true), view.getUint16(other.entry, true)];
    view.setUint16(slot.entry, two, true);
    view.setUint16(other.entry, one, true);
    return bytes;
  },
  function setNumber(bytes, { slot }, { random }) {
    if (slot.place + 4 > bytes.length) return undefined;
    const value = random() < 0.5 ? pick(interesting, random) : below(256, random);
    if (random() < 0.5) bytes[slot.place] = value & 0xff;
    else viewOf(bytes).setUint32(slot.place, value, true);
    return bytes;
  },
  /** To another table: the same one twice, a parent, one of another kind. */
  function toTable(bytes, { slot }, { tables, random }) {
    if (slot.place + 4 > bytes.length) return undefined;
    viewOf(bytes).setInt32(slot.place, pick(tables, random).position - slot.place, true);
    return bytes;
  },
  /** To where another field leads: shared vectors, names of others. */
  function shareTarget(bytes, { slot }, { tables, random }) {
    const target = targetOf(viewOf(bytes), pick(pick(tables, random).slots, random).place);
    if (target === undefined || slot.place + 4 > bytes.length) return undefined;
    viewOf(bytes).setInt32(slot.place, target - slot.place, true);
    return bytes;
  },
  function setLength(bytes, { slot }, { random }) {
    const view = viewOf(bytes);
    const target = targetOf(view, slot.place);
    if (target === undefined) return undefined;
    const length = view.getUint32(target, true);
    const change = random() < 0.5 ? length + pick([-1, 1, 2, 16], random) : pick(interesting, random);
    view.setUint32(target, change >>> 0, true);
    return bytes;
  },
  /** An element: of indices of tensors, of a shape, of offsets to tables. */
  function setElement(bytes, { slot }, { random }) {
    const view = viewOf(bytes);
    const target = targetOf(view, slot.place);
    if (target === undefined) return undefined;
    const length = Math.min(view.getUint32(target, true), 64);
    const place = target + 4 + 4 * below(length, random);
    if (length === 0 || place + 4 > bytes.length) return undefined;
    const value = random() < 0.4 ? pick(interesting, random) : random() < 0.3 ? -1 : below(32, random);
    view.setUint32(place, value >>> 0, true);
    return bytes;
  },
  /** The vector at the end of the file, its elements many times over: as numbers, or as offsets that still lead home. */
  function growVector(bytes, { slot }, { random }) {
    const view = viewOf(bytes);
    const target = targetOf(view, slot.place);
    const length = target === undefined ? 0 : view.getUint32(target, true);
    if (length === 0 || length > 4096 || target + 4 + 4 * length > bytes.length) return undefined;
    const times = 2 + below(random() < 0.1 ? 100 : 6, random);
    const offsets = random() < 0.7;
    const start = Math.ceil(bytes.length / 4) * 4;
    const grown = new Uint8Array(4 + 4 * length * times);
    const out = viewOf(grown);
    out.setUint32(0, length * times, true);
    for (let index = 0; index < length * times; index += 1) {
      const from = target + 4 + 4 * (index % length);
      const moved = offsets ? from - (start + 4 + 4 * index) : 0;
      out.setUint32(4 + 4 * index, (view.getUint32(from, true) + moved) >>> 0, true);
    }
    view.setUint32(slot.place, start - slot.place, true);
    return concat(bytes, new Uint8Array(start - bytes.length), grown);
  },
];

/** @returns undefined where the mutation finds nothing to change */
export function mutateFlat(seed, random) {
  const tables = seed.tables ?? tablesIn(seed.bytes);
  if (tables.length === 0) return undefined;
  const table = pick(tables, random);
  const place = { table, slot: pick(table.slots, random) };
  const bytes = pick(mutations, random)(seed.bytes.slice(), place, { tables, random });
  return bytes === undefined || bytes.length > largestInput ? undefined : bytes;
}
