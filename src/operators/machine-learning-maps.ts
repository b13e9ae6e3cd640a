/** Maps from keys to numbers, turned into tensors (ai.onnx.ml). */
import type { DataType } from '../ir/data-type.ts';
import { unknown } from '../ir/dimension.ts';
import { intAttribute, intsAttribute, stringAttribute, stringsAttribute } from './attribute.ts';
import { moveWork } from './movement.ts';
import type { Operator } from './operator.ts';
import { decidedAtRunTime, dtypeOf, tensor } from './type.ts';

const domain = 'ai.onnx.ml';

const castTypes: ReadonlyMap<string, DataType> = new Map([
  ['TO_FLOAT', 'float32'],
  ['TO_INT64', 'int64'],
  ['TO_STRING', 'string'],
]);

const castMap: Operator = {
  domain,
  name: 'CastMap',
  documentation: 'The values of a map, by key. 1 move per output element.',
  infer: ({ node }) => {
    const dtype = castTypes.get(stringAttribute(node, 'cast_to', 'TO_FLOAT')) ?? null;
    const sparse = stringAttribute(node, 'map_form', 'DENSE') === 'SPARSE';
    const length = sparse ? intAttribute(node, 'max_map', 1) : unknown(decidedAtRunTime('CastMap'));
    return [tensor(dtype, [1, length], 'cast_to names no type')];
  },
  work: moveWork,
};

const dictVectorizer: Operator = {
  domain,
  name: 'DictVectorizer',
  documentation: 'The values of a map in the order of a vocabulary. 1 move per output element.',
  infer: ({ node, inputs }) => {
    const strings = stringsAttribute(node, 'string_vocabulary', []).length;
    const words = strings > 0 ? strings : intsAttribute(node, 'int64_vocabulary', []).length;
    return [tensor(dtypeOf(inputs[0]), [1, words], 'the type of the values is not known')];
  },
  work: moveWork,
};

export const machineLearningMapOperators: readonly Operator[] = [castMap, dictVectorizer];
