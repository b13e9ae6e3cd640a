/**
 * ONNX Runtime's operators that carry a state from token to token: gated delta networks, state space models, causal
 * convolutions, and an LSTM that attends to a memory
 * (https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md).
 */
import { floorDivide, maximum, unknown } from '../ir/dimension.ts';
import type { Dimension } from '../ir/dimension.ts';
import { intAttribute, stringAttribute } from './attribute.ts';
import { sequencesOf } from './contrib-tokens.ts';
import { activationCost, axisSize, elementsOf, loopNest, matrixProduct, vectorWork } from './counting.ts';
import { moveWork } from './movement.ts';
import { rootMeanSquareCost } from './normalization.ts';
import type { Operator, TypedNode } from './operator.ts';
import { recurrentOperators } from './recurrent.ts';
import { softmaxCost } from './softmax.ts';
import { dtypeOf, sameAs, shapeUnknownAs, tensor } from './type.ts';

const domain = 'com.microsoft';

const updates = ({ node }: TypedNode): number => intAttribute(node, 'state_update_capacity', 0);

/** Sizes of query and value heads; packed, a row holds queries, keys and values, whose split the state tells. */
interface DeltaSizes<Size> {
  readonly tokens: Size;
  readonly heads: Size;
  readonly valueHeads: Size;
  readonly keySize: Size;
  readonly valueSize: Size;
}

function deltaSizes({ inputs }: TypedNode): DeltaSizes<Dimension> | undefined {
  const [query, , value, , , , state] = inputs.map((input) => input?.shape);
  const tokens = query?.[0];
  if (tokens === undefined) return undefined;
  if (query?.length === 3 && value?.length === 3) {
    const [, heads, keySize] = query as [Dimension, Dimension, Dimension];
    return { tokens, heads, keySize, valueHeads: value[1]!, valueSize: value[2]! };
  }
  if (state?.length !== 4) return undefined;
  const [, valueHeads, valueSize, keySize] = state as [Dimension, Dimension, Dimension, Dimension];
  const all = query![1];
  if (typeof all !== 'number' || typeof valueHeads !== 'number' || typeof valueSize !== 'number') return undefined;
  const heads = floorDivide(floorDivide(all - valueHeads * valueSize, keySize), 2);
  return { tokens, heads, keySize, valueHeads, valueSize };
}

const gatedDeltaNet: Operator = {
  domain,
  name: 'GatedDeltaNet',
  documentation:
    'Attention by a state for each head, updated token after token. MACs: tokens × value heads × key size × value size ' +
    'to update the state (twice that for the delta rules) and as much to read it.',
  infer: (context) => {
    const { inputs, node } = context;
    const dtype = dtypeOf(inputs[0]);
    const sizes = deltaSizes(context);
    const state = sameAs(inputs[6]);
    if (sizes === undefined) return [shapeUnknownAs(dtype, inputs[0]), state, shapeUnknownAs('float32', inputs[0])];
    const { tokens, heads, valueHeads, keySize, valueSize } = sizes;
    const batch = inputs[6]?.shape?.[0] ?? sequencesOf(inputs[3]?.shape?.[0]);
    return [
      tensor(dtype, [tokens, maximum(heads, valueHeads), valueSize]),
      tensor('float32', [batch, valueHeads, valueSize, keySize]),
      tensor('float32', [batch, unknown('the widths of what was captured are not followed')]),
    ].slice(0, node.outputs.length);
  },
  work: (typed) => {
    const sizes = deltaSizes(typed);
    if (sizes === undefined) return { operatorClass: 'recurrent', nests: [], vector: [] };
    const size = (dimension: Dimension) => (typeof dimension === 'number' ? dimension : 0);
    const [tokens, heads, keySize, valueSize] = [
      size(sizes.tokens),
      size(sizes.valueHeads),
      size(sizes.keySize),
      size(sizes.valueSize),
    ];
    const delta = stringAttribute(typed.node, 'update_rule', 'gated_delta').includes('delta');
    const product = { batch: heads, columns: valueSize, depth: keySize };
    const operands = { sequentialSteps: tokens, stationaryInput: 6 };
    return {
      operatorClass: 'recurrent',
      nests: [
        matrixProduct({ ...product, rows: delta ? 2 : 1 }, operands),
        matrixProduct({ ...product, rows: 1 }, operands),
      ],
      vector: [
        ...vectorWork(tokens * heads * keySize * valueSize, { multiply: 1 }),
        ...vectorWork(tokens * heads, { exponential: 2, add: 2 }),
      ],
    };
  },
  parameterInputs: [7, 8],
};

/** Tokens × channels of all sequences behind each other. */
const varlenConvolution: Operator = {
  domain,
  name: 'VarlenCausalConvWithState',
  documentation:
    'Causal depthwise convolution of sequences behind each other that carries its last inputs as state. MACs: tokens × ' +
    'channels × kernel; bias and activation are vector work.',
  infer: (context) => {
    const { inputs, node } = context;
    const [input, , offsets, , state] = inputs;
    const channels = input?.shape?.[1];
    const update = channels === undefined ? null : [sequencesOf(offsets?.shape?.[0]), updates(context), channels];
    return [sameAs(input), sameAs(state), tensor(dtypeOf(input), update, input?.reason)].slice(0, node.outputs.length);
  },
  work: ({ node, inputs }, [output]) => {
    const nest = loopNest({ G: axisSize(inputs[0], 1), OX: axisSize(inputs[0], 0), FX: axisSize(inputs[1], 2) });
    const activation = activationCost(stringAttribute(node, 'activation', 'none'));
    const bias = inputs[3] === undefined ? {} : { add: 1 };
    const vector = [...vectorWork(elementsOf(output), bias), ...vectorWork(elementsOf(output), activation)];
    return { operatorClass: 'depthwise-convolution', nests: [nest], vector };
  },
  parameterInputs: [1, 3],
};

/** Input `[tokens, gate, convolved channels and steps]`, states by snapshot. */
const mamba2Verify: Operator = {
  domain,
  name: 'Mamba2Verify',
  documentation:
    'Causal convolution, state space recurrence and gated normalization of one sequence. MACs: tokens × channels × ' +
    'kernel, and twice tokens × heads × state size × head size; gates and norms are vector work.',
  infer: ({ node, inputs }) => {
    const [projection, convolution, states] = inputs;
    const rows = projection?.shape?.[0];
    const inner = intAttribute(node, 'heads', 1) * intAttribute(node, 'head_dim', 64);
    const channels = convolution?.shape?.[1];
    if (rows === undefined || channels === undefined) return node.outputs.map(() => shapeUnknownAs(null, projection));
    const dtype = dtypeOf(projection);
    return [
      tensor(dtype, [rows, inner]),
      sameAs(convolution),
      sameAs(states),
      tensor(dtype, [rows, channels]),
      tensor('float32', [rows, inner]),
    ].slice(0, node.outputs.length);
  },
  work: ({ node, inputs }, [output]) => {
    const steps = axisSize(inputs[0], 0);
    const convolved = loopNest({
      G: axisSize(inputs[1], 1),
      OX: steps,
      FX: axisSize(inputs[3], -1),
      stationaryInput: 3,
    });
    const batch = intAttribute(node, 'heads', 1);
    const columns = intAttribute(node, 'head_dim', 64);
    const depth = intAttribute(node, 'd_state', 128);
    const recurrence = matrixProduct(
      { batch, rows: 2, columns, depth },
      { sequentialSteps: steps, stationaryInput: 2 },
    );
    return {
      operatorClass: 'recurrent',
      nests: [convolved, recurrence],
      vector: [
        ...vectorWork(steps * axisSize(inputs[1], 1), { add: 1, exponential: 1 }),
        ...vectorWork(steps * batch * columns * depth, { multiply: 1 }),
        ...vectorWork(elementsOf(output), { ...rootMeanSquareCost, exponential: 1 }),
      ],
    };
  },
  parameterInputs: [3, 4, 5, 6, 7, 8],
};

/** Puts a state together from what was captured of it, in memory that the outputs share with an input. */
function replay(name: string, summary: string): Operator {
  return {
    domain,
    name,
    documentation: `${summary}. Counted as 1 move per element of the state.`,
    infer: ({ inputs }) => [sameAs(inputs[2])],
    work: moveWork,
  };
}

/** An LSTM's own products, and at each step a query, its scores with the memory, and the memory under them. */
const attentionLstm: Operator = {
  domain,
  name: 'AttnLSTM',
  documentation:
    'LSTM that attends to a memory at each step. MACs: those of LSTM with the attention beside the input, and for each ' +
    'step hidden × attention size for the query, memory steps × (attention size + memory depth) for the scores and the ' +
    'sum.',
  infer: (context) => lstm.infer(context),
  work: (typed, outputs) => {
    const { nests, vector } = lstm.work!(typed, outputs);
    const { inputs } = typed;
    const [steps, batch] = [axisSize(inputs[0], 0), axisSize(inputs[0], 1)];
    const [memory, depth] = [axisSize(inputs[11], 1), axisSize(inputs[11], 2)];
    const size = axisSize(inputs[9], 2);
    const sequential = { G: axisSize(inputs[1], 0), B: batch, sequentialSteps: steps };
    const hidden = axisSize(inputs[8], 1);
    const given = axisSize(inputs[1], 2);
    // The input's weights take the attention's answer too, which only a step before gives.
    const own = nests.map((nest, index) => (index === 0 ? { ...nest, C: given } : nest));
    const projected =
      inputs[13] === undefined
        ? []
        : [loopNest({ ...sequential, K: axisSize(inputs[13], 2), C: axisSize(inputs[13], 1), stationaryInput: 13 })];
    return {
      operatorClass: 'recurrent',
      nests: [
        ...own,
        loopNest({ G: sequential.G, OY: batch * memory, K: size, C: depth, streamedInput: 11, stationaryInput: 9 }),
        loopNest({ ...sequential, K: size, C: hidden, stationaryInput: 8 }),
        loopNest({ ...sequential, K: 1, OY: memory, C: size, stationaryInput: 10 }),
        loopNest({ ...sequential, K: depth, C: memory, stationaryInput: 11 }),
        ...projected,
      ],
      vector: [
        ...vector,
        ...vectorWork(sequential.G * steps * batch * memory * size, { add: 1, exponential: 1 }),
        ...vectorWork(sequential.G * steps * batch * memory, softmaxCost),
      ],
    };
  },
  parameterInputs: [1, 2, 3, 7, 8, 9, 10, 13],
};

const lstm: Operator = recurrentOperators.find(({ domain: own, name }) => own === '' && name === 'LSTM')!;

export const contribStateOperators: readonly Operator[] = [
  gatedDeltaNet,
  varlenConvolution,
  mamba2Verify,
  replay('GatedDeltaNetStateReplay', 'The state of a gated delta network after the tokens that are kept'),
  replay('ConvStateReplay', 'The history of a convolution after the tokens that are kept'),
  attentionLstm,
];
