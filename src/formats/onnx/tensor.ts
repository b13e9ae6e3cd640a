/** TensorProto and SparseTensorProto: where a constant's elements lie. */
import { UserError } from '../../errors.ts';
import { bytesOf, type DataType } from '../../ir/data-type.ts';
import type { ByteRange, Initializer, WeightEncoding } from '../../ir/graph.ts';
import { elementCount } from '../dense.ts';
import {
  appendIntegers,
  expectLengthDelimited,
  fields,
  integerOf,
  keep,
  nameOf,
  quote,
  type Field,
  type Message,
} from '../protobuf.ts';
import { smallValue } from '../values.ts';
import { dataTypeOf } from './data-types.ts';
import { countTensor, resolveExternal, sharedShape, type ExternalFiles } from './external-data.ts';
import { maximumRank } from './type.ts';

/** The repeated field that holds a type's elements when raw_data does not, and how a packed number is stored there. */
interface DataField {
  readonly number: number;
  readonly encoding: 'fixed32' | 'fixed64' | 'varint' | 'strings';
}

const int32Data: DataField = { number: 5, encoding: 'varint' };

const dataFields: ReadonlyMap<DataType, DataField> = new Map<DataType, DataField>([
  ['float32', { number: 4, encoding: 'fixed32' }],
  ['complex64', { number: 4, encoding: 'fixed32' }],
  ['string', { number: 6, encoding: 'strings' }],
  ['int64', { number: 7, encoding: 'varint' }],
  ['float64', { number: 10, encoding: 'fixed64' }],
  ['complex128', { number: 10, encoding: 'fixed64' }],
  ['uint32', { number: 11, encoding: 'varint' }],
  ['uint64', { number: 11, encoding: 'varint' }],
]);

const rawData = 9;
const externalLocation = 1;

interface TensorDraft {
  name: string;
  dataType: number;
  location: number;
  readonly dims: number[];
  readonly externalData: Field[];
  /** Occurrences of the fields that hold elements; neighbouring unpacked ones as one. */
  readonly data: DataRange[];
}

interface DataRange {
  readonly field: number;
  readonly packed: boolean;
  readonly start: number;
  end: number;
}

/**
 * @param name used where it is not undefined: tensors in attributes mostly have none of their own
 * @throws UserError when type, shape and bytes contradict one another.
 */
export function readTensor(message: Message, files: ExternalFiles, name?: string): Initializer {
  return withValue(locateTensor(message, files, name), files);
}

/** Reads the elements of a small tensor now: they may decide shapes. */
function withValue(initializer: Initializer, files: ExternalFiles): Initializer {
  if (!initializer.available || files.smallElementsLeft < elementCount(initializer.shape)) return initializer;
  const value = smallValue(initializer, files.sources, files.path);
  if (value === undefined) return initializer;
  files.smallElementsLeft -= value.elements.length;
  return { ...initializer, value };
}

/** A sparse initializer is named by its values. */
export function readSparseTensor(message: Message, files: ExternalFiles, name?: string): Initializer {
  const shape: number[] = [];
  let values: Initializer | undefined;
  let indices: Initializer | undefined;
  for (const field of fields(message)) {
    if (field.number === 1) values = locateTensor(field, files, name);
    else if (field.number === 2) indices = locateTensor(field, files);
    else if (field.number === 3) appendIntegers(field, shape);
  }
  if (values === undefined || indices === undefined) {
    throw new UserError(`${files.path}: a sparse tensor needs values and indices`);
  }
  const nonZeros = elementCount(values.shape);
  const fail = (what: string) => new UserError(`${files.path}: sparse tensor ${quote(values.name)}: ${what}`);
  if (!isShape(shape)) throw fail(`[${shape.slice(0, 8).join(', ')}] is no shape`);
  const positions = indices.shape.length === 2 ? nonZeros * shape.length : nonZeros;
  if (indices.dtype !== 'int64' || elementCount(indices.shape) !== positions) {
    throw fail(`its indices do not belong to its ${nonZeros} values`);
  }
  const fileBytes = values.fileBytes + indices.fileBytes;
  const available = values.available && indices.available;
  return withValue({ ...values, shape, nonZeros, indices, fileBytes, available }, files);
}

function locateTensor(message: Message, files: ExternalFiles, givenName?: string): Initializer {
  countTensor(files);
  const draft = readDraft(message);
  const name = givenName ?? draft.name;
  const fail = (what: string) => new UserError(`${files.path}: tensor ${quote(name)}: ${what}`);
  const dtype = dataTypeOf(draft.dataType);
  if (dtype === undefined) throw fail(`its element type ${draft.dataType} is not known`);
  const { dims } = draft;
  if (!isShape(dims)) throw fail(`[${dims.slice(0, 8).join(', ')}] is no shape`);
  const shape = sharedShape(dims, files);
  const elements = elementCount(shape);
  if (draft.location === externalLocation) {
    const { range, available } = resolveExternal(files, name, draft.externalData, bytesOf(dtype, elements));
    return { name, dtype, shape, encoding: 'raw', ranges: [range], fileBytes: range.byteLength, available };
  }
  const { encoding, ranges } = inlineData(draft, dtype, fail);
  const fileBytes = ranges.reduce((sum, range) => sum + range.byteLength, 0);
  const available = ranges.length > 0 || elements === 0;
  if (!available) files.tensorsWithoutData += 1;
  else if (!mayHold(fileBytes, encoding, dtype, elements)) {
    throw fail(`${fileBytes} bytes do not hold ${elements} elements of ${dtype}`);
  }
  return { name, dtype, shape, encoding, ranges, fileBytes, available };
}

function isShape(dims: readonly number[]): boolean {
  const inRange = dims.length <= maximumRank && dims.every((length) => length >= 0);
  // Times 16: the bytes of the widest elements can be counted too.
  return inRange && Number.isSafeInteger(elementCount(dims) * 16);
}

/** Exact where elements have one length; where it varies, reading them tells. */
function mayHold(fileBytes: number, encoding: WeightEncoding, dtype: DataType, elements: number): boolean {
  const denseBytes = bytesOf(dtype, elements);
  switch (encoding) {
    case 'raw':
    case 'high-bits-first':
    case 'fixed32':
    case 'fixed64':
      return fileBytes === denseBytes;
    case 'tagged-fixed32':
      return fileBytes >= denseBytes + denseBytes / 4;
    case 'tagged-fixed64':
      return fileBytes >= denseBytes + denseBytes / 8;
    case 'varint':
    case 'tagged-varint':
      return fileBytes >= Math.min(elements, denseBytes);
    case 'strings':
      return fileBytes >= 2 * elements;
  }
}

/** raw_data where it is set, else the type's own field (onnx.proto, TensorProto.DataLocation). */
function inlineData(
  { data }: TensorDraft,
  dtype: DataType,
  fail: (what: string) => UserError,
): { readonly encoding: WeightEncoding; readonly ranges: readonly ByteRange[] } {
  const raw = data.filter(({ field }) => field === rawData).at(-1);
  if (raw) {
    if (dtype === 'string') throw fail('strings cannot lie in raw_data');
    return { encoding: 'raw', ranges: [byteRange(raw)] };
  }
  const { number, encoding } = dataFields.get(dtype) ?? int32Data;
  const own = data.filter(({ field, start, end }) => field === number && end > start);
  const ranges = own.map(byteRange);
  if (encoding === 'strings' || own.every(({ packed }) => packed)) return { encoding, ranges };
  if (own.some(({ packed }) => packed)) throw fail('its elements are partly packed');
  return { encoding: `tagged-${encoding}`, ranges };
}

function byteRange({ start, end }: DataRange): ByteRange {
  return { file: '', offset: start, byteLength: end - start };
}

function readDraft(message: Message): TensorDraft {
  const draft: TensorDraft = { name: '', dataType: 0, location: 0, dims: [], externalData: [], data: [] };
  for (const field of fields(message)) {
    switch (field.number) {
      case 1:
        appendIntegers(field, draft.dims);
        break;
      case 2:
        draft.dataType = integerOf(field);
        break;
      case 8:
        draft.name = nameOf(field);
        break;
      case 13:
        keep(field.wire, draft.externalData, field);
        break;
      case 14:
        draft.location = integerOf(field);
        break;
      case rawData:
        expectLengthDelimited(field);
        keep(field.wire, draft.data, { field: rawData, packed: true, start: field.start, end: field.end });
        break;
      case 4:
      case 5:
      case 6:
      case 7:
      case 10:
      case 11:
        noteData(draft.data, field);
    }
  }
  return draft;
}

/** Packed numbers are a range of their own; elements behind tags of their own join the range of their neighbours. */
function noteData(data: DataRange[], field: Field): void {
  const { number, start, end, tagStart } = field;
  const packed = field.type === 2 && number !== 6;
  const last = data.at(-1);
  if (!packed && last?.field === number && !last.packed && last.end === tagStart) last.end = end;
  else keep(field.wire, data, { field: number, packed, start: packed ? start : tagStart, end });
}
