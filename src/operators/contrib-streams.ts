/**
 * ONNX Runtime's operators for models with several residual streams, gates of linear attention, and norms with a
 * rotation behind them (https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md).
 */
import { floorDivide, multiply, product, unknown } from '../ir/dimension.ts';
import type { Dimension } from '../ir/dimension.ts';
import type { TensorType } from '../ir/graph.ts';
import { intAttribute } from './attribute.ts';
import { axisSize, elementsOf, halvings, matrixProduct, vectorWork } from './counting.ts';
import { rootMeanSquareCost } from './normalization.ts';
import type { Operator, TypedNode } from './operator.ts';
import { dtypeOf, sameAs, shapeUnknownAs, tensor } from './type.ts';

const domain = 'com.microsoft';

/** Streams stand in an axis of their own, or side by side in the last one where their number is given. */
function branchesOf({ node, inputs }: TypedNode): number {
  return intAttribute(node, 'num_branches', 0) || axisSize(inputs[0], -2);
}

/** One stream's features: the streams' last axis, or that over their number. */
function featureType({ node, inputs: [streams] }: TypedNode): TensorType {
  if (!streams?.shape || streams.shape.length < 2) return shapeUnknownAs(dtypeOf(streams), streams);
  const branches = intAttribute(node, 'num_branches', 0);
  const before = streams.shape.slice(0, branches > 0 ? -1 : -2);
  const last = streams.shape.at(-1)!;
  return tensor(streams.dtype, [...before, branches > 0 ? floorDivide(last, branches) : last]);
}

const preMix: Operator = {
  domain,
  name: 'HyperConnectionPreMix',
  documentation: 'Streams summed up under gates. 1 multiplication and 1 addition per element of the streams.',
  infer: (context) => [featureType(context)],
  work: ({ inputs }) => ({
    operatorClass: 'reduction',
    nests: [],
    vector: vectorWork(elementsOf(inputs[0]), { multiply: 1, add: 1 }),
  }),
};

const postMix: Operator = {
  domain,
  name: 'HyperConnectionPostMix',
  documentation:
    'A block’s output added to every stream under gates; streams are mixed where a matrix for it is given. MACs of the ' +
    'mixing: tokens × streams × streams × features; 1 multiplication and 1 addition per output element.',
  infer: ({ inputs }) => [sameAs(inputs[0])],
  work: (typed, [output]) => {
    const elements = elementsOf(output);
    const streams = Math.max(1, branchesOf(typed));
    const columns = axisSize(typed.inputs[1], -1);
    const batch = elements / Math.max(1, streams * columns);
    const mixing = matrixProduct({ batch, rows: streams, columns, depth: streams }, { stationaryInput: 3 });
    const mixed = typed.inputs[3] !== undefined;
    return {
      operatorClass: mixed ? 'matmul' : 'elementwise',
      nests: mixed ? [mixing] : [],
      vector: vectorWork(elements, { multiply: 1, add: 1 }),
    };
  },
};

/** Inputs 2, 3 and 4: down, up and the gate behind the block. */
const lowRankMix: Operator = {
  domain,
  name: 'HyperConnectionLowRankMix',
  documentation:
    'Streams normalized, gated through two narrow matrices and summed up. MACs: tokens × (streams × features) × (2 × ' +
    'rank + streams); normalization and gates are vector work.',
  infer: (context) => {
    const [streams] = context.inputs;
    const branches = intAttribute(context.node, 'num_branches', 1);
    const gate = streams?.shape ? tensor(streams.dtype, [...streams.shape.slice(0, -1), branches]) : sameAs(streams);
    return [featureType(context), gate, sameAs(streams)].slice(0, context.node.outputs.length);
  },
  work: ({ inputs }) => {
    const elements = elementsOf(inputs[0]);
    const rows = elements / Math.max(1, axisSize(inputs[0], -1));
    const nests = [2, 3, 4].map((position) => {
      const sizes = { rows, columns: axisSize(inputs[position], 1), depth: axisSize(inputs[position], 0) };
      return matrixProduct(sizes, { stationaryInput: position });
    });
    const prologue = inputs[5] === undefined ? {} : { multiply: 1, add: 1 };
    return {
      operatorClass: 'matmul',
      nests,
      vector: [
        ...vectorWork(elements, prologue),
        ...vectorWork(elements, { ...rootMeanSquareCost, exponential: 1 }),
        ...vectorWork(rows * axisSize(inputs[2], 1), { exponential: 1, multiply: 2 }),
      ],
    };
  },
  parameterInputs: [1, 2, 3, 4],
};

const engramGate: Operator = {
  domain,
  name: 'EngramGate',
  documentation:
    'A value under the gate of how well key and query agree, both normalized. 8 multiplications and 4 additions per ' +
    'output element, as much again for 1 norm where the normalized value is asked for.',
  infer: ({ node, inputs }) => [sameAs(inputs[0]), sameAs(inputs[0])].slice(0, node.outputs.length),
  work: (_, [output, normed]) => ({
    operatorClass: 'normalization',
    nests: [],
    vector: [
      ...vectorWork(elementsOf(output), { multiply: 8, add: 4 }),
      ...vectorWork(elementsOf(normed), rootMeanSquareCost),
    ],
  }),
  parameterInputs: [3, 4, 5],
};

const linearAttentionGate: Operator = {
  domain,
  name: 'LinearAttentionGate',
  documentation:
    'Decay and update rate of linear attention. 2 exponentials, 2 additions and 1 multiplication for each decay, 1 ' +
    'exponential for each rate.',
  infer: ({ node, inputs }) => [sameAs(inputs[0]), sameAs(inputs[3])].slice(0, node.outputs.length),
  work: (_, [decay, rate]) => ({
    operatorClass: 'elementwise',
    nests: [],
    vector: [
      ...vectorWork(elementsOf(decay), { exponential: 2, add: 2, multiply: 1 }),
      ...vectorWork(elementsOf(rate), { exponential: 1 }),
    ],
  }),
  parameterInputs: [1, 2],
};

/** Input batch × length × heads × stride, of which a slice of `input_width` is taken; 0 is all of it. */
const rmsNormRotary: Operator = {
  domain,
  name: 'RMSNormRotary',
  documentation:
    'Root mean square normalization of each head, then rotation of pairs by position. 5 multiplications and 2 additions ' +
    'per element.',
  infer: ({ node, inputs: [input] }) => {
    const dtype = intAttribute(node, 'output_fp16', 0) === 1 ? 'float16' : 'bfloat16';
    if (input?.shape?.length !== 4) return [shapeUnknownAs(dtype, input), shapeUnknownAs('float32', input)];
    const [batch, length, heads, stride] = input.shape as [Dimension, Dimension, Dimension, Dimension];
    const width = intAttribute(node, 'input_width', 0) || stride;
    const flat = intAttribute(node, 'flatten_batch', 0) === 1;
    const rows = flat ? [1, multiply(batch, length)] : [batch, length];
    return [tensor(dtype, [...rows, multiply(heads, width)]), tensor('float32', [batch, length, heads, width])].slice(
      0,
      node.outputs.length,
    );
  },
  work: (_, [output]) => ({
    operatorClass: 'normalization',
    nests: [],
    vector: vectorWork(elementsOf(output), { multiply: 5, add: 2 }),
  }),
  parameterInputs: [1],
};

/** The router's columns stand first in the matrix, then gate and up of the expert that all tokens share. */
const routerGateUp: Operator = {
  domain,
  name: 'RouterGateUpProj',
  documentation:
    'Scores of the experts and the gated first layer of the shared one, in one product. MACs: tokens × inputs × ' +
    'columns; 4 additions, 3 multiplications and 1 exponential for each gated element.',
  infer: ({ node, inputs: [input, weight] }) => {
    const dtype = dtypeOf(input);
    const columns = weight?.shape?.[1];
    if (!input?.shape || columns === undefined) return [shapeUnknownAs(dtype, input), shapeUnknownAs(dtype, input)];
    const scores = intAttribute(node, 'router_size', 0);
    const rows = input.shape.slice(0, -1);
    const gated = typeof columns === 'number' ? (columns - scores) / 2 : unknown('the weights have no shape');
    return [tensor(dtype, [...rows, scores]), tensor(dtype, [...rows, gated])];
  },
  work: ({ inputs }, [, gated]) => {
    const depth = axisSize(inputs[1], 0);
    const rows = elementsOf(inputs[0]) / Math.max(1, depth);
    return {
      operatorClass: 'matmul',
      nests: [matrixProduct({ rows, columns: axisSize(inputs[1], 1), depth })],
      vector: vectorWork(elementsOf(gated), { add: 4, multiply: 3, exponential: 1 }),
    };
  },
  parameterInputs: [1],
};

/** Scores of all experts for each token; which tokens there are is all but the last axis, folded. */
const groupRouter: Operator = {
  domain,
  name: 'MoEGroupRouter',
  documentation:
    'The best experts of the best groups for each token. MACs where it projects: tokens × experts × width; 1 ' +
    'exponential, 1 addition and the comparisons of a choice for each score.',
  infer: ({ node, inputs }) => {
    const [scores, bias, projection] = inputs;
    const experts = bias?.shape?.[0];
    if (!scores?.shape || experts === undefined) return node.outputs.map(() => shapeUnknownAs('float32', scores));
    const shape = [product(scores.shape.slice(0, -1)), experts];
    const routed = projection === undefined ? scores.dtype : projection.dtype;
    return [tensor(routed, shape), tensor('float32', shape), tensor('float32', shape)].slice(0, node.outputs.length);
  },
  work: ({ inputs }) => {
    const width = Math.max(1, axisSize(inputs[0], -1));
    const rows = elementsOf(inputs[0]) / width;
    const experts = axisSize(inputs[1], 0);
    const projects = inputs[2] !== undefined;
    return {
      operatorClass: projects ? 'matmul' : 'sort',
      nests: projects ? [matrixProduct({ rows, columns: experts, depth: width }, { stationaryInput: 2 })] : [],
      vector: vectorWork(rows * experts, { exponential: 1, add: 1, sort: halvings(Math.max(2, experts)) }),
    };
  },
  parameterInputs: [1, 2],
};

export const contribStreamOperators: readonly Operator[] = [
  preMix,
  postMix,
  lowRankMix,
  engramGate,
  linearAttentionGate,
  rmsNormRotary,
  routerGateUp,
  groupRouter,
];
