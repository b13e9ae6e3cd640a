/** Element-wise layers on arrays that broadcast. */
import { addNumbers } from '../building.ts';
import { floatAt } from '../fields.ts';
import { emitLayer, part, through, type Layer, type LayerType, type TranslateLayer } from './layer.ts';

const first = ({ inputs }: Layer): string => inputs[0] ?? '';

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

/** Operands of fewer axes broadcast. */
export const widest = ({ ranks }: Layer): number => Math.max(...ranks.map((rank) => rank ?? 1));

export const elementwiseLayers: readonly LayerType[] = [
  ...simple.map(([field, name, operator]) => ({ field, name, translate: through(operator), rank: widest })),
  { field: 815, name: 'equal', translate: comparison('Equal', 1) },
  { field: 820, name: 'notEqual', translate: comparison('Equal', 1, true) },
  { field: 825, name: 'lessThan', translate: comparison('Less', 2) },
  { field: 827, name: 'lessEqual', translate: comparison('LessOrEqual', 2) },
  { field: 830, name: 'greaterThan', translate: comparison('Greater', 2) },
  { field: 832, name: 'greaterEqual', translate: comparison('GreaterOrEqual', 2) },
];
