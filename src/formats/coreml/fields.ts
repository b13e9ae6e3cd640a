/** A protobuf message as its fields by number, for schemas of many small messages. */
import {
  appendFloats,
  appendIntegers,
  bytesBetween,
  damaged,
  expectLengthDelimited,
  fields,
  floatOf,
  integerOf,
  keep,
  nameOf,
  viewOf,
  type Field,
  type Message,
} from '../protobuf.ts';

export type Fields = ReadonlyMap<number, readonly Field[]>;

const none: readonly Field[] = [];

export function fieldsOf(message: Message): Fields {
  const found = new Map<number, Field[]>();
  for (const field of fields(message)) {
    const list = found.get(field.number) ?? [];
    if (list.length === 0) found.set(field.number, list);
    keep(field.wire, list, field);
  }
  return found;
}

/** A message that is missing: all its fields have their defaults. */
export const noFields: Fields = new Map();

export function messagesAt(found: Fields, number: number): readonly Field[] {
  const list = found.get(number) ?? none;
  list.forEach(expectLengthDelimited);
  return list;
}

/** The last of equal fields counts, as protobuf asks. */
export function messageAt(found: Fields, number: number): Field | undefined {
  return messagesAt(found, number).at(-1);
}

export function fieldsAt(found: Fields, number: number): Fields {
  const message = messageAt(found, number);
  return message === undefined ? noFields : fieldsOf(message);
}

export function textAt(found: Fields, number: number): string {
  const field = found.get(number)?.at(-1);
  return field === undefined ? '' : nameOf(field);
}

export function textsAt(found: Fields, number: number): string[] {
  return (found.get(number) ?? none).map(nameOf);
}

export function integerAt(found: Fields, number: number, fallback = 0): number {
  const field = found.get(number)?.at(-1);
  return field === undefined ? fallback : integerOf(field);
}

export function flagAt(found: Fields, number: number): boolean {
  return integerAt(found, number) !== 0;
}

export function integersAt(found: Fields, number: number): number[] {
  const list: number[] = [];
  for (const field of found.get(number) ?? none) appendIntegers(field, list);
  return list;
}

export function floatAt(found: Fields, number: number, fallback = 0): number {
  const field = found.get(number)?.at(-1);
  return field === undefined ? fallback : floatOf(field);
}

export function floatsAt(found: Fields, number: number): number[] {
  const list: number[] = [];
  for (const field of found.get(number) ?? none) appendFloats(field, list);
  return list;
}

/** A repeated double, packed or not; each costs one of the file's items. */
export function doublesAt(found: Fields, number: number): number[] {
  const list: number[] = [];
  for (const { wire, start, end, type } of found.get(number) ?? none) {
    if ((type !== 1 && type !== 2) || (end - start) % 8 !== 0) {
      throw damaged(wire, start, 'a list of doubles ends inside of one');
    }
    for (let position = start; position < end; position += 8) {
      keep(wire, list, viewOf(bytesBetween(wire, position, position + 8)).getFloat64(0, true));
    }
  }
  return list;
}

/** A map field: the last of equal keys counts. */
export function entriesAt(found: Fields, number: number): ReadonlyMap<string, Message> {
  const entries = new Map<string, Message>();
  for (const entry of messagesAt(found, number)) {
    const each = fieldsOf(entry);
    const value = messageAt(each, 2);
    if (value !== undefined) entries.set(textAt(each, 1), value);
  }
  return entries;
}
