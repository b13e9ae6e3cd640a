import type { DataType } from '../../ir/data-type.ts';
import { dataTypeByCode, dataTypeCode } from '../../operators/cast.ts';

/** Undefined for numbers that IR 14 does not know. */
export function dataTypeOf(number: number): DataType | undefined {
  return dataTypeByCode[number];
}

/** The number of a type; undefined for one that IR 14 does not know. */
export function onnxDataType(dtype: DataType): number | undefined {
  return dataTypeCode(dtype);
}
