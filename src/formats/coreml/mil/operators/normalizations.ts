/** Normalizations of MIL. */
import { addNumbers } from '../../building.ts';
import { emit, step } from '../../emission.ts';
import { number, numbers, rankOf, shapeOf, tensor, type Operation } from '../operation.ts';
import type { Table, Translate } from './translate.ts';

const epsilon = (operation: Operation, fallback: number) => ({ float: number(operation, 'epsilon', fallback) });

/** A scale or shift that was left out: ones or zeros. */
function orFilled(
  operation: Operation,
  parameter: string,
  fill: { readonly like: string; readonly value: number },
): string {
  const given = tensor(operation, parameter);
  const shape = shapeOf(operation, fill.like) ?? [];
  const count = shape.reduce((product, size) => product * size, 1);
  // More channels than these cannot be followed as values; no network has them.
  if (given !== '' || count > 65_536) return given;
  const elements = Array.from({ length: count }, () => fill.value);
  const dtype = operation.outputs[0]?.type.dtype ?? 'float32';
  return addNumbers(operation.draft, `${operation.name}/${parameter}`, { dtype, shape, elements });
}

const batchNorm: Translate = (operation) => {
  const gamma = orFilled(operation, 'gamma', { like: 'mean', value: 1 });
  const beta = orFilled(operation, 'beta', { like: 'mean', value: 0 });
  const inputs = [tensor(operation, 'x'), gamma, beta, tensor(operation, 'mean'), tensor(operation, 'variance')];
  emit(operation, 'BatchNormalization', inputs, { epsilon: epsilon(operation, 1e-5) });
};

const instanceNorm: Translate = (operation) => {
  const inputs = ['x', 'gamma', 'beta'].map((parameter) => tensor(operation, parameter));
  emit(operation, 'InstanceNormalization', inputs, { epsilon: epsilon(operation, 1e-5) });
};

/** Over trailing axes; other axes share their statistics as if they were trailing, which costs the same. */
const layerNorm: Translate = (operation) => {
  const rank = rankOf(operation, 'x') ?? 1;
  const axes = (numbers(operation, 'axes') ?? [0]).map((axis) => (axis < 0 ? axis + rank : axis));
  const axis = Math.max(0, Math.min(...axes));
  const [x, gamma, beta] = ['x', 'gamma', 'beta'].map((parameter) => tensor(operation, parameter)) as [
    string,
    string,
    string,
  ];
  const attributes = { axis, epsilon: epsilon(operation, 1e-5) };
  if (axes.length === rank - axis || gamma + beta === '') {
    emit(operation, 'LayerNormalization', [x, gamma, beta], attributes);
    return;
  }
  // The scale of a middle axis does not broadcast from the right.
  const plain = step(operation, '', { operator: 'LayerNormalization', inputs: [x], attributes });
  scaleAlong(operation, plain, { gamma, beta, axes: laterAxes(axes, rank) });
};

/** Axes to add to a tensor over `axes` so that it broadcasts. */
function laterAxes(axes: readonly number[], rank: number): readonly number[] {
  const first = Math.min(...axes);
  const all = Array.from({ length: rank - first }, (_, index) => first + index);
  return all.filter((axis) => !axes.includes(axis)).map((axis) => axis - first);
}

interface Scaling {
  readonly gamma: string;
  readonly beta: string;
  readonly axes: readonly number[];
}

function scaleAlong(operation: Operation, input: string, { gamma, beta, axes }: Scaling): void {
  const shaped = (part: string, name: string) =>
    step(operation, part, { operator: 'Unsqueeze', inputs: [name], attributes: { axes } });
  const part = { ...operation, name: `${operation.name}/affine` };
  if (beta === '') {
    emit(part, 'Mul', [input, shaped('scale', gamma)]);
    return;
  }
  const scaled =
    gamma === '' ? input : step(operation, 'scaled', { operator: 'Mul', inputs: [input, shaped('scale', gamma)] });
  emit(part, 'Add', [scaled, shaped('shift', beta)]);
}

const localResponse: Translate = (operation) => {
  emit(operation, 'LRN', [tensor(operation, 'x')], {
    size: number(operation, 'size', 1),
    alpha: { float: number(operation, 'alpha', 1e-4) },
    beta: { float: number(operation, 'beta', 0.75) },
    bias: { float: number(operation, 'k', 1) },
  });
};

export const normalizations: Table = [
  ['batch_norm', batchNorm],
  ['instance_norm', instanceNorm],
  ['layer_norm', layerNorm],
  [
    'l2_norm',
    (operation) => {
      emit(operation, 'LpNormalization', [tensor(operation, 'x')], { p: 2, axis: -1 });
    },
  ],
  ['local_response_norm', localResponse],
];
