/** Sizes that cannot meet: what a model that was exported at fixed sizes shows when it is given others. */
import { UserError } from '../../errors.ts';
import { isUnknown, printShape } from '../../ir/dimension.ts';
import type { Graph, Node, TensorType } from '../../ir/graph.ts';
import { intAttribute } from '../../operators/attribute.ts';
import { broadcastAll } from '../../operators/broadcast.ts';
import { weightShape } from '../../operators/image-layout.ts';
import { findOperator, workOf } from '../../operators/index.ts';
import { transposeFlags } from '../../operators/matmul.ts';
import type { TypedNode } from '../../operators/operator.ts';
import { normalizeAxis, numericShape } from '../../operators/type.ts';
import { sizeOf } from '../../operators/value.ts';
import { scopeOf } from '../../passes/count-macs.ts';
import { typedNodeIn } from '../../passes/scope.ts';

type Sizes = readonly number[];

/** In words what does not fit, undefined where all does. All shapes are numbers. */
type Check = (inputs: readonly Sizes[], output: Sizes, typed: TypedNode) => string | undefined;

/**
 * Both graphs are flat and typed.
 * Throws `UserError` naming the first node whose operands do not fit each other, unless they never did.
 */
export function refuseMisfits(before: Graph, after: Graph): void {
  const known = new Set(before.nodes.filter((node) => misfitOf(node, before) !== undefined).map(({ id }) => id));
  for (const node of after.nodes) {
    const misfit = known.has(node.id) ? undefined : misfitOf(node, after);
    if (misfit === undefined) continue;
    throw new UserError(
      `the model cannot be run at this size: ${node.operator} "${node.id}" ${misfit}; ${remedy(node, after)}`,
    );
  }
}

/** A weight or a table of one size is no matter of how the model was exported. */
function remedy(node: Node, { initializers }: Graph): string {
  const held = node.operator === 'Reshape' ? undefined : node.inputs.find((name) => initializers.has(name));
  if (held === undefined) return 'it was exported at a fixed size: export it with dynamic axes, or at the wanted size';
  return `its constant "${held}" was made for another size: change the model and export it at the wanted size`;
}

function misfitOf(node: Node, graph: Graph): string | undefined {
  const typed = typedNodeIn(scopeOf(graph), node);
  const outputs = node.outputs.filter((name) => name !== '').map((name) => graph.tensors.get(name));
  const open = outputs.find((type) => type?.container === undefined && numericShape(type?.shape) === undefined);
  if (outputs.some((type) => type === undefined) || open !== undefined)
    return `makes a size that is not known${why(open)}`;
  const shapes = outputs.map((type) => numericShape(type?.shape) ?? []);
  const negative = shapes.find((shape) => shape.some((size) => size < 0 || !Number.isInteger(size)));
  const [output] = shapes;
  if (negative !== undefined) return `would make ${printShape(negative)}`;
  if (output === undefined || node.domain !== '') return undefined;
  const inputs = typed.inputs.map((type) => numericShape(type?.shape));
  const [first] = inputs;
  if (first === undefined) return undefined;
  const known = inputs.map((shape) => shape ?? []);
  return checkOf(typed, outputs as readonly TensorType[])?.(known, output, typed) ?? emptied(known, shapes);
}

function why(type: TensorType | undefined): string {
  const reason = type?.shape?.find(isUnknown)?.reason ?? type?.reason;
  return reason === undefined ? '' : ` (${reason})`;
}

/** Windows and cuts that are larger than what is left to them. */
function emptied(inputs: readonly Sizes[], outputs: readonly Sizes[]): string | undefined {
  const empty = outputs.find((shape) => sizeOf(shape) === 0);
  if (empty === undefined || inputs.some((shape) => sizeOf(shape) === 0)) return undefined;
  return `would make ${printShape(empty)} of ${printShape(inputs[0] ?? [])}`;
}

function checkOf(typed: TypedNode, outputs: readonly TensorType[]): Check | undefined {
  const { operator } = typed.node;
  const check = checks.get(operator);
  if (check !== undefined) return check;
  if (findOperator('', operator)?.work === undefined) return undefined;
  return workOf(typed, outputs).operatorClass === 'elementwise' && typed.inputs.length > 1 ? broadcasts : undefined;
}

const sameElements: Check = ([input], output) =>
  sizeOf(input!) === sizeOf(output)
    ? undefined
    : `cannot make ${printShape(output)} of ${printShape(input!)}: the elements do not add up`;

const broadcasts: Check = (inputs) => {
  if (numericShape(broadcastAll(inputs)) !== undefined) return undefined;
  return `has operands of ${inputs.map((shape) => printShape(shape)).join(' and ')}`;
};

const products: Check = ([left, right], _, typed) => {
  if (left === undefined || right === undefined || left.length === 0 || right.length === 0) return undefined;
  if (typed.node.attributes.has('leading_axes')) return undefined;
  const flags = transposeFlags(typed);
  const depths = [left.at(flags.left ? -2 : -1), right.length === 1 ? right[0] : right.at(flags.right ? -1 : -2)];
  const leading = broadcastAll([left.slice(0, -2), right.slice(0, -2)]);
  if (depths[0] === depths[1] && numericShape(leading) !== undefined) return undefined;
  return `cannot multiply ${printShape(left)} by ${printShape(right)}`;
};

const joins: Check = (inputs, output, { node }) => {
  const axis = normalizeAxis(intAttribute(node, 'axis', 1), output.length);
  const odd = inputs.find((shape) => shape.some((size, each) => each !== axis && size !== output[each]));
  return odd && `cannot join ${inputs.map((shape) => printShape(shape)).join(' and ')}`;
};

const convolves: Check = ([input], _, { node, inputs }) => {
  const perGroup = weightShape(node, inputs[1])?.[node.operator === 'Conv' ? 1 : 0];
  const group = node.operator === 'Conv' ? intAttribute(node, 'group', 1) : 1;
  const channels = intAttribute(node, 'channels_last', 0) === 1 ? input!.at(-1) : input![1];
  if (typeof perGroup !== 'number' || channels === perGroup * group) return undefined;
  return `has weights for ${perGroup * group} channels and gets ${channels}`;
};

const normalizes: Check = ([input, scale]) =>
  scale === undefined || scale.every((size, axis) => size === 1 || size === input!.at(axis - scale.length))
    ? undefined
    : `has a scale of ${printShape(scale)} for ${printShape(input!)}`;

const cuts: Check = ([input], _, { node, values }) => {
  const sizes = values[1]?.elements ?? [];
  const axis = normalizeAxis(intAttribute(node, 'axis', 0), input!.length);
  if (axis === undefined || sizes.length === 0 || !sizes.every((size) => typeof size === 'number')) return undefined;
  const total = sizes.reduce((sum, size) => sum + size, 0);
  return total === input![axis] ? undefined : `cuts ${input![axis]} elements into ${sizes.join(' + ')}`;
};

const checks: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['Reshape', sameElements],
  ['MatMul', products],
  ['Gemm', products],
  ['Concat', joins],
  ['Conv', convolves],
  ['ConvTranspose', convolves],
  ['LayerNormalization', normalizes],
  ['Split', cuts],
]);
