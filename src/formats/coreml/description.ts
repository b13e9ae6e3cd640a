/** What a Core ML model says of itself (Model.proto, FeatureTypes.proto): inputs, outputs, who made it. */
import type { DataType } from '../../ir/data-type.ts';
import { unnamedSymbol, type Dimension } from '../../ir/dimension.ts';
import type { TensorType } from '../../ir/graph.ts';
import { fieldsAt, fieldsOf, integerAt, integersAt, messageAt, messagesAt, textAt, type Fields } from './fields.ts';

export interface Feature {
  readonly name: string;
  readonly kind: 'array' | 'image' | 'scalar' | 'other';
  readonly type: TensorType;
}

export interface Description {
  readonly inputs: readonly Feature[];
  readonly outputs: readonly Feature[];
  readonly defaultFunction: string;
  readonly metadata: ReadonlyMap<string, string>;
  readonly producer: string;
}

export function readDescription(description: Fields): Description {
  const metadata = readMetadata(fieldsAt(description, 100));
  const version = metadata.get('com.github.apple.coremltools.version');
  return {
    inputs: messagesAt(description, 1).map((each) => readFeature(fieldsOf(each))),
    outputs: messagesAt(description, 10).map((each) => readFeature(fieldsOf(each))),
    defaultFunction: textAt(description, 21),
    metadata,
    producer: version === undefined ? '' : `coremltools ${version}`,
  };
}

function readMetadata(fields: Fields): ReadonlyMap<string, string> {
  const metadata = new Map<string, string>();
  const own = ['shortDescription', 'versionString', 'author', 'license'];
  own.forEach((name, index) => {
    const value = textAt(fields, index + 1);
    if (value !== '') metadata.set(name, value);
  });
  for (const entry of messagesAt(fields, 100)) {
    const each = fieldsOf(entry);
    metadata.set(textAt(each, 1), textAt(each, 2));
  }
  return metadata;
}

function readFeature(feature: Fields): Feature {
  const name = textAt(feature, 1);
  const type = fieldsAt(feature, 3);
  const image = messageAt(type, 4);
  if (image !== undefined) return { name, kind: 'image', type: imageType(name, fieldsOf(image)) };
  const array = messageAt(type, 5);
  if (array !== undefined) return { name, kind: 'array', type: arrayType(name, fieldsOf(array)) };
  const scalar = (
    [
      [1, 'int64'],
      [2, 'float64'],
      [3, 'string'],
    ] as const
  ).find(([number]) => type.has(number));
  if (scalar !== undefined) return { name, kind: 'scalar', type: { dtype: scalar[1], shape: [1] } };
  const container = type.has(6) ? 'map' : 'sequence';
  return { name, kind: 'other', type: { dtype: null, shape: null, container, reason: 'no tensor' } };
}

/** ImageFeatureType.ColorSpace: grey, and grey of 16 bits, have one channel. */
const greys: ReadonlySet<number> = new Set([10, 40]);

/** 1 × channels × height × width. */
function imageType(name: string, image: Fields): TensorType {
  const channels = greys.has(integerAt(image, 3)) ? 1 : 3;
  const sizes = messagesAt(fieldsAt(image, 21), 1).map((each) => {
    const size = fieldsOf(each);
    return [integerAt(size, 2), integerAt(size, 1)];
  });
  const range = fieldsAt(image, 31);
  const ranges = [2, 1].map((number) => boundsOf(fieldsAt(range, number)));
  const free = (axis: number): boolean =>
    new Set(sizes.map((size) => size[axis])).size > 1 || (range.size > 0 && isOpen(ranges[axis]!));
  const size = (axis: number, number: number): Dimension =>
    free(axis) ? unnamedSymbol(name, axis + 2) : integerAt(image, number);
  return { dtype: 'float32', shape: [1, channels, size(0, 2), size(1, 1)] };
}

/** By ArrayFeatureType.ArrayDataType. */
const arrayDataTypes: ReadonlyMap<number, DataType> = new Map<number, DataType>([
  [65568, 'float32'],
  [65600, 'float64'],
  [131104, 'int32'],
  [131080, 'int8'],
  [65552, 'float16'],
]);

/** A size is free where the enumerated shapes differ in it, or its range holds more than one number. */
function arrayType(name: string, array: Fields): TensorType {
  const dtype = arrayDataTypes.get(integerAt(array, 2)) ?? 'float32';
  const enumerated = messagesAt(fieldsAt(array, 21), 1).map((each) => integersAt(fieldsOf(each), 1));
  const ranges = messagesAt(fieldsAt(array, 31), 1).map((each) => boundsOf(fieldsOf(each)));
  const sizes = integersAt(array, 1);
  const length = Math.max(sizes.length, ranges.length, enumerated[0]?.length ?? 0);
  if (length === 0) return { dtype, shape: null, reason: 'the file does not say' };
  const shape = Array.from({ length: Math.min(length, 64) }, (_, axis): Dimension => {
    const choices = new Set(enumerated.map((each) => each[axis]));
    const range = ranges[axis];
    if (choices.size > 1 || (range !== undefined && isOpen(range))) return unnamedSymbol(name, axis);
    const size = sizes[axis] ?? range?.[0] ?? [...choices][0];
    return size !== undefined && Number.isSafeInteger(size) && size >= 0 ? size : unnamedSymbol(name, axis);
  });
  return { dtype, shape };
}

/** SizeRange: an upper bound below 0 is none. */
function boundsOf(range: Fields): readonly [number, number] {
  return [integerAt(range, 1), integerAt(range, 2)];
}

function isOpen([least, most]: readonly [number, number]): boolean {
  return most < 0 || most > least;
}
