/** Operators that pick elements by index, and that write elements to indexed places. */
import { isKnown } from '../ir/dimension.ts';
import type { TensorType, TensorValue } from '../ir/graph.ts';
import { intAttribute } from './attribute.ts';
import { moveWork, totalElements } from './movement.ts';
import type { Operator, TypedNode } from './operator.ts';
import {
  decidedAtRunTime,
  dtypeOf,
  normalizeAxis,
  numbersOf,
  sameAs,
  shapeUnknownAs,
  tensor,
  unknownType,
} from './type.ts';
import { rearrange } from './value.ts';
import type { Work } from './work.ts';

function inferGather({ node, inputs }: TypedNode): readonly TensorType[] {
  const [data, indices] = inputs;
  if (!data?.shape) return [shapeUnknownAs(dtypeOf(data), data)];
  if (!indices?.shape) return [shapeUnknownAs(data.dtype, indices)];
  const axis = normalizeAxis(intAttribute(node, 'axis', 0), data.shape.length);
  if (axis === undefined) return [unknownType('Gather: the axis is outside of the rank')];
  // Leading axes that data and indices share (TFLite); ONNX has none.
  const picked = indices.shape.slice(intAttribute(node, 'batch_dims', 0));
  return [tensor(data.dtype, data.shape.toSpliced(axis, 1, ...picked), data.reason)];
}

function evaluateGather(context: TypedNode): readonly (TensorValue | undefined)[] {
  if (intAttribute(context.node, 'batch_dims', 0) !== 0) return [undefined];
  const [data, indices] = context.values;
  const places = numbersOf(indices);
  const axis = data && normalizeAxis(intAttribute(context.node, 'axis', 0), data.shape.length);
  if (places === undefined || indices === undefined || axis === undefined) return [undefined];
  const rank = indices.shape.length;
  const from = (place: readonly number[]): readonly number[] => {
    const at = place.slice(axis, axis + rank).reduce((sum, one, position) => sum * indices.shape[position]! + one, 0);
    const index = places[at]!;
    return place.toSpliced(axis, rank, index < 0 ? index + data!.shape[axis]! : index);
  };
  return [rearrange(data, inferGather(context)[0], from)];
}

function inferGatherElements({ inputs }: TypedNode): readonly TensorType[] {
  const [data, indices] = inputs;
  if (!indices?.shape) return [shapeUnknownAs(dtypeOf(data), indices)];
  return [tensor(dtypeOf(data), indices.shape, data?.reason)];
}

function inferGatherNd({ node, inputs }: TypedNode): readonly TensorType[] {
  const [data, indices] = inputs;
  if (!data?.shape) return [shapeUnknownAs(dtypeOf(data), data)];
  const depth = indices?.shape?.at(-1);
  if (!indices?.shape || depth === undefined || !isKnown(depth)) {
    return [tensor(data.dtype, null, decidedAtRunTime('GatherND'))];
  }
  const batches = intAttribute(node, 'batch_dims', 0);
  return [tensor(data.dtype, [...indices.shape.slice(0, -1), ...data.shape.slice(batches + depth)], data.reason)];
}

/** The written elements move; the rest is copied unless the runtime writes in place, which it does. */
function scatterWork({ inputs }: TypedNode): Work {
  return {
    operatorClass: 'data-movement',
    nests: [],
    vector: [{ operation: 'move', elements: totalElements([inputs[2] ?? inputs[0]]) }],
  };
}

function gather(name: string, documentation: string, infer: (context: TypedNode) => readonly TensorType[]): Operator {
  return { domain: '', name, documentation, infer, work: moveWork, parameterInputs: [0] };
}

function scatter(name: string, documentation: string): Operator {
  const infer = ({ inputs }: TypedNode): readonly TensorType[] => [sameAs(inputs[0])];
  return { domain: '', name, documentation, infer, work: scatterWork, parameterInputs: [0, 2] };
}

export const gatherOperators: readonly Operator[] = [
  {
    ...gather('Gather', 'Picks slices by index (embedding tables); each output element moves once.', inferGather),
    evaluate: evaluateGather,
  },
  gather('GatherElements', 'Picks single elements along an axis; each moves once.', inferGatherElements),
  gather('GatherND', 'Picks slices by index tuples; each output element moves once.', inferGatherNd),
  scatter('Scatter', 'Writes elements along an axis; each written element moves once.'),
  scatter('ScatterElements', 'Writes elements along an axis; each written element moves once.'),
  scatter('ScatterND', 'Writes slices to index tuples; each written element moves once.'),
  scatter('TensorScatter', 'Writes a cache update at its positions; each written element moves once.'),
];
