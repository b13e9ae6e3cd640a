/**
 * Records of this program as JSON and back: plain objects, arrays, Maps, Sets and numbers that JSON lacks. Equal parts
 * are written once, so that two versions of one model take little more than one.
 *
 * The text is a JSON array of parts; the last one is the record. In a part
 * `{"$": n}` is part n, `{"$map": [[key, value], …]}` a Map, `{"$set": […]}` a Set, `{"$number": "Infinity"}` a number.
 * Keys that begin with `$` get another `$` in front.
 */
import { InvariantError, UserError } from '../errors.ts';

/** A part shorter than this is written where it stands: a reference would not be shorter. */
const leastPartLength = 48;

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** `undefined` members are left out. Throws where a record holds what is none (a function, a typed array). */
export function recordText(record: unknown): string {
  const parts: string[] = [];
  const places = new Map<string, number>();
  const written = new Map<object, string>();

  const place = (text: string): string => {
    if (text.length < leastPartLength) return text;
    const known = places.get(text);
    if (known !== undefined) return `{"$":${known}}`;
    places.set(text, parts.length);
    parts.push(text);
    return `{"$":${parts.length - 1}}`;
  };
  const list = (values: Iterable<unknown>): string => `[${Array.from(values, write).join()}]`;
  const compound = (value: object): string => {
    if (Array.isArray(value)) return list(value);
    if (value instanceof Map) return `{"$map":[${Array.from(value, list).join()}]}`;
    if (value instanceof Set) return `{"$set":${list(value)}}`;
    return `{${membersOf(value).join()}}`;
  };
  const membersOf = (value: object): string[] => {
    if (Object.getPrototypeOf(value) !== Object.prototype) throw new InvariantError('only plain records are written');
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return members.map(([key, member]) => `${JSON.stringify(key.startsWith('$') ? `$${key}` : key)}:${write(member)}`);
  };
  function write(value: unknown): string {
    if (typeof value === 'number') return numberText(value);
    if (typeof value === 'string' || typeof value === 'boolean' || value === null) return JSON.stringify(value);
    if (typeof value !== 'object') throw new InvariantError(`a ${typeof value} is no part of a record`);
    const known = written.get(value);
    if (known !== undefined) return known;
    const text = place(compound(value));
    written.set(value, text);
    return text;
  }

  const last = write(record);
  return `[${[...parts, last].join(',\n')}]`;
}

function numberText(value: number): string {
  if (Number.isFinite(value) && !Object.is(value, -0)) return String(value);
  return `{"$number":"${Object.is(value, -0) ? '-0' : String(value)}"}`;
}

/** The record of such a text. Equal parts are one object. Throws `UserError` for a text that is none. */
export function parseRecordText(text: string): unknown {
  const parts = parsedParts(text);
  const records: unknown[] = [];
  for (const part of parts) records.push(read(part, records));
  return records.at(-1);
}

function parsedParts(text: string): readonly Json[] {
  try {
    const parts = JSON.parse(text) as Json;
    if (Array.isArray(parts) && parts.length > 0) return parts as readonly Json[];
  } catch {
    // Told below.
  }
  throw new UserError('the data of the page cannot be read: it is cut off or was changed');
}

/** In the place of what was parsed: nobody else has it, and a large report has a million of these. */
function read(json: Json, parts: readonly unknown[]): unknown {
  if (typeof json !== 'object' || json === null) return json;
  if (Array.isArray(json)) return readElements(json as unknown[], parts);
  const keys = Object.keys(json);
  if (!keys.some((key) => key.startsWith('$'))) return readMembers(json as Record<string, unknown>, keys, parts);
  const entries = Object.entries(json);
  const [first] = entries;
  if (first !== undefined && entries.length === 1 && /^\$[a-z]*$/.test(first[0])) return readSpecial(first, parts);
  return Object.fromEntries(
    entries.map(([key, value]) => [key.startsWith('$') ? key.slice(1) : key, read(value, parts)]),
  );
}

function readElements(elements: unknown[], parts: readonly unknown[]): unknown {
  for (const [index, element] of elements.entries()) {
    if (typeof element === 'object' && element !== null) elements[index] = read(element as Json, parts);
  }
  return elements;
}

function readMembers(record: Record<string, unknown>, keys: readonly string[], parts: readonly unknown[]): unknown {
  for (const key of keys) {
    const member = record[key];
    if (typeof member === 'object' && member !== null) record[key] = read(member as Json, parts);
  }
  return record;
}

function readSpecial([kind, value]: readonly [string, Json], parts: readonly unknown[]): unknown {
  if (kind === '$' && typeof value === 'number' && value in parts) return parts[value];
  if (kind === '$number') return Number(value);
  if (kind === '$set' && Array.isArray(value)) return new Set(value.map((one: Json) => read(one, parts)));
  if (kind === '$map' && Array.isArray(value)) {
    return new Map(value.map((pair: Json) => read(pair, parts) as readonly [unknown, unknown]));
  }
  throw new UserError(`the data of the page cannot be read: ${kind} is not known`);
}
