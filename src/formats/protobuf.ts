/**
 * A reader of protobuf's wire format that walks a file through a small window and never loads it: what it keeps of a
 * length-delimited field is the range of its bytes. Source: protobuf.dev/programming-guides/encoding.
 *
 * Files are hostile. Every length is checked against its parent before it is believed, nesting is bounded, and what
 * one file may make us keep (numbers, items, text) is drawn from budgets that no real model comes near.
 */
import { UserError } from '../errors.ts';
import type { ByteSource } from '../ir/byte-source.ts';
import { decodeName, type KnownNames } from './names.ts';

/** Bytes fetched at a time: larger reads cost more than they save between a model's weights. */
const windowBytes = 4096;

export const limits = {
  /** Messages inside of messages. ONNX takes three levels for each subgraph. */
  depth: 64,
  /** Fields walked, kept or not. */
  fields: 20_000_000,
  /** Numbers in attribute lists and shapes. */
  numbers: 16_777_216,
  /** Strings and messages kept. */
  items: 2_097_152,
  /** Bytes of one name; longer ones are refused, since cutting them could make two names equal. */
  nameBytes: 65_536,
  /** Bytes kept of one text that is no name (attribute strings, metadata); the rest is cut off. */
  textBytes: 1_048_576,
  /** Bytes of all texts together. */
  allTextBytes: 268_435_456,
} as const;

/** An open file. Mutable inside: the window moves, budgets shrink, and `readVarint` leaves its result here. */
export interface Wire {
  readonly source: ByteSource;
  /** For messages. */
  readonly path: string;
  window: Uint8Array;
  windowOffset: number;
  /** After `readVarint`: the byte behind it, and its low and high 32 bits, both as signed integers. */
  position: number;
  low: number;
  high: number;
  fieldsLeft: number;
  numbersLeft: number;
  itemsLeft: number;
  textBytesLeft: number;
  readonly names: KnownNames;
}

/** A message: `start` to `end` (exclusive), in bytes of the file. */
export interface Message {
  readonly wire: Wire;
  readonly start: number;
  readonly end: number;
  readonly depth: number;
}

/** A field is read as a message where its schema says so: then `start` to `end` are its content. */
export interface Field extends Message {
  readonly number: number;
  readonly type: WireType;
  /** Of a varint, read as int64 and rounded to the nearest double; 0 for the other types. */
  readonly value: number;
  /** Where its tag begins. */
  readonly tagStart: number;
}

/** 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes; 3 and 4 (groups) are refused. */
export type WireType = 0 | 1 | 2 | 5;

export function openWire(source: ByteSource, path: string): Wire {
  return {
    source,
    path,
    window: new Uint8Array(0),
    windowOffset: 0,
    position: 0,
    low: 0,
    high: 0,
    fieldsLeft: limits.fields,
    numbersLeft: limits.numbers,
    itemsLeft: limits.items,
    textBytesLeft: limits.allTextBytes,
    names: new Map(),
  };
}

/** The whole file as one message. */
export function rootMessage(wire: Wire): Message {
  return { wire, start: 0, end: wire.source.byteLength, depth: 0 };
}

/** Text from a file, safe in a one-line message: quoted, cut, without control characters and changes of direction. */
export function quote(text: string): string {
  const cut = text.length > 120 ? `${text.slice(0, 117)}...` : text;
  return JSON.stringify(cut).replace(
    /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

export function damaged(wire: Pick<Wire, 'path'>, offset: number, what: string): UserError {
  return new UserError(`${wire.path}: damaged or cut off at byte ${offset}: ${what}`);
}

export function tooLarge(wire: Pick<Wire, 'path'>, limit: number, what: string): UserError {
  return new UserError(`${wire.path}: more than ${limit} ${what}; such a file is not read`);
}

/**
 * The fields of a message in file order, unknown ones too.
 * @throws UserError where the bytes are no protobuf.
 */
export function* fields(message: Message): Generator<Field, void, undefined> {
  const { wire, end, depth } = message;
  if (depth > limits.depth) throw damaged(wire, message.start, `messages are nested deeper than ${limits.depth}`);
  let position = message.start;
  while (position < end) {
    if (--wire.fieldsLeft < 0) throw tooLarge(wire, limits.fields, 'protobuf fields');
    const field = readField(message, position);
    position = field.end;
    yield field;
  }
}

function readField({ wire, end, depth }: Message, tagStart: number): Field {
  const tag = readVarint(wire, tagStart, end);
  const number = Math.floor(tag / 8);
  if (number < 1 || number > 0x1fffffff) throw damaged(wire, tagStart, 'a field number out of range');
  const type = tag % 8;
  let start = wire.position;
  let value = 0;
  let fieldEnd: number;
  if (type === 0) {
    value = readVarint(wire, start, end);
    fieldEnd = wire.position;
  } else if (type === 1) {
    fieldEnd = endOf(wire, start, 8, end);
  } else if (type === 2) {
    const length = readVarint(wire, start, end);
    start = wire.position;
    fieldEnd = endOf(wire, start, length, end);
  } else if (type === 5) {
    fieldEnd = endOf(wire, start, 4, end);
  } else {
    throw damaged(wire, tagStart, `wire type ${type}, which this format does not use`);
  }
  return { wire, start, end: fieldEnd, depth: depth + 1, number, type, value, tagStart };
}

function endOf(wire: Wire, start: number, length: number, limit: number): number {
  if (length < 0 || length > limit - start) {
    throw damaged(wire, start, `a field claims ${length} bytes where ${limit - start} are left`);
  }
  return start + length;
}

/**
 * Reads the varint at `position` as an int64, rounded to the nearest double; the exact bits are left in `wire.low` and
 * `wire.high`, the position behind it in `wire.position`.
 */
export function readVarint(wire: Wire, position: number, end: number): number {
  const first = position < end ? byteAt(wire, position) : 0x80;
  if (first < 0x80) {
    wire.position = position + 1;
    wire.low = first;
    wire.high = 0;
    return first;
  }
  let low = 0;
  let high = 0;
  for (let index = 0; index < 10; index += 1) {
    if (position + index >= end) throw damaged(wire, position, 'a number is cut off');
    const byte = byteAt(wire, position + index);
    const bits = byte & 0x7f;
    const shift = 7 * index;
    if (shift < 32) low |= bits << shift;
    if (shift === 28) high |= bits >>> 4;
    else if (shift > 28) high |= bits << (shift - 32);
    if (byte < 0x80) {
      wire.position = position + index + 1;
      wire.low = low;
      wire.high = high;
      return high * 0x1_0000_0000 + (low >>> 0);
    }
  }
  throw damaged(wire, position, 'a number is longer than 10 bytes');
}

function byteAt(wire: Wire, position: number): number {
  const index = position - wire.windowOffset;
  if (index >= 0 && index < wire.window.length) return wire.window[index]!;
  moveWindow(wire, position);
  return wire.window[0]!;
}

function moveWindow(wire: Wire, position: number): void {
  // A copy: a source may reuse its buffer for the next read, which need not be this wire's. Not by `slice`, which
  // does not copy where the source gives Node's Buffer.
  wire.window = new Uint8Array(wire.source.read(position, Math.min(windowBytes, wire.source.byteLength - position)));
  wire.windowOffset = position;
}

/** The bytes from `start` to `end`, valid until the next read. */
export function bytesBetween(wire: Wire, start: number, end: number): Uint8Array {
  const length = end - start;
  if (length === 0) return new Uint8Array(0);
  if (length > windowBytes) return wire.source.read(start, length);
  if (start < wire.windowOffset || end > wire.windowOffset + wire.window.length) moveWindow(wire, start);
  const first = start - wire.windowOffset;
  return wire.window.subarray(first, first + length);
}

/** A field that holds a message, a text or packed numbers. */
export function expectLengthDelimited(field: Field): void {
  if (field.type !== 2) throw damaged(field.wire, field.tagStart, `field ${field.number} has wire type ${field.type}`);
}

export function integerOf(field: Field): number {
  if (field.type !== 0) throw damaged(field.wire, field.tagStart, `field ${field.number} has wire type ${field.type}`);
  return field.value;
}

export function floatOf(field: Field): number {
  if (field.type !== 5) throw damaged(field.wire, field.tagStart, `field ${field.number} has wire type ${field.type}`);
  return viewOf(bytesBetween(field.wire, field.start, field.end)).getFloat32(0, true);
}

/** A name: never cut. */
export function nameOf(field: Field): string {
  const length = field.end - field.start;
  if (length > limits.nameBytes) {
    throw damaged(field.wire, field.start, `a name of ${length} bytes; ${limits.nameBytes} are allowed`);
  }
  return textOf(field);
}

/** UTF-8 with wrong bytes replaced, cut after `limits.textBytes`. */
export function textOf(field: Field): string {
  expectLengthDelimited(field);
  const { wire, start } = field;
  const end = Math.min(field.end, start + limits.textBytes);
  wire.textBytesLeft -= end - start;
  if (wire.textBytesLeft < 0) throw tooLarge(wire, limits.allTextBytes, 'bytes of names and texts');
  return decodeName(bytesBetween(wire, start, end), wire.names);
}

/** Keeps a string or a message in a list, within the file's budget. */
export function keep<Item>(wire: Wire, list: Item[], item: Item): void {
  if (--wire.itemsLeft < 0) throw tooLarge(wire, limits.items, 'names, attributes and tensors');
  list.push(item);
}

/** Appends the integers of a repeated field's occurrence, packed or not. */
export function appendIntegers(field: Field, list: number[]): void {
  if (field.type === 0) {
    appendNumber(field.wire, list, field.value);
    return;
  }
  expectLengthDelimited(field);
  const { wire, end } = field;
  for (let position = field.start; position < end; position = wire.position) {
    appendNumber(wire, list, readVarint(wire, position, end));
  }
}

/** Appends the 32-bit floats of a repeated field's occurrence, packed or not. */
export function appendFloats(field: Field, list: number[]): void {
  if (field.type === 5) {
    appendNumber(field.wire, list, floatOf(field));
    return;
  }
  expectLengthDelimited(field);
  const { wire, start, end } = field;
  if ((end - start) % 4 !== 0) throw damaged(wire, start, 'a list of floats ends inside of one');
  for (let position = start; position < end; position += 4) {
    appendNumber(wire, list, viewOf(bytesBetween(wire, position, position + 4)).getFloat32(0, true));
  }
}

function appendNumber(wire: Wire, list: number[], value: number): void {
  if (--wire.numbersLeft < 0) throw tooLarge(wire, limits.numbers, 'numbers in attributes and shapes');
  list.push(value);
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
