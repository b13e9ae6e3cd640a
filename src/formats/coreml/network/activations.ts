/** Activations of NeuralNetworks, alone and inside of recurrent layers. */
import { fieldsOf, floatAt, messageAt, type Fields } from '../fields.ts';
import { emitLayer, part, type Layer, type LayerType } from './layer.ts';
import { weight } from './weights.ts';

const float = (value: number) => ({ float: value });

/** One slope for each channel, the axis before the last two. */
function slopes(layer: Layer, activation: Fields, field: number): string {
  const message = messageAt(activation, field);
  const floats = message === undefined ? [] : (fieldsOf(message).get(1) ?? []);
  const count = floats.reduce((sum, { start, end }) => sum + (end - start) / 4, 0);
  return weight(layer, message, { part: `slope${field}`, shape: Number.isInteger(count) ? [count, 1, 1] : [0] });
}

type Activate = (layer: Layer, activation: Fields) => void;

function simple(operator: string): Activate {
  return (layer) => {
    emitLayer(layer, operator, layer.inputs);
  };
}

/** By ActivationParams' fields. */
const activations: ReadonlyMap<number, Activate> = new Map<number, Activate>([
  [
    5,
    (layer, each) =>
      emitLayer(layer, 'Affine', layer.inputs, { alpha: float(floatAt(each, 1)), beta: float(floatAt(each, 2)) }),
  ],
  [10, simple('Relu')],
  [15, (layer, each) => emitLayer(layer, 'LeakyRelu', layer.inputs, { alpha: float(floatAt(each, 1)) })],
  [20, (layer, each) => emitLayer(layer, 'ThresholdedRelu', layer.inputs, { alpha: float(floatAt(each, 1)) })],
  [25, (layer, each) => emitLayer(layer, 'PRelu', [...layer.inputs, slopes(layer, each, 1)])],
  [30, simple('Tanh')],
  [
    31,
    (layer, each) =>
      emitLayer(layer, 'ScaledTanh', layer.inputs, { alpha: float(floatAt(each, 1)), beta: float(floatAt(each, 2)) }),
  ],
  [40, simple('Sigmoid')],
  [
    41,
    (layer, each) =>
      emitLayer(layer, 'HardSigmoid', layer.inputs, { alpha: float(floatAt(each, 1)), beta: float(floatAt(each, 2)) }),
  ],
  [50, (layer, each) => emitLayer(layer, 'Elu', layer.inputs, { alpha: float(floatAt(each, 1)) })],
  [60, simple('Softsign')],
  [70, simple('Softplus')],
  [71, simple('ParametricSoftplus')],
]);

function activate(layer: Layer): void {
  for (const [field, translate] of activations) {
    const message = messageAt(layer.parameters, field);
    if (message !== undefined) {
      translate(layer, fieldsOf(message));
      return;
    }
  }
  emitLayer(layer, 'coreml.activation', layer.inputs);
}

function clamp(layer: Layer): void {
  const { parameters, inputs } = layer;
  const attributes = { alpha: float(floatAt(parameters, 1)) };
  const leaky = part(layer, 'leaky', 'LeakyRelu', { inputs, attributes });
  emitLayer(layer, 'Clip', [leaky], { max: float(floatAt(parameters, 2)) });
}

function clip(layer: Layer): void {
  const [min, max] = [floatAt(layer.parameters, 1), floatAt(layer.parameters, 2)];
  emitLayer(layer, 'Clip', layer.inputs, { min: float(min), max: float(max) });
}

export const activationLayers: readonly LayerType[] = [
  { field: 130, name: 'activation', translate: activate },
  { field: 660, name: 'clip', translate: clip },
  { field: 1460, name: 'clampedReLU', translate: clamp },
];
