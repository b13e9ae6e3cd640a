/** Layers that make arrays of a given shape, or bring arrays to one. */
import { addNumbers } from '../building.ts';
import { integers } from '../emission.ts';
import { floatAt, integerAt, integersAt } from '../fields.ts';
import { emitLayer, part, type Layer, type LayerType, type TranslateLayer } from './layer.ts';

const first = ({ inputs }: Layer): string => inputs[0] ?? '';
const rankOf = ({ ranks }: Layer): number => ranks[0] ?? 1;

/** Shape operands come as inputs, and float here. */
export function shapeInput(layer: Layer, name: string, as = 'shape'): string {
  return part(layer, as, 'Cast', { inputs: [name], attributes: { to: 7 } });
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

export const fillingLayers: readonly LayerType[] = [
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
  { field: 1135, name: 'reshapeLike', translate: likeInput('Reshape'), rank: ({ ranks }) => ranks[1] },
  {
    field: 1140,
    name: 'reshapeStatic',
    translate: toShape('Reshape', 1),
    rank: ({ parameters }) => integersAt(parameters, 1).length,
  },
  { field: 1145, name: 'reshapeDynamic', translate: toInput('Reshape') },
  { field: 1150, name: 'rankPreservingReshape', translate: toShape('Reshape', 1) },
  {
    field: 1230,
    name: 'categoricalDistribution',
    translate: (layer) =>
      emitLayer(layer, 'Multinomial', layer.inputs, { sample_size: integerAt(layer.parameters, 2), dtype: 1 }),
  },
  { field: 1450, name: 'oneHot', translate: oneHot, rank: (layer) => rankOf(layer) + 1 },
];
