/** Which unit runs each operation, and why it is not the main one. */
import { isDynamicallyQuantized } from '../operators/dynamic-quantization.ts';
import type { Precision } from './legalize.ts';
import { typeOn, wantedType } from './legalize.ts';
import type { Operation, Program } from './program.ts';
import type { Fallback } from './schedule.ts';
import { unsupported } from './support.ts';
import type { ComputeType, ComputeUnit, Target } from './target.ts';
import { leaveOutWhatDoesNotFit } from './weight-room.ts';

/** Where and in which type an operation runs. */
export interface Placement {
  readonly unit: ComputeUnit;
  readonly type: ComputeType;
  /** The type it asks for where the unit computes in another one: operands and results are converted. */
  readonly convertedFrom: ComputeType | null;
  readonly fallback: Fallback | null;
}

/** One placement per operation, by its index. Free operations run wherever their neighbours do. */
export function partition(program: Program, target: Target, precision: Precision): readonly Placement[] {
  const [main] = target.units;
  const own = program.operations.map((operation) => reasonOf(operation, program, target, precision));
  const reasons = leaveOutWhatDoesNotFit(own, program, target, precision);
  const spread = target.support.fallbackUnit === undefined ? reasons : spreadFallback(reasons, program, target);
  const other = target.units.find((unit) => unit.id === target.support.fallbackUnit) ?? main!;
  return program.operations.map((operation, index) => {
    const fallback = spread[index] ?? null;
    const { unit, type, convertedFrom } = typeAt(fallback === null ? main! : other, operation, precision);
    return { unit, type, convertedFrom, fallback };
  });
}

function reasonOf(operation: Operation, program: Program, target: Target, precision: Precision): Fallback | null {
  if (operation.notCounted !== null)
    return { code: 'operator', reason: `\`${operation.operator}\`: ${operation.notCounted}` };
  if (operation.free) return null;
  const reason = unsupported(operation, { program, target, type: wantedType(operation, precision) });
  if (reason === null || target.support.fallbackUnit !== undefined || target.support.anyOperator) return reason;
  return { ...reason, reason: `${reason.reason}; the target has no other unit to run it` };
}

/** What the target's way of cutting a model adds to the operations that cannot run on the main unit. */
function spreadFallback(
  reasons: readonly (Fallback | null)[],
  program: Program,
  { support }: Target,
): readonly (Fallback | null)[] {
  const { operations } = program;
  const first = reasons.findIndex((reason, index) => reason !== null && !convertsInput(operations[index]!, program));
  if (support.partition === 'any' || first < 0) return reasons;
  const from = support.partition === 'none' ? 0 : first;
  const culprit = operations[first]!.operator;
  const reason =
    support.partition === 'none'
      ? `the model runs on one unit, and \`${culprit}\` is not supported on the main one`
      : `everything after the first unsupported operator, \`${culprit}\`, runs on the same unit`;
  return reasons.map((own, index) => own ?? (index >= from ? { code: 'partition', reason } : null));
}

/** Quantizing the model's own input is what the host does before it hands anything over. */
function convertsInput({ node, work }: Operation, { producers }: Program): boolean {
  return work.operatorClass === 'quantize' && node.inputs.every((name) => !producers.has(name));
}

function typeAt(unit: ComputeUnit, operation: Operation, precision: Precision): Omit<Placement, 'fallback'> {
  const wanted = wantedType(operation, precision);
  // Wide integers and booleans run at the rate of the widest arithmetic there is.
  if (wanted === 'integer')
    return { unit, type: typeOn(unit, 'float32') ?? typeOn(unit, 'int8')!, convertedFrom: null };
  const type = typeOn(unit, wanted) ?? typeOn(unit, 'int8')!;
  // Floats come in and go out, so that only a unit that has them runs it; the products are those of integers.
  if (isDynamicallyQuantized(operation.node) && type === wanted && unit.macsPerCycle.int8 !== undefined)
    return { unit, type: 'int8', convertedFrom: null };
  return { unit, type, convertedFrom: type === wanted ? null : wanted };
}
