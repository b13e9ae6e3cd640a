/** Arrays in NumPy's file format (NEP 1, versions 1 to 3). */
import { UserError } from '../errors.ts';
import { elementCount } from '../formats/dense.ts';
import { bytesOf, type DataType } from '../ir/data-type.ts';

export interface NpyArray {
  readonly dtype: DataType;
  readonly shape: readonly number[];
  /** Row-major, little-endian. */
  readonly bytes: Uint8Array;
}

/** `descr` without its byte order. */
const types: ReadonlyMap<string, DataType> = new Map<string, DataType>([
  ...([
    ['f2', 'float16'],
    ['f4', 'float32'],
    ['f8', 'float64'],
  ] as const),
  ...([
    ['i1', 'int8'],
    ['i2', 'int16'],
    ['i4', 'int32'],
    ['i8', 'int64'],
  ] as const),
  ...([
    ['u1', 'uint8'],
    ['u2', 'uint16'],
    ['u4', 'uint32'],
    ['u8', 'uint64'],
    ['b1', 'bool'],
  ] as const),
]);

const magic = [0x93, ...new TextEncoder().encode('NUMPY')];

/**
 * @param file for messages
 * @throws UserError for what is no such file, for big-endian numbers, for columns first.
 */
export function parseNpy(bytes: Uint8Array, file: string): NpyArray {
  const fail = (what: string) => new UserError(`${file}: ${what}`);
  if (bytes.length < 12 || magic.some((byte, index) => bytes[index] !== byte)) throw fail('no .npy file of NumPy');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isFirst = bytes[6] === 1;
  const start = isFirst ? 10 : 12;
  const end = start + (isFirst ? view.getUint16(8, true) : view.getUint32(8, true));
  if (end > bytes.length) throw fail('the file is cut off');
  const header = new TextDecoder().decode(bytes.subarray(start, end));
  const dtype = types.get(/'descr': *'[<|=]?(\w\d+)'/.exec(header)?.[1] ?? '');
  const sizes = /'shape': *\(([\d, ]*)\)/.exec(header)?.[1];
  if (dtype === undefined || sizes === undefined) throw fail('its elements are no little-endian plain numbers');
  if (!/'fortran_order': *False/.test(header))
    throw fail('its columns come first; save it with numpy.ascontiguousarray');
  const shape = sizes.split(',').flatMap((size) => (size.trim() === '' ? [] : [Number(size)]));
  const byteLength = bytesOf(dtype, elementCount(shape));
  if (bytes.length - end !== byteLength) throw fail(`${bytes.length - end} bytes where ${byteLength} belong`);
  return { dtype, shape, bytes: new Uint8Array(bytes.subarray(end)) };
}
