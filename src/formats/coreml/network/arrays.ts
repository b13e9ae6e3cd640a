/** Layers on arrays of any number of axes, as specification 4 brought them. */
import { addNumbers } from '../building.ts';
import { integers } from '../emission.ts';
import { flagAt, floatAt, integerAt, integersAt, messageAt } from '../fields.ts';
import { emitLayer, part, renamed, through, type Layer, type LayerType, type TranslateLayer } from './layer.ts';
import { weight } from './weights.ts';

const farEnd = 2 ** 31 - 1;
const float = (value: number) => ({ float: value });
const first = ({ inputs }: Layer): string => inputs[0] ?? '';
const axisOf = (layer: Layer) => integerAt(layer.parameters, 1);
const rankOf = ({ ranks }: Layer): number => ranks[0] ?? 1;

/** Shape operands come as inputs, and float here. */
function shapeInput(layer: Layer, name: string): string {
  return part(layer, 'shape', 'Cast', { inputs: [name], attributes: { to: 7 } });
}

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

/** Comparisons of two arrays, or of one and a number. */
function comparison(operator: string, field: number, negated = false): TranslateLayer {
  return (layer) => {
    const { inputs, parameters } = layer;
    const elements = [floatAt(parameters, field)];
    const other =
      inputs[1] ?? addNumbers(layer.draft, `${layer.name}/alpha`, { dtype: 'float32', shape: [], elements });
    if (negated) emitLayer(layer, 'Not', [part(layer, 'equal', operator, [first(layer), other])]);
    else emitLayer(layer, operator, [first(layer), other]);
  };
}

function sliceStatic(layer: Layer): void {
  const { parameters } = layer;
  const [begins, ends, steps] = [1, 3, 5].map((field) => integersAt(parameters, field)) as [
    number[],
    number[],
    number[],
  ];
  const [beginMask, endMask, squeeze] = [2, 4, 6].map((field) => integersAt(parameters, field)) as [
    number[],
    number[],
    number[],
  ];
  const backwards = (axis: number) => (steps[axis] ?? 1) < 0;
  const attributes = {
    starts: begins.map((at, axis) => (beginMask[axis] === 1 ? (backwards(axis) ? farEnd : 0) : at)),
    ends: ends.map((at, axis) => {
      if (squeeze[axis] === 1) return begins[axis] === -1 ? farEnd : (begins[axis] ?? 0) + 1;
      return endMask[axis] === 1 ? (backwards(axis) ? -farEnd : farEnd) : at;
    }),
    axes: begins.map((_, axis) => axis),
    steps: steps.map((each, axis) => (squeeze[axis] === 1 ? 1 : each)),
  };
  const axes = squeeze.flatMap((each, axis) => (each === 1 ? [axis] : []));
  if (axes.length === 0) emitLayer(layer, 'Slice', layer.inputs.slice(0, 1), attributes);
  else {
    const cut = part(layer, '', 'Slice', { inputs: layer.inputs.slice(0, 1), attributes });
    emitLayer(renamed(layer, 'squeezed'), 'Squeeze', [cut], { axes });
  }
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

function constantPad(layer: Layer): void {
  const amounts = integersAt(layer.parameters, 2);
  const pads = [...amounts.filter((_, index) => index % 2 === 0), ...amounts.filter((_, index) => index % 2 === 1)];
  if (amounts.length > 0 && !flagAt(layer.parameters, 3)) emitLayer(layer, 'Pad', layer.inputs.slice(0, 1), { pads });
  else emitLayer(layer, 'coreml.constantPad', layer.inputs);
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

function reverse(layer: Layer): void {
  const axes = integersAt(layer.parameters, 1).flatMap((each, axis) => (each === 1 ? [axis] : []));
  const all = (value: number) => axes.map(() => value);
  emitLayer(layer, 'Slice', layer.inputs, { starts: all(-1), ends: all(-farEnd), axes, steps: all(-1) });
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

/** The end comes in, and the start and step where they are not parameters. */
function rangeDynamic(layer: Layer): void {
  const { parameters, inputs } = layer;
  const step = inputs[2] ?? scalar(layer, 'step', floatAt(parameters, 3) || 1);
  emitLayer(layer, 'Range', [inputs[1] ?? scalar(layer, 'start', floatAt(parameters, 2)), first(layer), step]);
}

function scalar({ draft, name }: Layer, operand: string, element: number): string {
  return addNumbers(draft, `${name}/${operand}`, { dtype: 'float32', shape: [], elements: [element] });
}

function oneHot(layer: Layer): void {
  const { parameters, draft, name } = layer;
  const depth = layer.inputs[1] ?? integers(layer, 'depth', [integerAt(parameters, 1)]);
  const hot = [floatAt(parameters, 4), floatAt(parameters, 3)];
  const values = addNumbers(draft, `${name}/values`, { dtype: 'float32', shape: [2], elements: hot });
  emitLayer(layer, 'OneHot', [first(layer), depth, values], { axis: integerAt(parameters, 2) });
}

function rangeStatic(layer: Layer): void {
  const [end, start, step] = [1, 2, 3].map((field) => floatAt(layer.parameters, field));
  const operands = [scalar(layer, 'start', start!), scalar(layer, 'end', end!), scalar(layer, 'step', step! || 1)];
  emitLayer(layer, 'Range', operands);
}

/** To a shape that the parameters give. */
function toShape(operator: 'Reshape' | 'Expand' | 'ConstantOfShape', field: number): TranslateLayer {
  return (layer) => {
    const shape = integersAt(layer.parameters, field);
    if (operator === 'Reshape') emitLayer(layer, operator, layer.inputs.slice(0, 1), { shape });
    else if (operator === 'Expand') emitLayer(layer, operator, [first(layer), integers(layer, 'shape', shape)]);
    else emitLayer(layer, operator, [integers(layer, 'shape', shape)]);
  };
}

/** To the shape of the last input. */
function likeInput(operator: string): TranslateLayer {
  return (layer) => {
    const shape = part(layer, 'shape', 'Shape', [layer.inputs.at(-1) ?? '']);
    emitLayer(layer, operator, operator === 'ConstantOfShape' ? [shape] : [first(layer), shape]);
  };
}

/** To the shape that the last input holds. */
function toInput(operator: string): TranslateLayer {
  return (layer) => {
    const shape = shapeInput(layer, layer.inputs.at(-1) ?? '');
    emitLayer(layer, operator, operator === 'ConstantOfShape' ? [shape] : [first(layer), shape]);
  };
}

function random(operator: string, form: 'like' | 'static' | 'dynamic'): TranslateLayer {
  return (layer) => {
    const shape = form === 'static' ? integersAt(layer.parameters, operator === 'Bernoulli' ? 3 : 4) : undefined;
    if (operator !== 'Bernoulli' && shape !== undefined) {
      emitLayer(layer, operator, [], { shape });
      return;
    }
    const size =
      shape !== undefined
        ? integers(layer, 'shape', shape)
        : form === 'like'
          ? part(layer, 'shape', 'Shape', [first(layer)])
          : shapeInput(layer, first(layer));
    const like = part(layer, 'like', 'ConstantOfShape', [size]);
    emitLayer(layer, operator === 'Bernoulli' ? operator : `${operator}Like`, [like]);
  };
}

function randoms(field: number, name: string, operator: string): readonly LayerType[] {
  return (['Like', 'Static', 'Dynamic'] as const)
    .map((form, index) => ({
      field: field + 5 * index,
      name: `random${name}${form}`,
      translate: random(operator, form.toLowerCase() as 'like' | 'static' | 'dynamic'),
      rank:
        form === 'Static'
          ? (layer: Layer) => integersAt(layer.parameters, name === 'Bernoulli' ? 3 : 4).length
          : undefined,
    }))
    .map(({ rank, ...type }) => (rank === undefined ? type : { ...type, rank }));
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

function sliceBySize(layer: Layer): void {
  const { parameters, inputs } = layer;
  const starts = shapeInput(layer, inputs[1] ?? '');
  const ends = part(layer, 'ends', 'Add', [starts, integers(layer, 'size', [integerAt(parameters, 2)])]);
  emitLayer(layer, 'Slice', [first(layer), starts, ends], { axes: [integerAt(parameters, 3)] });
}

const simple: readonly (readonly [number, string, string])[] = [
  [665, 'ceil', 'Ceil'],
  [670, 'floor', 'Floor'],
  [680, 'sign', 'Sign'],
  [685, 'round', 'Round'],
  [700, 'exp2', 'Exp'],
  ...(['sin', 'cos', 'tan'] as const).map((name, index) => [710 + 5 * index, name, capital(name)] as const),
  ...(['asin', 'acos', 'atan'] as const).map((name, index) => [730 + 5 * index, name, capital(name)] as const),
  ...(['sinh', 'cosh', 'tanh'] as const).map((name, index) => [750 + 5 * index, name, capital(name)] as const),
  ...(['asinh', 'acosh', 'atanh'] as const).map((name, index) => [770 + 5 * index, name, capital(name)] as const),
  [790, 'erf', 'Erf'],
  [795, 'gelu', 'Gelu'],
  [840, 'logicalOr', 'Or'],
  [845, 'logicalXor', 'Xor'],
  [850, 'logicalNot', 'Not'],
  [855, 'logicalAnd', 'And'],
  [865, 'modBroadcastable', 'Mod'],
  [870, 'minBroadcastable', 'Min'],
  [875, 'maxBroadcastable', 'Max'],
  [880, 'addBroadcastable', 'Add'],
  [885, 'powBroadcastable', 'Pow'],
  [890, 'divideBroadcastable', 'Div'],
  [895, 'floorDivBroadcastable', 'Div'],
  [900, 'multiplyBroadcastable', 'Mul'],
  [905, 'subtractBroadcastable', 'Sub'],
  [940, 'gatherND', 'GatherND'],
  [945, 'scatterND', 'ScatterND'],
  [965, 'reverseSeq', 'ReverseSequence'],
  [1065, 'getShape', 'Shape'],
  [1330, 'whereBroadcastable', 'Where'],
];

function capital(name: string): string {
  return name[0]!.toUpperCase() + name.slice(1);
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

const widest = ({ ranks }: Layer): number => Math.max(...ranks.map((rank) => rank ?? 1));

export const arrayLayers: readonly LayerType[] = [
  ...simple.map(([field, name, operator]) => ({ field, name, translate: through(operator), rank: widest })),
  ...reductions,
  ...randoms(1170, 'Normal', 'RandomNormal'),
  ...randoms(1190, 'Uniform', 'RandomUniform'),
  ...randoms(1210, 'Bernoulli', 'Bernoulli'),
  { field: 635, name: 'rangeStatic', translate: rangeStatic, rank: () => 1 },
  {
    field: 640,
    name: 'rangeDynamic',
    translate: rangeDynamic,
    rank: () => 1,
  },
  { field: 815, name: 'equal', translate: comparison('Equal', 1) },
  { field: 820, name: 'notEqual', translate: comparison('Equal', 1, true) },
  { field: 825, name: 'lessThan', translate: comparison('Less', 2) },
  { field: 827, name: 'lessEqual', translate: comparison('LessOrEqual', 2) },
  { field: 830, name: 'greaterThan', translate: comparison('Greater', 2) },
  { field: 832, name: 'greaterEqual', translate: comparison('GreaterOrEqual', 2) },
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
  { field: 960, name: 'reverse', translate: reverse },
  { field: 975, name: 'splitND', translate: splitND },
  { field: 980, name: 'concatND', translate: onAxis('Concat') },
  {
    field: 985,
    name: 'transpose',
    translate: (layer) => emitLayer(layer, 'Transpose', layer.inputs, { perm: integersAt(layer.parameters, 1) }),
  },
  {
    field: 995,
    name: 'sliceStatic',
    translate: sliceStatic,
    rank: (layer) => rankOf(layer) - integersAt(layer.parameters, 6).filter((each) => each === 1).length,
  },
  { field: 1000, name: 'sliceDynamic', translate: (layer) => emitLayer(layer, 'coreml.sliceDynamic', layer.inputs) },
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
  { field: 1080, name: 'fillLike', translate: likeInput('ConstantOfShape') },
  {
    field: 1085,
    name: 'fillStatic',
    translate: toShape('ConstantOfShape', 2),
    rank: ({ parameters }) => integersAt(parameters, 2).length,
  },
  { field: 1090, name: 'fillDynamic', translate: toInput('ConstantOfShape') },
  { field: 1100, name: 'broadcastToLike', translate: likeInput('Expand'), rank: ({ ranks }) => ranks[1] },
  {
    field: 1105,
    name: 'broadcastToStatic',
    translate: toShape('Expand', 1),
    rank: ({ parameters }) => integersAt(parameters, 1).length,
  },
  { field: 1110, name: 'broadcastToDynamic', translate: toInput('Expand') },
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
  { field: 1135, name: 'reshapeLike', translate: likeInput('Reshape'), rank: ({ ranks }) => ranks[1] },
  {
    field: 1140,
    name: 'reshapeStatic',
    translate: toShape('Reshape', 1),
    rank: ({ parameters }) => integersAt(parameters, 1).length,
  },
  { field: 1145, name: 'reshapeDynamic', translate: toInput('Reshape') },
  { field: 1150, name: 'rankPreservingReshape', translate: toShape('Reshape', 1) },
  { field: 1155, name: 'constantPad', translate: constantPad },
  {
    field: 1230,
    name: 'categoricalDistribution',
    translate: (layer) =>
      emitLayer(layer, 'Multinomial', layer.inputs, { sample_size: integerAt(layer.parameters, 2), dtype: 1 }),
  },
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
  { field: 1450, name: 'oneHot', translate: oneHot, rank: (layer) => rankOf(layer) + 1 },
  {
    field: 1455,
    name: 'cumSum',
    translate: (layer) => emitLayer(layer, 'CumSum', [first(layer), integers(layer, 'axis', [axisOf(layer)])]),
  },
  { field: 1461, name: 'argSort', translate: argSort },
  { field: 1470, name: 'sliceBySize', translate: sliceBySize },
];
