/**
 * A reader of FlatBuffers that follows offsets through a file's pages and never loads it: what it keeps of a vector of
 * bytes is its range. Source: flatbuffers.dev/internals.
 *
 * Files are hostile. Every offset, vtable and length is checked against the file before it is believed. Tables may be
 * shared and may point at one another in circles: the caller's schema bounds how deep it looks, and what one file may
 * make us visit and keep is drawn from budgets.
 */
import type { ByteSource } from '../ir/byte-source.ts';
import { decodeName, type KnownNames } from './names.ts';
import { damaged, limits, tooLarge } from './protobuf.ts';

/** Tables and their vtables lie apart, so that several pages are in use at a time. */
const pageBytes = 4096;
const pagesKept = 64;

/** An open file. Mutable inside: pages come and go, budgets shrink. */
export interface Flat {
  readonly source: ByteSource;
  /** For messages. */
  readonly path: string;
  /** By page number; the one used last is last. */
  readonly pages: Map<number, Uint8Array>;
  page: Uint8Array;
  pageStart: number;
  tablesLeft: number;
  numbersLeft: number;
  textBytesLeft: number;
  readonly names: KnownNames;
}

export interface Table {
  readonly flat: Flat;
  readonly position: number;
  readonly vtable: number;
  /** Bytes of the vtable: two of them for each field, after four of its own. */
  readonly vtableBytes: number;
}

/** A stretch of equally long elements. */
export interface Vector {
  readonly start: number;
  readonly length: number;
}

export type NumberKind =
  'int8' | 'uint8' | 'bool' | 'int16' | 'uint16' | 'int32' | 'uint32' | 'float32' | 'int64' | 'uint64';

const bytesOfKind: Readonly<Record<NumberKind, number>> = {
  int8: 1,
  uint8: 1,
  bool: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  float32: 4,
  int64: 8,
  uint64: 8,
};

export function openFlat(source: ByteSource, path: string): Flat {
  return {
    source,
    path,
    pages: new Map(),
    page: new Uint8Array(0),
    pageStart: 0,
    tablesLeft: limits.items,
    numbersLeft: limits.numbers,
    textBytesLeft: limits.allTextBytes,
    names: new Map(),
  };
}

/** The table that the file (or the buffer that starts at `start`) is about. */
export function rootTable(flat: Flat, start = 0): Table {
  return tableAt(flat, followOffset(flat, start));
}

/** @throws UserError where there is no table at this place. */
function tableAt(flat: Flat, position: number): Table {
  if (--flat.tablesLeft < 0) throw tooLarge(flat, limits.items, 'tables');
  const vtable = position - readNumber(flat, position, 'int32');
  const vtableBytes = readNumber(flat, vtable, 'uint16');
  if (vtableBytes < 4 || vtableBytes % 2 !== 0) throw damaged(flat, vtable, 'a table without a description');
  checkRange(flat, vtable, vtableBytes);
  return { flat, position, vtable, vtableBytes };
}

/** Where a field's value (or the offset to it) lies; undefined for one that has its default. */
function placeOf({ flat, position, vtable, vtableBytes }: Table, field: number): number | undefined {
  const entry = 4 + 2 * field;
  const offset = entry + 2 > vtableBytes ? 0 : readNumber(flat, vtable + entry, 'uint16');
  return offset === 0 ? undefined : position + offset;
}

export function numberField(table: Table, field: number, kind: NumberKind, fallback = 0): number {
  const place = placeOf(table, field);
  return place === undefined ? fallback : readNumber(table.flat, place, kind);
}

export function tableField(table: Table, field: number): Table | undefined {
  const place = placeOf(table, field);
  return place === undefined ? undefined : tableAt(table.flat, followOffset(table.flat, place));
}

/** @throws UserError for a vector that is longer than the file, or than `most` elements. */
export function vectorField(table: Table, field: number, elementBytes: number): Vector | undefined {
  const place = placeOf(table, field);
  if (place === undefined) return undefined;
  const position = followOffset(table.flat, place);
  const length = readNumber(table.flat, position, 'uint32');
  checkRange(table.flat, position + 4, length * elementBytes);
  return { start: position + 4, length };
}

/** The tables of a vector, each looked up when it is asked for. */
export function* tablesField(table: Table, field: number): Generator<Table, void, undefined> {
  const vector = vectorField(table, field, 4);
  for (let index = 0; index < (vector?.length ?? 0); index += 1) yield elementTable(table.flat, vector!, index);
}

/** One table of a vector of tables. */
export function elementTable(flat: Flat, { start }: Vector, index: number): Table {
  return tableAt(flat, followOffset(flat, start + 4 * index));
}

export function numbersField(table: Table, field: number, kind: NumberKind): readonly number[] {
  const bytes = bytesOfKind[kind];
  const vector = vectorField(table, field, bytes);
  if (vector === undefined) return [];
  chargeNumbers(table.flat, vector.length);
  return Array.from({ length: vector.length }, (_, index) =>
    readNumber(table.flat, vector.start + index * bytes, kind),
  );
}

/** Takes from the budget of numbers that one file may make us handle. */
export function chargeNumbers(flat: Flat, count: number): void {
  flat.numbersLeft -= count;
  if (flat.numbersLeft < 0) throw tooLarge(flat, limits.numbers, 'numbers in shapes and options');
}

/** A name: never cut; empty where there is none. */
export function nameField(table: Table, field: number): string {
  const vector = vectorField(table, field, 1);
  if (vector === undefined) return '';
  const { flat } = table;
  if (vector.length > limits.nameBytes) {
    throw damaged(flat, vector.start, `a name of ${vector.length} bytes; ${limits.nameBytes} are allowed`);
  }
  flat.textBytesLeft -= vector.length;
  if (flat.textBytesLeft < 0) throw tooLarge(flat, limits.allTextBytes, 'bytes of names and texts');
  return decodeName(bytesAt(flat, vector.start, vector.length), flat.names);
}

/** Bytes of a name: from the page in use where they lie in it; valid until the next read. */
function bytesAt(flat: Flat, start: number, length: number): Uint8Array {
  if (length === 0) return new Uint8Array(0);
  if (length > pageBytes) return flat.source.read(start, length);
  byteAt(flat, start);
  const first = start - flat.pageStart;
  const isWhole = first + length <= flat.page.length;
  return isWhole ? flat.page.subarray(first, first + length) : flat.source.read(start, length);
}

function followOffset(flat: Flat, place: number): number {
  return place + readNumber(flat, place, 'uint32');
}

function checkRange(flat: Flat, start: number, byteLength: number): void {
  if (start < 0 || byteLength > flat.source.byteLength - start) {
    throw damaged(
      flat,
      start,
      `${byteLength} bytes are claimed where ${Math.max(0, flat.source.byteLength - start)} are`,
    );
  }
}

const scratch = new DataView(new ArrayBuffer(8));

/** A little-endian number, wherever its bytes lie; 64-bit ones are rounded to the nearest double. */
function readNumber(flat: Flat, position: number, kind: NumberKind): number {
  const bytes = bytesOfKind[kind];
  checkRange(flat, position, bytes);
  for (let index = 0; index < bytes; index += 1) scratch.setUint8(index, byteAt(flat, position + index));
  switch (kind) {
    case 'int8':
      return scratch.getInt8(0);
    case 'uint8':
      return scratch.getUint8(0);
    case 'bool':
      return scratch.getUint8(0) === 0 ? 0 : 1;
    case 'int16':
      return scratch.getInt16(0, true);
    case 'uint16':
      return scratch.getUint16(0, true);
    case 'int32':
      return scratch.getInt32(0, true);
    case 'uint32':
      return scratch.getUint32(0, true);
    case 'float32':
      return scratch.getFloat32(0, true);
    case 'int64':
      return scratch.getInt32(4, true) * 2 ** 32 + scratch.getUint32(0, true);
    case 'uint64':
      return scratch.getUint32(4, true) * 2 ** 32 + scratch.getUint32(0, true);
  }
}

function byteAt(flat: Flat, position: number): number {
  const index = position - flat.pageStart;
  if (index < 0 || index >= flat.page.length) turnTo(flat, Math.floor(position / pageBytes));
  return flat.page[position - flat.pageStart]!;
}

function turnTo(flat: Flat, number: number): void {
  const { pages, source } = flat;
  const start = number * pageBytes;
  // A copy: a source may reuse its buffer for the next read.
  const page = pages.get(number) ?? new Uint8Array(source.read(start, Math.min(pageBytes, source.byteLength - start)));
  pages.delete(number);
  pages.set(number, page);
  const oldest = pages.size > pagesKept ? pages.keys().next().value : undefined;
  if (oldest !== undefined) pages.delete(oldest);
  flat.page = page;
  flat.pageStart = start;
}
