/** Constants of ML Programs (MIL.proto: Value): written in the program itself, or in a weight file. */
import { UserError } from '../../../errors.ts';
import { bytesOf, type DataType } from '../../../ir/data-type.ts';
import type { ByteRange, Initializer, WeightEncoding } from '../../../ir/graph.ts';
import { elementCount } from '../../dense.ts';
import { countTensor, claimRange } from '../../onnx/external-data.ts';
import { quote, textOf, type Field, type Message } from '../../protobuf.ts';
import { smallValue } from '../../values.ts';
import type { Reading } from '../building.ts';
import { fieldsAt, fieldsOf, integerAt, messageAt, messagesAt, textAt, type Fields } from '../fields.ts';
import { readBlobData, weightFilePath } from './blob.ts';
import { readType, type MilType } from './types.ts';

export interface MilConstant {
  readonly type: MilType;
  /** Of a tensor; undefined for lists and the like. */
  readonly tensor?: Initializer;
  /** Of a tensor of strings. */
  readonly texts?: readonly string[];
}

/** @throws UserError when type and bytes contradict one another, or a path leaves the model's folder. */
export function readValue(message: Message, name: string, reading: Reading): MilConstant {
  countTensor(reading.files);
  const value = fieldsOf(message);
  const type = readType(messageAt(value, 2), reading.files.path);
  if (type.kind !== 'tensor' || type.dtype === null) return { type };
  const shape = knownShape(type, name, reading);
  const blob = messageAt(value, 5);
  if (blob !== undefined)
    return { type, tensor: blobTensor(fieldsOf(blob), { name, dtype: type.dtype, shape }, reading) };
  return { type, ...immediateTensor(fieldsAt(fieldsAt(value, 3), 1), { name, dtype: type.dtype, shape }, reading) };
}

interface Declared {
  readonly name: string;
  readonly dtype: DataType;
  readonly shape: readonly number[];
}

function knownShape({ shape }: MilType, name: string, { files }: Reading): readonly number[] {
  const known = shape?.every((size) => size !== null) === true ? shape : undefined;
  // Times 16: the bytes of the widest elements can be counted too.
  if (known === undefined || !Number.isSafeInteger(elementCount(known) * 16)) {
    throw new UserError(`${files.path}: constant ${quote(name)} has no fixed shape`);
  }
  return known;
}

function blobTensor(blob: Fields, declared: Declared, reading: Reading): Initializer {
  const { files } = reading;
  const { name, dtype, shape } = declared;
  const fail = (what: string) => new UserError(`${files.path}: constant ${quote(name)}: ${what}`);
  const file = weightFilePath(textAt(blob, 1), reading.file);
  if (file === undefined) throw fail(`the weight file leaves the model's folder: ${quote(textAt(blob, 1))}`);
  const offset = integerAt(blob, 2);
  if (!Number.isSafeInteger(offset) || offset < 0) throw fail(`${offset} is no place in a file`);
  const byteLength = bytesOf(dtype, elementCount(shape));
  const data = readBlobData(files, { name, file, offset, byteLength });
  const { range, available } = claimRange(files, name, { file, offset: data, byteLength });
  return withValue({ name, dtype, shape, encoding: 'raw', ranges: [range], fileBytes: byteLength, available }, reading);
}

/** By TensorValue's fields: where the elements stand and how one is written. */
const immediates: ReadonlyMap<number, { readonly encoding: WeightEncoding; readonly dtypes: readonly DataType[] }> =
  new Map([
    [1, { encoding: 'fixed32', dtypes: ['float32'] }],
    [2, { encoding: 'varint', dtypes: ['int32', 'uint32', 'int16', 'uint16', 'int8', 'uint8'] }],
    [3, { encoding: 'varint', dtypes: ['bool'] }],
    [5, { encoding: 'varint', dtypes: ['int64', 'uint64'] }],
    [6, { encoding: 'fixed64', dtypes: ['float64'] }],
  ] as const);

function immediateTensor(
  value: Fields,
  { name, dtype, shape }: Declared,
  reading: Reading,
): { readonly tensor: Initializer; readonly texts?: readonly string[] } {
  const base = { name, dtype, shape, available: true } as const;
  const texts = messageAt(value, 4);
  if (dtype === 'string' || texts !== undefined) return stringTensor(base, texts);
  const bytes = messageAt(value, 7);
  if (bytes !== undefined) {
    const ranges = messagesAt(fieldsOf(bytes), 1)
      .slice(-1)
      .map((field) => rangeOf(field, reading));
    return { tensor: checked({ ...base, encoding: 'raw', ranges, fileBytes: sumOf(ranges) }, reading) };
  }
  for (const [number, { encoding, dtypes }] of immediates) {
    const list = messageAt(value, number);
    if (list === undefined) continue;
    if (!dtypes.includes(dtype)) {
      throw new UserError(`${reading.files.path}: constant ${quote(name)} of ${dtype} holds another type of elements`);
    }
    const { ranges, packed } = elementRanges(fieldsOf(list).get(1) ?? [], reading);
    const form = packed ? encoding : (`tagged-${encoding}` as WeightEncoding);
    return { tensor: checked({ ...base, encoding: form, ranges, fileBytes: sumOf(ranges) }, reading) };
  }
  return { tensor: checked({ ...base, encoding: 'raw', ranges: [], fileBytes: 0 }, reading) };
}

function stringTensor(base: Declared & { readonly available: true }, list: Field | undefined) {
  const texts = list === undefined ? [] : (fieldsOf(list).get(1) ?? []).map(textOf);
  return { tensor: { ...base, available: false, encoding: 'strings' as const, ranges: [], fileBytes: 0 }, texts };
}

/** Packed numbers, or each behind a tag of its own. */
function elementRanges(
  list: readonly Field[],
  reading: Reading,
): { readonly ranges: readonly ByteRange[]; readonly packed: boolean } {
  const packed = list.every(({ type }) => type === 2);
  const ranges = list.map((field) =>
    packed ? rangeOf(field, reading) : rangeOf({ start: field.tagStart, end: field.end }, reading),
  );
  return { ranges, packed };
}

function rangeOf({ start, end }: { readonly start: number; readonly end: number }, { file }: Reading): ByteRange {
  return { file, offset: start, byteLength: end - start };
}

function sumOf(ranges: readonly ByteRange[]): number {
  return ranges.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** No element takes less than a byte where it is written out, so that a shape cannot claim more than is there. */
function checked(tensor: Initializer, reading: Reading): Initializer {
  const { name, dtype, shape, encoding, fileBytes } = tensor;
  const count = elementCount(shape);
  const fits =
    encoding === 'varint' || encoding === 'tagged-varint' ? fileBytes >= count : fileBytes >= bytesOf(dtype, count);
  if (!fits) {
    throw new UserError(
      `${reading.files.path}: constant ${quote(name)}: ${fileBytes} bytes do not hold ${count} elements of ${dtype}`,
    );
  }
  return withValue(tensor, reading);
}

/** Reads the elements of a small tensor now: they may decide shapes. */
export function withValue(tensor: Initializer, { files }: Reading): Initializer {
  if (!tensor.available || files.smallElementsLeft < elementCount(tensor.shape)) return tensor;
  const value = smallValue(tensor, files.sources, files.path);
  if (value === undefined) return tensor;
  files.smallElementsLeft -= value.elements.length;
  return { ...tensor, value };
}
