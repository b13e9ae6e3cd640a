/** Strings, and features made of them. String elements have no size, so what is counted is one step per element. */
import { unknown } from '../ir/dimension.ts';
import type { DataType } from '../ir/data-type.ts';
import type { TensorType } from '../ir/graph.ts';
import { intsAttribute, stringAttribute } from './attribute.ts';
import { broadcastShapes } from './broadcast.ts';
import type { Operator, TypedNode } from './operator.ts';
import { decidedAtRunTime, shapeUnknownAs, tensor } from './type.ts';

type Infer = (context: TypedNode) => readonly TensorType[];

function inShapeOfInput(dtype: DataType): Infer {
  return ({ inputs: [input] }) => [input?.shape ? tensor(dtype, input.shape) : shapeUnknownAs(dtype, input)];
}

const inferConcat: Infer = ({ inputs: [a, b] }) => {
  const shape = broadcastShapes(a?.shape ?? null, b?.shape ?? null);
  return [shape ? tensor('string', shape) : shapeUnknownAs('string', a?.shape ? b : a)];
};

const inferSplit: Infer = ({ inputs: [input] }) => {
  if (!input?.shape) return [shapeUnknownAs('string', input), shapeUnknownAs('int64', input)];
  return [tensor('string', [...input.shape, unknown(decidedAtRunTime('StringSplit'))]), tensor('int64', input.shape)];
};

/** Stop words drop out: how many strings stay only a run can tell. */
const inferNormalizer: Infer = ({ inputs: [input] }) => {
  const open = unknown(decidedAtRunTime('StringNormalizer'));
  return [tensor('string', input?.shape?.length === 2 ? [1, open] : [open])];
};

/** One count per n-gram of the pool: the largest output index decides. */
const inferTfIdf: Infer = ({ node, inputs: [input] }) => {
  const size = intsAttribute(node, 'ngram_indexes', []).reduce((most, index) => Math.max(most, index + 1), 0);
  if (!input?.shape) return [shapeUnknownAs('float32', input)];
  return [tensor('float32', [...input.shape.slice(0, -1), size])];
};

const inferImageDecoder: Infer = ({ node }) => {
  const open = unknown(decidedAtRunTime('ImageDecoder'));
  const channels = stringAttribute(node, 'pixel_format', 'RGB') === 'Grayscale' ? 1 : 3;
  return [tensor('uint8', [open, open, channels])];
};

function entry(name: string, documentation: string, infer: Infer): Operator {
  return { domain: '', name, documentation, infer };
}

export const textOperators: readonly Operator[] = [
  entry('StringConcat', 'Joins strings; one step per string.', inferConcat),
  entry('StringSplit', 'Splits strings; one step per string.', inferSplit),
  entry('StringNormalizer', 'Changes case and drops stop words; one step per string.', inferNormalizer),
  entry('RegexFullMatch', 'Matches strings; one step per string.', inShapeOfInput('bool')),
  entry('TfIdfVectorizer', 'Counts n-grams; one step per count.', inferTfIdf),
  entry('ImageDecoder', 'Decodes a compressed image; one step per value.', inferImageDecoder),
];
