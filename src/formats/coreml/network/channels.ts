/** Layers of the first specifications: they know channels, height and width by place. */
import { integers } from '../emission.ts';
import { flagAt, floatAt, integerAt, integersAt, messageAt, textAt } from '../fields.ts';
import { emitLayer, part, renamed, through, type Layer, type LayerType } from './layer.ts';
import { weight } from './weights.ts';

const float = (value: number) => ({ float: value });

/** The weight is outputs × inputs; images of one pixel are seen as vectors and come out as images of one pixel. */
function innerProduct(layer: Layer): void {
  const { parameters, inputs, ranks } = layer;
  const [depth, outputs] = [integerAt(parameters, 1), integerAt(parameters, 2)];
  const weights = weight(layer, messageAt(parameters, 20), { part: 'weights', shape: [outputs, depth] });
  const bias = flagAt(parameters, 10)
    ? weight(layer, messageAt(parameters, 21), { part: 'bias', shape: [outputs] })
    : '';
  const rank = ranks[0] ?? 4;
  const x = inputs[0] ?? '';
  if (rank >= 4) {
    const flat = part(layer, 'flat', 'Reshape', { inputs: [x], attributes: { shape: [-1, depth] } });
    const product = part(layer, '', 'Gemm', { inputs: [flat, weights, bias], attributes: { transB: 1 } });
    const kept = Array.from({ length: rank - 4 }, () => 0);
    emitLayer(renamed(layer, 'pixel'), 'Reshape', [product], {
      shape: [...kept, kept.length > 0 ? 0 : -1, outputs, 1, 1],
    });
  } else if (rank === 2) {
    emitLayer(layer, 'Gemm', [x, weights, bias], { transB: 1 });
  } else {
    const product = { inputs: [x, weights], attributes: { transB: 1 } };
    if (bias === '') emitLayer(layer, 'com.microsoft.FusedMatMul', product.inputs, product.attributes);
    else emitLayer(layer, 'Add', [part(layer, 'product', 'com.microsoft.FusedMatMul', product), bias]);
  }
}

/** One row of the table for each index; `pixels` are the axes of 1 that follow the row. */
function embedding(layer: Layer, fields: { readonly bias: number; readonly pixels: number }): void {
  const { parameters, inputs } = layer;
  const [entries, size] = [integerAt(parameters, 1), integerAt(parameters, 2)];
  const table = weight(layer, messageAt(parameters, 20), { part: 'weights', shape: [entries, size] });
  const bias = flagAt(parameters, fields.bias)
    ? weight(layer, messageAt(parameters, 21), { part: 'bias', shape: [size] })
    : '';
  const axes = [-1, -2, -3].slice(0, Math.max(1, fields.pixels + 1));
  const indices = part(layer, 'indices', 'Squeeze', { inputs: inputs.slice(0, 1), attributes: { axes } });
  const rows = part(layer, '', 'Gather', { inputs: [table, indices], attributes: { axis: 0 } });
  const shifted = bias === '' ? rows : part(layer, 'shifted', 'Add', [rows, bias]);
  if (fields.pixels === 0) emitLayer(renamed(layer, 'rows'), 'Identity', [shifted]);
  else emitLayer(renamed(layer, 'pixel'), 'Unsqueeze', [shifted], { axes: [-1, -2] });
}

/** A scale or shift of shape [C], [1], [C,1,1] and so on. */
function broadcastable(shape: readonly number[]): readonly number[] {
  return shape.length === 1 ? [shape[0]!, 1, 1] : shape;
}

function scale(layer: Layer): void {
  const { parameters, inputs } = layer;
  const factors = weight(layer, messageAt(parameters, 2), {
    part: 'scale',
    shape: broadcastable(integersAt(parameters, 1)),
  });
  const shift = flagAt(parameters, 3)
    ? weight(layer, messageAt(parameters, 5), { part: 'bias', shape: broadcastable(integersAt(parameters, 4)) })
    : '';
  if (shift === '') {
    emitLayer(layer, 'Mul', [inputs[0] ?? '', factors]);
    return;
  }
  emitLayer(layer, 'Add', [part(layer, 'scaled', 'Mul', [inputs[0] ?? '', factors]), shift]);
}

function bias(layer: Layer): void {
  const shape = broadcastable(integersAt(layer.parameters, 1));
  emitLayer(layer, 'Add', [
    layer.inputs[0] ?? '',
    weight(layer, messageAt(layer.parameters, 2), { part: 'bias', shape }),
  ]);
}

/** UnaryFunctionLayerParams.Operation; the shift and scale of the operand are one more operation where they do anything. */
function unary(layer: Layer): void {
  const { parameters } = layer;
  const [shift, factor] = [floatAt(parameters, 4), floatAt(parameters, 5, 1)];
  const scaled =
    shift === 0 && factor === 1
      ? (layer.inputs[0] ?? '')
      : part(layer, 'affine', 'Affine', {
          inputs: layer.inputs,
          attributes: { alpha: float(factor), beta: float(shift) },
        });
  const alpha = floatAt(parameters, 2);
  const operators = ['Sqrt', 'Reciprocal', 'Reciprocal', 'Pow', 'Exp', 'Log', 'Abs', 'Clip'];
  const type = integerAt(parameters, 1);
  const operand = type === 1 ? part(layer, 'root', 'Sqrt', [scaled]) : scaled;
  emitLayer(layer, operators[type] ?? 'coreml.unary', [operand], {
    min: type === 7 ? float(alpha) : undefined,
    exponent: type === 3 ? float(alpha) : undefined,
  });
}

/** Several inputs, or one and a number. */
function combine(operator: string, single: string, attribute: string): (layer: Layer) => void {
  return (layer) => {
    if (layer.inputs.length > 1) emitLayer(layer, operator, layer.inputs);
    else emitLayer(layer, single, layer.inputs, { [attribute]: float(floatAt(layer.parameters, 1)) });
  };
}

/** Multiplication of several inputs, two by two. */
function multiply(layer: Layer): void {
  const { inputs, parameters } = layer;
  if (inputs.length < 2) {
    emitLayer(layer, 'Affine', inputs, { alpha: float(floatAt(parameters, 1)), beta: float(0) });
    return;
  }
  const [first, ...others] = inputs as readonly [string, ...string[]];
  const last = others.pop()!;
  const product = others.reduce((left, right, index) => part(layer, `product${index}`, 'Mul', [left, right]), first);
  emitLayer(layer, 'Mul', [product, last]);
}

const reductions = [
  'ReduceSum',
  'ReduceMean',
  'ReduceProd',
  'ReduceLogSum',
  'ReduceSumSquare',
  'ReduceL1',
  'ReduceL2',
  'ReduceMax',
  'ReduceMin',
  'ArgMax',
];
const reducedAxes = [[-3, -2, -1], [-2, -1], [-3], [-2], [-1]];

function reduce(layer: Layer): void {
  const operator = reductions[integerAt(layer.parameters, 1)] ?? 'coreml.reduce';
  const axes = reducedAxes[integerAt(layer.parameters, 3)] ?? [-3];
  emitLayer(
    layer,
    operator,
    layer.inputs,
    operator === 'ArgMax' ? { axis: axes[0]!, keepdims: 1 } : { axes, keepdims: 1 },
  );
}

function dot(layer: Layer): void {
  const product = part(layer, 'product', 'Mul', layer.inputs);
  emitLayer(layer, 'ReduceSum', [product], { axes: [-3], keepdims: 1 });
}

function loadConstant(layer: Layer): void {
  const shape = integersAt(layer.parameters, 1);
  const data = weight(layer, messageAt(layer.parameters, 2), {
    part: 'data',
    shape: layer.type === 'loadConstant' ? [1, ...shape] : shape,
  });
  emitLayer(layer, 'Identity', [data]);
}

function slice(layer: Layer): void {
  const { parameters, inputs } = layer;
  const end = integerAt(parameters, 2);
  emitLayer(layer, 'Slice', inputs, {
    starts: [integerAt(parameters, 1)],
    ends: [end === 0 ? 2 ** 31 - 1 : end],
    axes: [[-3, -2, -1][integerAt(parameters, 4)] ?? -3],
    steps: [integerAt(parameters, 3) || 1],
  });
}

function reshape(layer: Layer): void {
  const shape = integersAt(layer.parameters, 1);
  emitLayer(layer, 'Reshape', layer.inputs, { shape: shape.length === 3 ? [-1, ...shape] : shape });
}

function permute(layer: Layer): void {
  const axes = integersAt(layer.parameters, 1);
  const added = Math.max(0, (layer.ranks[0] ?? 4) - axes.length);
  const perm = [...Array.from({ length: added }, (_, axis) => axis), ...axes.map((axis) => axis + added)];
  emitLayer(layer, 'Transpose', layer.inputs, { perm });
}

function repeat(layer: Layer): void {
  const rank = layer.ranks[0] ?? 4;
  const times = [integerAt(layer.parameters, 1) || 1, ...Array.from({ length: rank - 1 }, () => 1)];
  emitLayer(layer, 'Tile', [layer.inputs[0] ?? '', integers(layer, 'repeats', times)]);
}

function custom(layer: Layer): void {
  emitLayer(layer, `coreml.${textAt(layer.parameters, 10).replaceAll('.', '_') || 'custom'}`, layer.inputs);
}

const meanVariance = (layer: Layer): void => {
  const axes = flagAt(layer.parameters, 1) ? [-3, -2, -1] : [-2, -1];
  emitLayer(layer, 'MeanVarianceNormalization', layer.inputs, { axes });
};

const localResponse = (layer: Layer): void => {
  const { parameters } = layer;
  emitLayer(layer, 'LRN', layer.inputs, {
    size: integerAt(parameters, 3),
    alpha: float(floatAt(parameters, 1)),
    beta: float(floatAt(parameters, 2)),
    bias: float(floatAt(parameters, 4, 1)),
  });
};

export const channelLayers: readonly LayerType[] = [
  { field: 140, name: 'innerProduct', translate: innerProduct },
  { field: 150, name: 'embedding', translate: (layer) => embedding(layer, { bias: 10, pixels: 2 }) },
  { field: 1040, name: 'embeddingND', translate: (layer) => embedding(layer, { bias: 3, pixels: 0 }) },
  { field: 165, name: 'mvn', translate: meanVariance },
  { field: 170, name: 'l2normalize', translate: through('LpNormalization', { axis: -3 }) },
  {
    field: 175,
    name: 'softmax',
    translate: (layer) => emitLayer(layer, 'Softmax', layer.inputs, { axis: (layer.ranks[0] ?? 4) < 3 ? -1 : -3 }),
  },
  { field: 180, name: 'lrn', translate: localResponse },
  { field: 220, name: 'unary', translate: unary },
  { field: 230, name: 'add', translate: combine('Sum', 'Affine', 'beta') },
  { field: 231, name: 'multiply', translate: multiply },
  { field: 240, name: 'average', translate: through('Mean') },
  { field: 245, name: 'scale', translate: scale },
  { field: 250, name: 'bias', translate: bias },
  { field: 260, name: 'max', translate: through('Max') },
  { field: 261, name: 'min', translate: combine('Min', 'Clip', 'max') },
  { field: 270, name: 'dot', translate: dot },
  { field: 280, name: 'reduce', translate: reduce },
  { field: 290, name: 'loadConstant', translate: loadConstant, rank: () => 4 },
  {
    field: 1070,
    name: 'loadConstantND',
    translate: loadConstant,
    rank: ({ parameters }) => integersAt(parameters, 1).length,
  },
  { field: 300, name: 'reshape', translate: reshape, rank: () => 4 },
  { field: 301, name: 'flatten', translate: through('Reshape', { shape: [0, -1, 1, 1] }), rank: () => 4 },
  { field: 310, name: 'permute', translate: permute },
  {
    field: 320,
    name: 'concat',
    translate: (layer) => emitLayer(layer, 'Concat', layer.inputs, { axis: flagAt(layer.parameters, 100) ? 0 : -3 }),
  },
  {
    field: 330,
    name: 'split',
    translate: (layer) => emitLayer(layer, 'Split', layer.inputs, { axis: -3, num_outputs: layer.outputs.length }),
  },
  { field: 340, name: 'sequenceRepeat', translate: repeat },
  { field: 350, name: 'slice', translate: slice },
  { field: 500, name: 'custom', translate: custom },
  { field: 600, name: 'copy', translate: through('Identity') },
];
