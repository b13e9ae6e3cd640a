/** Between floats and quantized integers, and quantized forms of element-wise operators. */
import type { DataType } from '../ir/data-type.ts';
import { add, unknown } from '../ir/dimension.ts';
import type { Dimension } from '../ir/dimension.ts';
import type { Node, TensorType } from '../ir/graph.ts';
import { intAttribute } from './attribute.ts';
import { broadcastAll } from './broadcast.ts';
import { dataTypeAttribute } from './cast.ts';
import { elementsOf, printCost, vectorWork } from './counting.ts';
import type { Cost } from './counting.ts';
import type { Operator, TypedNode } from './operator.ts';
import { softmaxCost } from './softmax.ts';
import { dtypeOf, normalizeAxis, sameAs, shapeUnknownAs, tensor, withDimension } from './type.ts';
import type { OperatorClass } from './work.ts';

const microsoft = 'com.microsoft';

function quantizedType({ inputs }: TypedNode, dtype: DataType | null): TensorType[] {
  const [input] = inputs;
  return [input?.shape ? tensor(dtype, input.shape, 'no zero point tells it') : shapeUnknownAs(dtype, input)];
}

/** Scales and zero points of blocks are a part of the weights that counts; those of channels are not. */
function ofBlocks(node: Node): readonly number[] {
  return intAttribute(node, 'block_size', 0) > 0 ? [1, 2] : [];
}

/** Same shape, a conversion per element; constant inputs are weights in their stored form. */
function conversion(
  name: string,
  documentation: string,
  dtypeFrom: (context: TypedNode) => DataType | null,
): readonly Operator[] {
  return ['', microsoft].map((domain) => ({
    domain,
    name,
    documentation,
    infer: (context) => quantizedType(context, dtypeFrom(context)),
    work: (_, [output]) => ({
      operatorClass: 'quantize',
      nests: [],
      vector: vectorWork(elementsOf(output), { convert: 1 }),
    }),
    parameterInputs: [0],
    storageInputs: ofBlocks,
  }));
}

const dynamicQuantizeLinear: Operator = {
  domain: '',
  name: 'DynamicQuantizeLinear',
  documentation: 'Quantization by the range of the data itself. 2 additions and 1 conversion per element.',
  infer: ({ inputs }) => [{ ...sameAs(inputs[0]), dtype: 'uint8' }, tensor('float32', []), tensor('uint8', [])],
  work: ({ inputs }) => ({
    operatorClass: 'quantize',
    nests: [],
    vector: vectorWork(elementsOf(inputs[0]), { add: 2, convert: 1 }),
  }),
};

/** A quantized form of an element-wise operator: each operand has a scale and a zero point after it. */
interface QuantizedElementwise {
  readonly name: string;
  readonly summary: string;
  readonly operands: readonly number[];
  readonly outputZeroPoint: number;
  readonly cost: Cost;
  readonly operatorClass?: OperatorClass;
}

const requantize: Cost = { convert: 1 };

const quantizedElementwise: readonly QuantizedElementwise[] = [
  {
    name: 'QLinearAdd',
    summary: 'a+b, quantized',
    operands: [0, 3],
    outputZeroPoint: 7,
    cost: { add: 1, multiply: 2, ...requantize },
  },
  {
    name: 'QLinearMul',
    summary: 'a·b, quantized',
    operands: [0, 3],
    outputZeroPoint: 7,
    cost: { multiply: 1, ...requantize },
  },
  {
    name: 'QLinearWhere',
    summary: 'x where the condition holds, else y, quantized',
    operands: [0, 1, 4],
    outputZeroPoint: 8,
    cost: { add: 1, ...requantize },
  },
  {
    name: 'QLinearSigmoid',
    summary: '1/(1+exp(-x)), quantized, by a table',
    operands: [0],
    outputZeroPoint: 4,
    cost: { move: 1 },
  },
  {
    name: 'QLinearLeakyRelu',
    summary: 'x above 0, alpha·x below, quantized, by a table',
    operands: [0],
    outputZeroPoint: 4,
    cost: { move: 1 },
  },
  {
    name: 'QLinearSoftmax',
    summary: 'exp(x)/Σexp(x) along an axis, quantized',
    operands: [0],
    outputZeroPoint: 4,
    cost: { ...softmaxCost, ...requantize },
    operatorClass: 'softmax',
  },
];

function quantizedOperator(row: QuantizedElementwise): Operator {
  return {
    domain: microsoft,
    name: row.name,
    documentation: `${row.summary}. Counted as ${printCost(row.cost)} per output element.`,
    infer: ({ inputs }) => {
      const operands = row.operands.map((position) => inputs[position]);
      const shape = broadcastAll(operands.map((operand) => operand?.shape ?? null));
      const dtype = dtypeOf(inputs[row.outputZeroPoint]) ?? dtypeOf(operands.at(-1));
      return [shape === null ? shapeUnknownAs(dtype, operands[0]) : tensor(dtype, shape)];
    },
    work: (_, [output]) => ({
      operatorClass: row.operatorClass ?? 'elementwise',
      nests: [],
      vector: vectorWork(elementsOf(output), row.cost),
    }),
    parameterInputs: row.operands,
  };
}

/** Output scale and zero point come first, then each operand with its own. */
const qlinearConcat: Operator = {
  domain: microsoft,
  name: 'QLinearConcat',
  documentation: 'Quantized tensors joined along an axis. 1 conversion per output element.',
  infer: ({ node, inputs }) => {
    const operands = inputs.filter((_, position) => position >= 2 && position % 3 === 2);
    const [first] = operands;
    const dtype = dtypeOf(inputs[1]) ?? dtypeOf(first);
    const axis = first?.shape && normalizeAxis(intAttribute(node, 'axis', 0), first.shape.length);
    if (!first?.shape || typeof axis !== 'number') return [shapeUnknownAs(dtype, first)];
    const reason = 'the shape of an input is not known';
    const joined = operands.map((operand) => operand?.shape?.[axis] ?? unknown(reason)).reduce<Dimension>(add, 0);
    return [tensor(dtype, withDimension(first.shape, axis, joined))];
  },
  work: (_, [output]) => ({
    operatorClass: 'data-movement',
    nests: [],
    vector: vectorWork(elementsOf(output), { convert: 1 }),
  }),
};

export const quantizeOperators: readonly Operator[] = [
  ...conversion(
    'QuantizeLinear',
    'Floats to integers by scale and zero point. 1 conversion per element.',
    (context) => dtypeOf(context.inputs[2]) ?? dataTypeAttribute(context, 'output_dtype', 'uint8'),
  ),
  ...conversion(
    'DequantizeLinear',
    'Integers to floats by scale and zero point. 1 conversion per element.',
    (context) => dataTypeAttribute(context, 'output_dtype', dtypeOf(context.inputs[1])),
  ),
  dynamicQuantizeLinear,
  ...quantizedElementwise.map(quantizedOperator),
  qlinearConcat,
];
