/** WeightParams: floats of 32 or 16 bits, or a few bits each with scales or a table. */
import { UserError } from '../../../errors.ts';
import { bytesOf, isDataType, type DataType } from '../../../ir/data-type.ts';
import type { ByteRange, Initializer, WeightEncoding } from '../../../ir/graph.ts';
import { elementCount } from '../../dense.ts';
import { countTensor } from '../../onnx/external-data.ts';
import { quote, type Field } from '../../protobuf.ts';
import { withValue } from '../mil/values.ts';
import { addNumbers, type Reading } from '../building.ts';
import { step } from '../emission.ts';
import { fieldsAt, fieldsOf, integerAt, messageAt, type Fields } from '../fields.ts';
import { keepInitializer, type Layer } from './layer.ts';

export interface WeightForm {
  /** What it is: `weights`, `bias`. */
  readonly part: string;
  readonly shape: readonly number[];
}

/**
 * A weight of the layer as a tensor; `''` where the file has none.
 * @throws UserError when its bytes do not hold the shape.
 */
export function weight(layer: Layer, message: Field | undefined, { part, shape }: WeightForm): string {
  if (message === undefined) return '';
  const { reading } = layer.draft;
  countTensor(reading.files);
  const params = fieldsOf(message);
  const name = `${layer.name}/${part}`;
  const fail = (what: string) => new UserError(`${reading.files.path}: weight ${quote(name)}: ${what}`);
  if (!shape.every((size) => size >= 0) || !Number.isSafeInteger(elementCount(shape) * 16)) {
    throw fail(`[${shape.slice(0, 8).join(', ')}] is no shape`);
  }
  const stored = storedIn(params);
  if (stored === undefined) return '';
  const { dtype, fields, encoding } = stored;
  if (dtype === undefined) throw fail('its number of bits is not 1 to 8');
  const { ranges, fileBytes } = placed(fields, encoding, reading);
  const wanted = bytesOf(dtype, elementCount(shape));
  if (encoding === 'tagged-fixed32' ? fileBytes < wanted : fileBytes !== wanted) {
    throw fail(`${fileBytes} bytes do not hold [${shape.join(', ')}] of ${dtype}`);
  }
  const initializer: Initializer = { name, dtype, shape, encoding, ranges, fileBytes, available: true };
  keepInitializer(layer, stored.quantized ? initializer : withValue(initializer, reading));
  return stored.quantized ? dequantized(layer, initializer, fieldsAt(params, 40)) : name;
}

interface Stored {
  readonly dtype: DataType | undefined;
  readonly fields: readonly Field[];
  readonly encoding: WeightEncoding;
  readonly quantized: boolean;
}

function storedIn(params: Fields): Stored | undefined {
  const floats = params.get(1) ?? [];
  if (floats.length > 0) {
    return { dtype: 'float32', fields: floats, encoding: floatEncoding(floats), quantized: false };
  }
  const halves = messageAt(params, 2);
  if (halves !== undefined && halves.end > halves.start) {
    return { dtype: 'float16', fields: [halves], encoding: 'raw', quantized: false };
  }
  const codes = messageAt(params, 30);
  if (codes !== undefined && codes.end > codes.start) {
    const bits = `uint${integerAt(fieldsAt(params, 40), 1)}`;
    const dtype = /^uint[1-8]$/.test(bits) && isDataType(bits) ? bits : undefined;
    // coremltools, quantization_utils.py: each code and each byte is filled from the highest bit on.
    return { dtype, fields: [codes], encoding: dtype === 'uint8' ? 'raw' : 'high-bits-first', quantized: true };
  }
  const integers = messageAt(params, 31);
  if (integers === undefined || integers.end === integers.start) return undefined;
  return { dtype: 'int8', fields: [integers], encoding: 'raw', quantized: true };
}

function floatEncoding(fields: readonly Field[]): 'fixed32' | 'tagged-fixed32' {
  return fields.every(({ type }) => type === 2) ? 'fixed32' : 'tagged-fixed32';
}

function placed(
  fields: readonly Field[],
  encoding: WeightEncoding,
  { file }: Reading,
): { readonly ranges: readonly ByteRange[]; readonly fileBytes: number } {
  const ranges = fields.map((field): ByteRange => {
    const offset = encoding === 'tagged-fixed32' ? field.tagStart : field.start;
    return { file, offset, byteLength: field.end - offset };
  });
  return { ranges, fileBytes: ranges.reduce((sum, { byteLength }) => sum + byteLength, 0) };
}

/** The dense weight that comes out of the codes: by scale and bias, or out of a table. */
function dequantized(layer: Layer, { name }: Initializer, quantization: Fields): string {
  const table = messageAt(quantization, 102);
  const part = name.slice(layer.name.length + 1);
  if (table !== undefined) {
    const entries = floats(layer, `${part}/table`, fieldsOf(table).get(1) ?? []);
    return step(layer, `${part}/dense`, { operator: 'coreml.constexpr_lut_to_dense', inputs: [name, entries] });
  }
  const scale = floats(layer, `${part}/scale`, fieldsAt(quantization, 101).get(1) ?? []);
  return step(layer, `${part}/dense`, { operator: 'DequantizeLinear', inputs: [name, scale] });
}

/** One for all, or a list; 1 where the file says none. */
function floats(layer: Layer, part: string, fields: readonly Field[]): string {
  const { draft, name } = layer;
  const encoding = floatEncoding(fields);
  const { ranges, fileBytes } = placed(fields, encoding, draft.reading);
  const count = encoding === 'fixed32' ? fileBytes / 4 : fields.length;
  const own = `${name}/${part}`;
  if (count === 0) return addNumbers(draft, own, { dtype: 'float32', shape: [], elements: [1] });
  if (!Number.isInteger(count)) {
    throw new UserError(`${draft.reading.files.path}: weight ${quote(own)}: a list of floats ends inside of one`);
  }
  const shape = count === 1 ? [] : [count];
  const tensor = { name: own, dtype: 'float32', shape, encoding, ranges, fileBytes, available: true } as const;
  return keepInitializer(layer, withValue(tensor, draft.reading));
}
