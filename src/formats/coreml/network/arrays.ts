/** Layers on arrays of any number of axes, as specification 4 brought them. */
import { integers } from '../emission.ts';
import { flagAt, floatAt, integerAt, integersAt, messageAt } from '../fields.ts';
import { emitLayer, part, renamed, type Layer, type LayerType, type TranslateLayer } from './layer.ts';
import { widest } from './elementwise.ts';
import { shapeInput } from './filling.ts';
import { weight } from './weights.ts';

const float = (value: number) => ({ float: value });
const first = ({ inputs }: Layer): string => inputs[0] ?? '';
const axisOf = (layer: Layer) => integerAt(layer.parameters, 1);
const rankOf = ({ ranks }: Layer): number => ranks[0] ?? 1;

function reduction(operator: string): TranslateLayer {
  return (layer) => {
    const axes = flagAt(layer.parameters, 3) ? undefined : integersAt(layer.parameters, 1);
    emitLayer(layer, operator, layer.inputs, { axes, keepdims: Number(flagAt(layer.parameters, 2)) });
  };
}

const reductions: readonly LayerType[] = (
  [
    [1250, 'reduceL1', 'ReduceL1'],
    [1255, 'reduceL2', 'ReduceL2'],
    [1260, 'reduceMax', 'ReduceMax'],
    [1265, 'reduceMin', 'ReduceMin'],
    [1270, 'reduceSum', 'ReduceSum'],
    [1275, 'reduceProd', 'ReduceProd'],
    [1280, 'reduceMean', 'ReduceMean'],
    [1285, 'reduceLogSum', 'ReduceLogSum'],
    [1290, 'reduceSumSquare', 'ReduceSumSquare'],
    [1295, 'reduceLogSumExp', 'ReduceLogSumExp'],
  ] as const
).map(([field, name, operator]) => ({ field, name, translate: reduction(operator), rank: reducedRank }));

function reducedRank(layer: Layer): number {
  if (flagAt(layer.parameters, 2)) return rankOf(layer);
  const reduced = flagAt(layer.parameters, 3) ? rankOf(layer) : integersAt(layer.parameters, 1).length;
  return Math.max(1, rankOf(layer) - reduced);
}

function extreme(operator: string): TranslateLayer {
  return (layer) => {
    emitLayer(layer, operator, layer.inputs, { axis: axisOf(layer), keepdims: Number(!flagAt(layer.parameters, 2)) });
  };
}

function batchedMatmul(layer: Layer): void {
  const { parameters, inputs } = layer;
  const shape = [integerAt(parameters, 5), integerAt(parameters, 6)];
  const right = inputs[1] ?? weight(layer, messageAt(parameters, 8), { part: 'weights', shape });
  const bias = flagAt(parameters, 7)
    ? weight(layer, messageAt(parameters, 9), { part: 'bias', shape: [shape[1]!] })
    : '';
  const attributes = { transA: Number(flagAt(parameters, 1)), transB: Number(flagAt(parameters, 2)) };
  const operator = attributes.transA + attributes.transB === 0 ? 'MatMul' : 'com.microsoft.FusedMatMul';
  const operands = { inputs: [first(layer), right], attributes: operator === 'MatMul' ? {} : attributes };
  if (bias === '') emitLayer(layer, operator, operands.inputs, operands.attributes);
  else emitLayer(layer, 'Add', [part(layer, 'product', operator, operands), bias]);
}

function layerNormalization(layer: Layer): void {
  const shape = integersAt(layer.parameters, 1);
  const [scale, shift] = [3, 4].map((field) =>
    weight(layer, messageAt(layer.parameters, field), { part: `weight${field}`, shape }),
  );
  emitLayer(layer, 'LayerNormalization', [first(layer), scale!, shift!], {
    axis: -shape.length,
    epsilon: float(floatAt(layer.parameters, 2, 1e-5)),
  });
}

/**
 * Amounts before and after each axis, which may come in as a second array; or, in place of one of the two, the size that
 * the axis shall have.
 */
function constantPad(layer: Layer): void {
  const [x, computed] = [first(layer), layer.inputs[1]];
  const amounts = integersAt(layer.parameters, 2);
  if (computed !== undefined) {
    const pairs = part(layer, 'pairs', 'Reshape', {
      inputs: [shapeInput(layer, computed)],
      attributes: { shape: [-1, 2] },
    });
    const turned = part(layer, 'turned', 'Transpose', { inputs: [pairs], attributes: { perm: [1, 0] } });
    const pads = part(layer, 'pads', 'Reshape', { inputs: [turned], attributes: { shape: [-1] } });
    emitLayer(layer, 'Pad', [x, pads]);
    return;
  }
  const [before, after] = [0, 1].map((side) => amounts.filter((_, index) => index % 2 === side)) as [
    number[],
    number[],
  ];
  if (flagAt(layer.parameters, 3)) {
    const sizes = before.map((amount, axis) => Math.max(amount, after[axis] ?? 0));
    emitLayer(layer, 'coreml.pad_to_size', [x], { sizes });
  } else emitLayer(layer, 'Pad', [x], { pads: [...before, ...after] });
}

function stack(layer: Layer): void {
  const axis = axisOf(layer);
  const parts = layer.inputs.map((input, index) =>
    part(layer, `part${index}`, 'Unsqueeze', { inputs: [input], attributes: { axes: [axis] } }),
  );
  emitLayer(layer, 'Concat', parts, { axis });
}

function splitND(layer: Layer): void {
  const sizes = integersAt(layer.parameters, 3);
  emitLayer(layer, 'Split', layer.inputs, {
    axis: axisOf(layer),
    split: sizes.length > 0 ? sizes : undefined,
    num_outputs: layer.outputs.length,
  });
}

/** All of the axis, and only the places. */
function argSort(layer: Layer): void {
  const axis = axisOf(layer);
  const shape = part(layer, 'shape', 'Shape', [first(layer)]);
  const size = part(layer, 'size', 'Gather', [shape, integers(layer, 'axis', [axis])]);
  const outputs = [{ name: '', type: { dtype: null } }, ...layer.outputs];
  emitLayer({ ...layer, outputs }, 'TopK', [first(layer), size], {
    axis,
    largest: Number(flagAt(layer.parameters, 2)),
  });
}

function slidingWindows(layer: Layer): void {
  const [axis, size, stride] = [1, 2, 3].map((field) => integerAt(layer.parameters, field));
  emitLayer(layer, 'coreml.sliding_windows', layer.inputs, { axis, size, stride });
}

function suppression(layer: Layer): void {
  emitLayer(layer, 'coreml.non_maximum_suppression', layer.inputs.slice(0, 2), {
    max_boxes: integerAt(layer.parameters, 3) || 1,
  });
}

function triangle(layer: Layer): void {
  const diagonal = layer.type === 'matrixBandPart' ? 0 : integerAt(layer.parameters, 1);
  const upper = Number(layer.type === 'upperTriangular');
  emitLayer(layer, 'Trilu', [first(layer), integers(layer, 'diagonal', [diagonal])], { upper });
}

function onAxis(operator: string): TranslateLayer {
  return (layer) => {
    emitLayer(layer, operator, layer.inputs, { axis: axisOf(layer) });
  };
}

function onAxes(operator: string): TranslateLayer {
  return (layer) => {
    emitLayer(layer, operator, layer.inputs, { axes: integersAt(layer.parameters, 1) });
  };
}

export const arrayLayers: readonly LayerType[] = [
  ...reductions,
  {
    field: 920,
    name: 'tile',
    translate: (layer) =>
      emitLayer(layer, 'Tile', [first(layer), integers(layer, 'repeats', integersAt(layer.parameters, 1))]),
  },
  { field: 925, name: 'stack', translate: stack, rank: (layer) => rankOf(layer) + 1 },
  {
    field: 930,
    name: 'gather',
    translate: onAxis('Gather'),
    rank: ({ ranks }) => (ranks[0] ?? 1) + (ranks[1] ?? 1) - 1,
  },
  { field: 935, name: 'scatter', translate: onAxis('ScatterElements') },
  { field: 950, name: 'softmaxND', translate: onAxis('Softmax') },
  { field: 952, name: 'gatherAlongAxis', translate: onAxis('GatherElements') },
  { field: 954, name: 'scatterAlongAxis', translate: onAxis('ScatterElements') },
  { field: 975, name: 'splitND', translate: splitND },
  { field: 980, name: 'concatND', translate: onAxis('Concat') },
  {
    field: 985,
    name: 'transpose',
    translate: (layer) => emitLayer(layer, 'Transpose', layer.inputs, { perm: integersAt(layer.parameters, 1) }),
  },
  { field: 1005, name: 'slidingWindows', translate: slidingWindows, rank: (layer) => rankOf(layer) + 1 },
  {
    field: 1015,
    name: 'topK',
    translate: (layer) =>
      emitLayer(layer, 'TopK', layer.inputs.slice(0, 1), {
        axis: axisOf(layer),
        k: integerAt(layer.parameters, 2),
        largest: Number(!flagAt(layer.parameters, 3)),
      }),
  },
  {
    field: 1020,
    name: 'argMin',
    translate: extreme('ArgMin'),
    rank: (layer) => rankOf(layer) - Number(flagAt(layer.parameters, 2)),
  },
  {
    field: 1025,
    name: 'argMax',
    translate: extreme('ArgMax'),
    rank: (layer) => rankOf(layer) - Number(flagAt(layer.parameters, 2)),
  },
  { field: 1045, name: 'batchedMatmul', translate: batchedMatmul, rank: widest },
  {
    field: 1120,
    name: 'squeeze',
    translate: (layer) =>
      emitLayer(layer, 'Squeeze', layer.inputs, {
        axes: flagAt(layer.parameters, 2) ? undefined : integersAt(layer.parameters, 1),
      }),
    rank: (layer) => Math.max(1, rankOf(layer) - integersAt(layer.parameters, 1).length),
  },
  {
    field: 1125,
    name: 'expandDims',
    translate: onAxes('Unsqueeze'),
    rank: (layer) => rankOf(layer) + integersAt(layer.parameters, 1).length,
  },
  { field: 1130, name: 'flattenTo2D', translate: onAxis('Flatten'), rank: () => 2 },
  { field: 1155, name: 'constantPad', translate: constantPad },
  {
    field: 1313,
    name: 'whereNonZero',
    translate: (layer) =>
      emitLayer(renamed(layer, 'rows'), 'Transpose', [part(layer, '', 'NonZero', layer.inputs)], { perm: [1, 0] }),
    rank: () => 2,
  },
  { field: 1315, name: 'matrixBandPart', translate: triangle },
  { field: 1320, name: 'lowerTriangular', translate: triangle },
  { field: 1325, name: 'upperTriangular', translate: triangle },
  { field: 1350, name: 'layerNormalization', translate: layerNormalization },
  { field: 1400, name: 'NonMaximumSuppression', translate: suppression },
  {
    field: 1455,
    name: 'cumSum',
    translate: (layer) => emitLayer(layer, 'CumSum', [first(layer), integers(layer, 'axis', [axisOf(layer)])]),
  },
  { field: 1461, name: 'argSort', translate: argSort },
];
