import { bitsPerElement, isFloat } from '../../ir/data-type.ts';
import { clamps, curves } from '../activations.ts';
import type { Fusion, FusionContext, Group } from '../group.ts';
import { isProduct, merge, sameShape, soleProducer } from '../group.ts';
import type { Operation } from '../program.ts';

/** Slopes of their own for each channel make it a function of more than the number. */
const functions: ReadonlySet<string> = new Set([...curves, 'PRelu']);
const tables: ReadonlySet<string> = new Set(curves);

/** Operators of two feature maps that libraries give a clamp at the end. */
const arithmetic: ReadonlySet<string> = new Set(['Add', 'Sub', 'Mul', 'Div']);

/** A clamp (Relu, Relu6, Clip) as the last step of a product or of an addition. */
export const activationClamp: Fusion = (operation, context) =>
  clamps.has(operation.operator) ? afterProduct(operation, context) : undefined;

/** A function of one number behind a product or an addition, of 8-bit numbers: the unit looks it up in a table. */
export const activationTable: Fusion = (operation, context) =>
  tables.has(operation.operator) && isByte(operation) ? afterProduct(operation, context) : undefined;

function isByte({ outputs }: Operation): boolean {
  const dtype = outputs[0]?.dtype ?? null;
  return dtype !== null && (isFloat(dtype) || bitsPerElement(dtype) === 8);
}

/** Any activation of one input as the last step of a product, and SiLU written as x × Sigmoid(x). */
export const activationAny: Fusion = (operation, context) => {
  if (clamps.has(operation.operator) || functions.has(operation.operator)) return afterProduct(operation, context);
  return operation.operator === 'Mul' ? gated(operation, context) : undefined;
};

function afterProduct(operation: Operation, context: FusionContext): Group | undefined {
  const group = soleProducer(operation.node.inputs[0] ?? '', operation, context);
  return group !== undefined && takesActivation(group) && sameShape(group.members.at(-1)!, operation)
    ? merge([group], operation)
    : undefined;
}

function takesActivation({ host, members }: Group): boolean {
  const last = members.at(-1)!;
  const open = last === host || arithmetic.has(last.operator);
  return open && (isProduct(host) || arithmetic.has(host.operator));
}

/** x × s(x), where x comes from a product, only the curve s and this Mul read x, and only this Mul reads s(x). */
function gated(operation: Operation, context: FusionContext): Group | undefined {
  const { program, groupOf } = context;
  for (const [x, gate] of [operation.node.inputs, operation.node.inputs.toReversed()]) {
    const curve = soleProducer(gate ?? '', operation, context);
    if (curve?.members.length !== 1 || !functions.has(curve.host.operator) || curve.host.node.inputs[0] !== x) continue;
    const producer = program.producers.get(x ?? '');
    const group = producer && groupOf(producer);
    if (group === undefined || !isProduct(group.host) || producer !== group.members.at(-1)) continue;
    if (program.outputs.has(x ?? '') || program.consumers.get(x ?? '')?.length !== 2) continue;
    if (curve.host.node.repetitions !== group.host.node.repetitions) continue;
    if (context.placements[group.host.index]?.unit !== context.placements[operation.index]?.unit) continue;
    return merge([group, curve], operation);
  }
  return undefined;
}
