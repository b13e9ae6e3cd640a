import { describe, expect, test } from 'vitest';
import { readModel } from '../../../src/formats/index.ts';
import { inferModel } from '../../../src/passes/index.ts';
import { delimited, integer, sources, type Bytes } from '../wire.ts';

/** TensorProto.DataType of onnx 1.23, with the bytes of three elements as onnx's own helper packs them. */
const types: readonly (readonly [number: number, name: string, bytes: number])[] = [
  [1, 'float32', 12],
  [2, 'uint8', 3],
  [3, 'int8', 3],
  [4, 'uint16', 6],
  [5, 'int16', 6],
  [6, 'int32', 12],
  [7, 'int64', 24],
  [9, 'bool', 3],
  [10, 'float16', 6],
  [11, 'float64', 24],
  [12, 'uint32', 12],
  [13, 'uint64', 24],
  [14, 'complex64', 24],
  [15, 'complex128', 48],
  [16, 'bfloat16', 6],
  [17, 'float8e4m3fn', 3],
  [18, 'float8e4m3fnuz', 3],
  [19, 'float8e5m2', 3],
  [20, 'float8e5m2fnuz', 3],
  [21, 'uint4', 2],
  [22, 'int4', 2],
  [23, 'float4e2m1', 2],
  [24, 'float8e8m0', 3],
  [25, 'uint2', 1],
  [26, 'int2', 1],
  [27, 'float6e2m3', 3],
  [28, 'float6e3m2', 3],
];

const node = (operator: string, input: string, output: string, ...attributes: readonly Bytes[]): Bytes =>
  delimited(1, delimited(1, input), delimited(2, output), delimited(4, operator), ...attributes);

/** Initializer `w` [3] passed on as `same`, and input `x` [3] cast to its type as `cast`; written as opset 25. */
function modelOf(number: number, content: readonly Bytes[]) {
  const shape = delimited(2, delimited(1, integer(1, 3)));
  const input = delimited(11, delimited(1, 'x'), delimited(2, delimited(1, integer(1, 1), shape)));
  const initializer = delimited(5, integer(1, 3), integer(2, number), ...content, delimited(8, 'w'));
  const to = delimited(5, delimited(1, 'to'), integer(3, number), integer(20, 2));
  const graph = delimited(7, node('Identity', 'w', 'same'), node('Cast', 'x', 'cast', to), initializer, input);
  const opset = delimited(8, delimited(1, ''), integer(2, 25));
  return inferModel(readModel(sources(integer(1, 13), graph, opset), 'm.onnx'), { dims: new Map(), inputs: new Map() });
}

describe.each(types)('type %i', (number, dtype, bytes) => {
  test(`is ${dtype}, as an initializer and as what a Cast makes`, () => {
    const { graph } = modelOf(number, [delimited(9, new Uint8Array(bytes))]);
    for (const name of ['w', 'same', 'cast']) expect(graph.tensors.get(name)).toEqual({ dtype, shape: [3] });
    expect(graph.initializers.get('w')?.fileBytes).toBe(bytes);
  });
});

test('type 8 is a string', () => {
  const { graph } = modelOf(8, [delimited(6, 'a'), delimited(6, 'b'), delimited(6, 'c')]);
  for (const name of ['w', 'same', 'cast']) expect(graph.tensors.get(name)).toEqual({ dtype: 'string', shape: [3] });
});
