/** Floats of another type. */
import type { DataType } from '../../ir/data-type.ts';
import type { ChangedElements, Elements } from './changed-elements.ts';
import { mapElements } from './element-stream.ts';
import { rounding } from './rounding.ts';

export function cast({ shape, stream }: Elements, dtype: DataType): ChangedElements {
  const values = mapElements(stream, () => rounding(dtype));
  return { shape, values, stored: values, storage: [] };
}
