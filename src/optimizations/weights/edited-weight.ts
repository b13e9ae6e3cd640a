/** Constants of an edited model: they lie in files that are not there and that `editedSources` makes up. */
import { elementCount } from '../../formats/dense.ts';
import { bytesOf, type DataType } from '../../ir/data-type.ts';
import type { ByteRange, Initializer, WeightPacking } from '../../ir/graph.ts';
import { isReadable } from './original-elements.ts';

/** No path can begin so. Behind it: how many edits led here, what it is, the file of the first of all, the tensor's name. */
const mark = '\0';

export interface NewTensor {
  readonly name: string;
  readonly dtype: DataType;
  readonly shape: readonly number[];
  /** Where the file stores a compressed form of it; whoever reads it gets the unpacked elements. */
  readonly packing?: WeightPacking;
  /** Absent: those of all elements in their type. */
  readonly fileBytes?: number;
}

/** What takes the place of `from`. */
export function editedInitializer(from: Initializer, tensor: NewTensor): Initializer {
  return virtualInitializer(from, tensor, 'weight');
}

/** A constant beside the weight that takes the place of `from`: a scale, a table, a mask. */
export function storageInitializer(from: Initializer, tensor: NewTensor): Initializer {
  return virtualInitializer(from, tensor, 'storage');
}

function virtualInitializer(from: Initializer, tensor: NewTensor, role: string): Initializer {
  const { name, dtype, shape } = tensor;
  const byteLength = bytesOf(dtype, elementCount(shape));
  const file = ['', depthOf(from) + 1, role, homeOf(from), name].join(mark);
  const ranges: readonly ByteRange[] = [{ file, offset: 0, byteLength }];
  return { fileBytes: byteLength, ...tensor, encoding: 'raw', ranges, available: isReadable(from) };
}

function depthOf({ ranges }: Initializer): number {
  const file = ranges[0]?.file ?? '';
  return isVirtualFile(file) ? Number(/^\0(\d{1,9})\0/.exec(file)?.[1] ?? 0) : 0;
}

function homeOf(from: Initializer): string {
  let origin = from;
  while (origin.movedFrom !== undefined) origin = origin.movedFrom.constant;
  return homeFile(origin.ranges[0]?.file ?? '');
}

/** The file of the given model in whose place the edited tensor will lie. */
export function homeFile(path: string): string {
  return isVirtualFile(path) ? (path.split(mark)[3] ?? '') : path;
}

/** True for what an edit made. */
export function isEdited({ ranges }: Initializer): boolean {
  return isVirtualFile(ranges[0]?.file ?? '');
}

/** True for a file of an edited model that is no file of the given one. */
export function isVirtualFile(path: string): boolean {
  return path.startsWith(mark);
}
