/** TypeProto and ValueInfoProto: what the file declares of its tensors. */
import type { DataType } from '../../ir/data-type.ts';
import { symbol, unknown, unnamedSymbol, type Dimension } from '../../ir/dimension.ts';
import type { TensorType } from '../../ir/graph.ts';
import { fields, integerOf, keep, nameOf, type Field, type Message } from '../protobuf.ts';
import { dataTypeOf } from './data-types.ts';

/** Axes of a tensor; operators need no more than a dozen. */
export const maximumRank = 64;

/** Names a dimension that the file leaves open, by its axis. */
type NameDimension = (axis: number) => Dimension;

const leftOpen: NameDimension = () => unknown('the file does not declare it');

/** A graph's input, output or intermediate tensor. */
export interface ValueInfo {
  readonly name: string;
  readonly type: TensorType;
  /** Of what an exporter wrote beside it. */
  readonly metadataBytes: number;
}

/** A field of fewer than 128 bytes has so many in front of it, for its tag and its length. */
const fieldStart = 2;

/** `bindable`: open dimensions become symbols of their own (`unnamedSymbol`), which a user may give a value. */
export function readValueInfo(message: Message, bindable: boolean): ValueInfo {
  let name = '';
  let type: Field | undefined;
  let metadataBytes = 0;
  for (const field of fields(message)) {
    if (field.number === 1) name = nameOf(field);
    else if (field.number === 2) type = field;
    else if (field.number === 4) metadataBytes += fieldStart + field.end - field.start;
  }
  const nameDimension = bindable ? (axis: number) => unnamedSymbol(name, axis) : leftOpen;
  return { name, metadataBytes, type: type ? readType(type, nameDimension) : untyped('the file declares no type') };
}

export function readType(message: Message, nameDimension: NameDimension = leftOpen): TensorType {
  let type = untyped('the file declares no type');
  for (const field of fields(message)) {
    if (field.number === 1 || field.number === 8) type = readTensorType(field, nameDimension);
    else if (field.number === 4) type = readContainer(field, 'sequence', nameDimension);
    else if (field.number === 9) type = readContainer(field, 'optional', nameDimension);
    else if (field.number === 5) type = readMap(field, nameDimension);
    else if (field.number === 7) type = untyped('an opaque type');
  }
  return type;
}

function untyped(reason: string): TensorType {
  return { dtype: null, shape: null, reason };
}

function readTensorType(message: Message, nameDimension: NameDimension): TensorType {
  let dtype: DataType | undefined;
  let shape: Dimension[] | null = null;
  for (const field of fields(message)) {
    if (field.number === 1) dtype = dataTypeOf(integerOf(field));
    else if (field.number === 2) shape = readShape(field, nameDimension);
  }
  if (dtype === undefined) return { dtype: null, shape, reason: 'the file declares no known element type' };
  return shape === null ? { dtype, shape, reason: 'the file declares no shape' } : { dtype, shape };
}

/** A sequence or an optional value: the type of its elements with the outermost container's name. */
function readContainer(message: Message, container: 'sequence' | 'optional', nameDimension: NameDimension): TensorType {
  let element = untyped('the file declares no element type');
  for (const field of fields(message)) {
    if (field.number === 1) element = readType(field, nameDimension);
  }
  return { ...element, container };
}

function readMap(message: Message, nameDimension: NameDimension): TensorType {
  let element = untyped('the file declares no value type');
  for (const field of fields(message)) {
    if (field.number === 2) element = readType(field, nameDimension);
  }
  return { ...element, container: 'map' };
}

/** Null for more axes than `maximumRank`, as for no shape at all. */
function readShape(message: Message, nameDimension: NameDimension): Dimension[] | null {
  const shape: Dimension[] = [];
  for (const field of fields(message)) {
    if (field.number === 1) keep(field.wire, shape, readDimension(field) ?? nameDimension(shape.length));
  }
  return shape.length > maximumRank ? null : shape;
}

/** Undefined where the file gives neither a length nor a name; old exporters write -1 for that. */
function readDimension(message: Message): Dimension | undefined {
  let dimension: Dimension | undefined;
  for (const field of fields(message)) {
    if (field.number === 1) dimension = integerOf(field) < 0 ? undefined : field.value;
    else if (field.number === 2) dimension = namedDimension(nameOf(field));
  }
  return dimension;
}

/** What exporters write for a dimension that nobody named: tf2onnx (a number for each), paddle2onnx, onnxmltools. */
const nobodysName = /^(?:unk__\d+|DynamicDimension\.\d+|None|\?)?$/;

function namedDimension(name: string): Dimension | undefined {
  return nobodysName.test(name) ? undefined : symbol(name);
}
