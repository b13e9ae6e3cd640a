/** Tensors of a subgraph: their names, types, quantization, and where the bytes of constant ones lie. */
import { UserError } from '../../errors.ts';
import { bytesOf, type DataType } from '../../ir/data-type.ts';
import { unknown } from '../../ir/dimension.ts';
import type { ByteRange, Initializer, Quantization, TensorType } from '../../ir/graph.ts';
import { elementCount } from '../dense.ts';
import {
  elementTable,
  nameField,
  numberField,
  numbersField,
  tableField,
  vectorField,
  type Flat,
  type Table,
  type Vector,
} from '../flatbuffer.ts';
import { claimRange, countTensor, type ExternalFiles } from '../onnx/external-data.ts';
import { claimId, type NodeIds } from '../onnx/node-ids.ts';
import { maximumRank } from '../onnx/type.ts';
import { quote } from '../protobuf.ts';
import { smallValue } from '../values.ts';
import {
  blockFields,
  bufferFields,
  dataTypes,
  externalBufferFields,
  modelFields,
  quantizationFields,
  tensorFields,
} from './schema.ts';

/** What the reading of one model carries along. */
export interface Reading {
  readonly flat: Flat;
  readonly model: Table;
  readonly files: ExternalFiles;
  /** Of nodes and of tensors, each unique in the model. */
  readonly nodeIds: NodeIds;
  readonly tensorNames: NodeIds;
  readonly warnings: Set<string>;
  readonly quantization: Map<string, Quantization>;
  /** Variables of recurrent layers by their names, and resources by `variable` and theirs. */
  readonly states: Map<string, TensorType>;
}

export interface FileTensor {
  readonly name: string;
  /** As declared; dimensions that the file leaves open are unknown. */
  readonly type: TensorType;
  /** Keeps its value from one inference to the next. */
  readonly isVariable: boolean;
  /** Present for constants. */
  readonly initializer?: Initializer;
}

/** @throws UserError when shape, type and bytes contradict one another. */
export function readTensor(table: Table, index: number, reading: Reading): FileTensor {
  countTensor(reading.files);
  const name = claimId(nameField(table, tensorFields.name) || `tensor${index}`, reading.tensorNames);
  const fail = (what: string) => new UserError(`${reading.files.path}: tensor ${quote(name)}: ${what}`);
  const code = numberField(table, tensorFields.type, 'int8');
  if (code < 0 || code >= dataTypes.length) throw fail(`its element type ${code} is not known`);
  const dtype = dataTypes[code] ?? null;
  const shape = numbersField(table, tensorFields.shape, 'int32');
  if (!isShape(shape)) throw fail(`[${shape.slice(0, 8).join(', ')}] is no shape`);
  const range = dtype === null ? undefined : constantRange(table, reading, { name, fail });
  const quantization = readQuantization(table);
  if (quantization !== undefined) reading.quantization.set(name, quantization);
  const isVariable = numberField(table, tensorFields.isVariable, 'bool') === 1;
  const initializer =
    range === undefined || dtype === null
      ? undefined
      : constant(table, { name, dtype, shape, quantized: quantization !== undefined }, { range, reading, fail });
  const type = initializer === undefined ? declaredType(table, dtype, shape) : { dtype, shape };
  return { name, type, isVariable, ...(initializer && { initializer }) };
}

function isShape(shape: readonly number[]): boolean {
  const inRange = shape.length <= maximumRank && shape.every((length) => length >= 0);
  return inRange && Number.isSafeInteger(elementCount(shape) * 16);
}

/** A scalar and a tensor of unknown rank both have an empty shape, unless the file is new enough to tell. */
function declaredType(table: Table, dtype: DataType | null, shape: readonly number[]): TensorType {
  const resource = dtype === null ? { reason: 'a resource has no element type' } : {};
  if (shape.length === 0) {
    const isScalar = dtype === null || numberField(table, tensorFields.hasRank, 'bool') === 1;
    return isScalar ? { dtype, shape, ...resource } : { dtype, shape: null, reason: 'the file declares no rank' };
  }
  const signature = numbersField(table, tensorFields.shapeSignature, 'int32');
  const open = unknown('the file does not declare it');
  const isOpen = (axis: number) => signature.length === shape.length && signature[axis]! < 0;
  return { dtype, shape: shape.map((length, axis) => (isOpen(axis) ? open : length)), ...resource };
}

interface Named {
  readonly name: string;
  readonly fail: (what: string) => UserError;
}

interface StoredRange {
  readonly range: ByteRange;
  readonly available: boolean;
}

/** Where a tensor's bytes lie; undefined for one that holds none before the model runs. */
function constantRange(table: Table, reading: Reading, named: Named): StoredRange | undefined {
  const external = numberField(table, tensorFields.externalBuffer, 'uint32');
  if (external !== 0) return externalRange(external, reading, named);
  const index = numberField(table, tensorFields.buffer, 'uint32');
  const buffers = vectorField(reading.model, modelFields.buffers, 4);
  // Buffer 0 is empty by convention: tensors without data name it.
  if (index === 0 || buffers === undefined) return undefined;
  if (index >= buffers.length) throw named.fail(`its buffer ${index} is not there`);
  const range = bufferRange(reading, buffers, index);
  return range && { range, available: true };
}

/** The bytes of one of the model's buffers; undefined for an empty one. */
export function bufferRange({ flat, files }: Reading, buffers: Vector, index: number): ByteRange | undefined {
  const buffer = elementTable(flat, buffers, index);
  const data = vectorField(buffer, bufferFields.data, 1);
  if (data !== undefined && data.length > 0) return { file: '', offset: data.start, byteLength: data.length };
  // Models above 2 GB keep their buffers behind the FlatBuffer; 0 and 1 are place holders.
  const offset = numberField(buffer, bufferFields.offset, 'uint64');
  const byteLength = numberField(buffer, bufferFields.size, 'uint64');
  if (offset <= 1 || byteLength === 0) return undefined;
  if (offset + byteLength > flat.source.byteLength) {
    throw new UserError(
      `${files.path}: buffer ${index} ends at byte ${offset + byteLength}, behind the end of the file`,
    );
  }
  return { file: '', offset, byteLength };
}

function externalRange(id: number, { flat, model, files }: Reading, { name, fail }: Named): StoredRange {
  const vector = vectorField(model, modelFields.externalBuffers, 4);
  const groups = vectorField(model, modelFields.externalGroups, 4);
  // Ids are indices in all files so far; the list is not searched, since a hostile one could be long.
  for (const index of [id, id - 1]) {
    if (vector === undefined || index < 0 || index >= vector.length) continue;
    const buffer = elementTable(flat, vector, index);
    if (numberField(buffer, externalBufferFields.id, 'uint32') !== id) continue;
    const group = numberField(buffer, externalBufferFields.group, 'uint32');
    if (groups === undefined || group >= groups.length) throw fail('its file is not named');
    return claimRange(files, name, {
      file: nameField(elementTable(flat, groups, group), 0),
      offset: numberField(buffer, externalBufferFields.offset, 'uint64'),
      byteLength: numberField(buffer, externalBufferFields.length, 'uint64'),
    });
  }
  throw fail(`its external buffer ${id} is not there`);
}

interface Constant {
  readonly name: string;
  readonly dtype: DataType;
  readonly shape: readonly number[];
  readonly quantized: boolean;
}

function constant(
  table: Table,
  { name, dtype, shape, quantized }: Constant,
  { range: { range, available }, reading, fail }: { range: StoredRange; reading: Reading; fail: Named['fail'] },
): Initializer {
  const common = { name, dtype, shape, ranges: [range], fileBytes: range.byteLength, available } as const;
  if (dtype === 'string') return { ...common, encoding: 'strings' };
  const denseBytes = bytesOf(dtype, elementCount(shape));
  if (tableField(table, tensorFields.sparsity) !== undefined) {
    if (range.byteLength > denseBytes) throw fail(`its ${range.byteLength} bytes are more than a dense one has`);
    return { ...common, encoding: 'raw', nonZeros: Math.floor(range.byteLength / bytesOf(dtype, 1)) };
  }
  if (range.byteLength < denseBytes) {
    throw fail(`${range.byteLength} bytes do not hold ${elementCount(shape)} elements of ${dtype}`);
  }
  const ranges = [{ ...range, byteLength: denseBytes }];
  const initializer: Initializer = { ...common, encoding: 'raw', ranges };
  // The numbers that quantized integers stand for are others.
  return quantized ? initializer : withValue(initializer, reading.files);
}

function withValue(initializer: Initializer, files: ExternalFiles): Initializer {
  if (!initializer.available || files.smallElementsLeft < elementCount(initializer.shape)) return initializer;
  const value = smallValue(initializer, files.sources, files.path);
  if (value === undefined) return initializer;
  files.smallElementsLeft -= value.elements.length;
  return { ...initializer, value };
}

/** Files hold empty parameters for tensors that are not quantized. */
function readQuantization(table: Table): Quantization | undefined {
  const parameters = tableField(table, tensorFields.quantization);
  if (parameters === undefined) return undefined;
  const scales = numbersField(parameters, quantizationFields.scale, 'float32');
  const details = tableField(parameters, quantizationFields.details);
  const inBlocks = numberField(parameters, quantizationFields.detailsType, 'uint8') >= 2 && details !== undefined;
  if (scales.length === 0 && !inBlocks) return undefined;
  return {
    scales,
    zeroPoints: numbersField(parameters, quantizationFields.zeroPoint, 'int64'),
    axis: numberField(parameters, quantizationFields.axis, 'int32'),
    ...(inBlocks && { blockSize: numberField(details, blockFields.blockSize, 'int32') }),
  };
}
