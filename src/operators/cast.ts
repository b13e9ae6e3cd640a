/** Changes of element type. */
import type { DataType } from '../ir/data-type.ts';
import { isFloat, isInteger } from '../ir/data-type.ts';
import { isKnown, unknown } from '../ir/dimension.ts';
import type { Element, TensorType, TensorValue } from '../ir/graph.ts';
import { intAttribute } from './attribute.ts';
import { floorElement } from './element-arithmetic.ts';
import { totalElements, viewWork } from './movement.ts';
import type { Operator, TypedNode } from './operator.ts';
import { dtypeOf, shapeUnknownAs, tensor } from './type.ts';
import type { Work } from './work.ts';

/** By TensorProto.DataType (IR 14; 0 is UNDEFINED): https://github.com/onnx/onnx/blob/main/onnx/onnx.proto */
export const dataTypeByCode: readonly (DataType | undefined)[] = [
  undefined,
  'float32',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  'float16',
  'float64',
  'uint32',
  'uint64',
  'complex64',
  'complex128',
  'bfloat16',
  'float8e4m3fn',
  'float8e4m3fnuz',
  'float8e5m2',
  'float8e5m2fnuz',
  'uint4',
  'int4',
  'float4e2m1',
  'float8e8m0',
  'uint2',
  'int2',
  'float6e2m3',
  'float6e3m2',
];

/** The element type that an attribute such as `to` or `dtype` names; `fallback` when it is absent, null when unheard of. */
export function dataTypeAttribute(
  { node }: TypedNode,
  name: string,
  fallback: DataType | null = null,
): DataType | null {
  const code = intAttribute(node, name, undefined);
  return code === undefined || code === 0 ? fallback : (dataTypeByCode[code] ?? null);
}

/** The code of an element type; undefined where there is none. */
export function dataTypeCode(dtype: DataType | null): number | undefined {
  const code = dtype === null ? -1 : dataTypeByCode.indexOf(dtype);
  return code < 0 ? undefined : code;
}

function castTo(dtypeFrom: (context: TypedNode) => DataType | null) {
  return (context: TypedNode): readonly TensorType[] => {
    const [input] = context.inputs;
    const dtype = dtypeFrom(context);
    if (!input?.shape) return [shapeUnknownAs(dtype, input)];
    return [tensor(dtype, input.shape, 'the element type to cast to is not known')];
  };
}

function convert(element: Element, from: DataType, to: DataType): Element {
  if (!isKnown(element) && to === 'bool') return unknown('a symbol as a truth value');
  if (!isKnown(element)) return isInteger(to) && isFloat(from) ? floorElement([element], to) : element;
  if (to === 'bool') return element === 0 ? 0 : 1;
  return isInteger(to) && isFloat(from) ? Math.trunc(element) : element;
}

function evaluateCast(dtypeFrom: (context: TypedNode) => DataType | null) {
  return (context: TypedNode): readonly (TensorValue | undefined)[] => {
    const [value] = context.values;
    const dtype = dtypeFrom(context);
    if (value === undefined || dtype === null || value.dtype === 'string' || dtype === 'string') return [undefined];
    const elements = value.elements.map((element) => convert(element, value.dtype, dtype));
    return [{ dtype, shape: value.shape, elements }];
  };
}

function castWork(_node: TypedNode, outputs: readonly TensorType[]): Work {
  return {
    operatorClass: 'elementwise',
    nests: [],
    vector: [{ operation: 'convert', elements: totalElements(outputs) }],
  };
}

function cast(name: string, documentation: string, dtypeFrom: (context: TypedNode) => DataType | null): Operator {
  return {
    domain: '',
    name,
    documentation,
    infer: castTo(dtypeFrom),
    evaluate: evaluateCast(dtypeFrom),
    work: castWork,
    parameterInputs: [0],
  };
}

export const castOperators: readonly Operator[] = [
  cast('Cast', 'Another element type; one conversion per element.', (context) => dataTypeAttribute(context, 'to')),
  cast('CastLike', 'The element type of another tensor; one conversion per element.', ({ inputs }) =>
    dtypeOf(inputs[1]),
  ),
  {
    domain: '',
    name: 'BitCast',
    documentation: 'The same bits read as another type of the same width; nothing moves.',
    infer: castTo((context) => dataTypeAttribute(context, 'to')),
    work: viewWork,
  },
];
