/** Checks an operation against a target's support table; each check gives one sentence that names what is supported. */
import type { Attribute } from '../ir/graph.ts';
import { intsAttribute, stringAttribute } from '../operators/attribute.ts';
import type { LoopNest } from '../operators/work.ts';
import { typeOn } from './legalize.ts';
import type { Operation, Program } from './program.ts';
import { elementsOf } from './program.ts';
import type { Fallback, FallbackCode } from './schedule.ts';
import type { ComputeType, OperatorSupport, Target } from './target.ts';

interface Question {
  readonly program: Program;
  readonly target: Target;
  readonly type: ComputeType | 'integer';
}

interface Check extends Question {
  readonly operation: Operation;
  /** Limits of the operator; empty for one that a CPU runs without a row. */
  readonly limits: Partial<OperatorSupport>;
  /** First loop nest, when the operation has one. */
  readonly nest: LoopNest | undefined;
}

const none: Check['limits'] = {};

/** Why the main unit cannot run the operation; null when it can. */
export function unsupported(operation: Operation, question: Question): Fallback | null {
  const limits = question.target.support.operators.get(operation.operator);
  if (limits === undefined && !question.target.support.anyOperator) {
    return { code: 'operator', reason: `\`${operation.operator}\` is not supported` };
  }
  const { program, target, type } = question;
  const check: Check = { program, target, type, operation, limits: limits ?? none, nest: operation.work.nests[0] };
  for (const { code, test } of checksOf(check.limits)) {
    const problem = test(check);
    if (problem !== null) return { code, reason: `\`${operation.operator}\` ${problem}` };
  }
  return null;
}

interface Rule {
  readonly code: FallbackCode;
  readonly test: (check: Check) => string | null;
  /** The limits that it looks at; none: it looks at the target as well. */
  readonly limits?: readonly (keyof OperatorSupport)[];
}

/** In the order of the limits in a support row; what holds for all operators comes beside its like. */
const checks: readonly Rule[] = [
  { code: 'dtype', test: typeProblem },
  { code: 'rank', test: rankProblem },
  { code: 'batch', test: batchProblem },
  { code: 'dynamic-shape', test: shapeProblem },
  { code: 'kernel-size', test: kernelProblem, limits: ['maximumKernel', 'maximumKernelArea', 'kernelSizes'] },
  { code: 'attribute', test: channelProblem, limits: ['maximumChannels'] },
  { code: 'attribute', test: strideProblem, limits: ['maximumStride', 'strides'] },
  { code: 'attribute', test: paddedStrideProblem, limits: ['unpaddedStride'] },
  { code: 'attribute', test: dilationProblem, limits: ['dilation'] },
  { code: 'attribute', test: groupProblem, limits: ['grouped'] },
  { code: 'weights-not-constant', test: weightsProblem, limits: ['constantWeights'] },
  { code: 'attribute', test: attributeProblem, limits: ['attributes'] },
];

const knownChecks = new WeakMap<Check['limits'], readonly Rule[]>();

/** Those that a support row has limits for. */
function checksOf(limits: Check['limits']): readonly Rule[] {
  let own = knownChecks.get(limits);
  if (own === undefined) {
    own = checks.filter((rule) => rule.limits?.some((limit) => limits[limit] !== undefined) !== false);
    knownChecks.set(limits, own);
  }
  return own;
}

function typeProblem({ type, limits, target }: Check): string | null {
  const unit = target.units[0]!;
  if (limits.types === undefined)
    return type === 'integer' || typeOn(unit, type) !== undefined ? null : `in ${type} is not supported`;
  if (type === 'integer' ? limits.wideIntegers === true : limits.types.includes(type)) return null;
  // A float unit that lacks this width runs it in its own.
  if (type !== 'integer' && unit.macsPerCycle[type] === undefined && limits.types.includes(typeOn(unit, type)!))
    return null;
  return `in ${type === 'integer' ? 'wide integers' : type} is not supported; ${allowed(limits.types)}`;
}

function rankProblem({ operation, limits, target }: Check): string | null {
  const limit = Math.min(limits.maximumRank ?? Infinity, target.support.maximumRank);
  if (limit === Infinity) return null;
  const rank = Math.max(largestRank(operation.typed.inputs), largestRank(operation.outputs));
  return rank > limit ? `on a tensor of rank ${rank} is not supported; up to ${limit} is` : null;
}

/** Scalars and empty operands have no layout to support. */
function largestRank(types: Operation['typed']['inputs']): number {
  let largest = 0;
  for (const type of types) {
    const rank = type?.shape?.length ?? 0;
    if (rank > largest && elementsOf(type) > 1) largest = rank;
  }
  return largest;
}

/** The batch is the leading dimension of feature maps, and of the loop nest where there is one. */
function batchProblem({ operation, nest, target }: Check): string | null {
  if (!target.support.batchOneOnly) return null;
  let batch = nest?.B ?? 1;
  for (const { shape } of operation.outputs) {
    if (shape !== null && shape.length >= 4) batch = Math.max(batch, Number(shape[0]));
  }
  return batch > 1 ? `with batch ${batch} is not supported; 1 is` : null;
}

/** Accelerators plan their memory beforehand; a CPU library does not mind. */
function shapeProblem({ operation, program, target }: Check): string | null {
  if (target.support.anyOperator || program.unresolved.size === 0) return null;
  const isOpen = (name: string) => program.unresolved.has(name);
  return operation.node.inputs.some(isOpen) || operation.node.outputs.some(isOpen)
    ? 'has a size that only the data decides, which is not supported'
    : null;
}

function kernelProblem({ limits, nest }: Check): string | null {
  if (nest === undefined) return null;
  const { FY, FX } = nest;
  const [height, width] = limits.maximumKernel ?? [Infinity, Infinity];
  if (FY > height || FX > width) return `with a ${FY}x${FX} kernel is not supported; up to ${height}x${width} is`;
  const area = limits.maximumKernelArea ?? Infinity;
  if (FY * FX > area) return `with ${FY * FX} kernel elements is not supported; up to ${area} are`;
  const { kernelSizes } = limits;
  if (kernelSizes?.some(([y, x]) => y === FY && x === FX) !== false) return null;
  return `with a ${FY}x${FX} kernel is not supported; ${allowed(kernelSizes.map(([y, x]) => `${y}x${x}`))}`;
}

/** Channels of one group, in or out. */
function channelProblem({ limits, nest }: Check): string | null {
  const channels = Math.max(nest?.K ?? 1, nest?.C ?? 1);
  const limit = limits.maximumChannels ?? Infinity;
  return channels > limit ? `with ${channels} channels is not supported; up to ${limit} are` : null;
}

function strideProblem({ limits, nest }: Check): string | null {
  const stride = Math.max(nest?.strideY ?? 1, nest?.strideX ?? 1);
  const limit = limits.maximumStride ?? Infinity;
  if (stride > limit) return `with stride ${stride} is not supported; up to ${limit} is`;
  if (limits.strides?.includes(stride) !== false) return null;
  return `with stride ${stride} is not supported; ${allowed(limits.strides)}`;
}

function paddedStrideProblem({ limits, nest, operation }: Check): string | null {
  const { unpaddedStride } = limits;
  if (unpaddedStride === undefined) return null;
  const stride = Math.max(1, ...intsAttribute(operation.node, 'strides', []));
  if (stride <= unpaddedStride) return null;
  const isPadded =
    stringAttribute(operation.node, 'auto_pad', 'NOTSET').startsWith('SAME') ||
    intsAttribute(operation.node, 'pads', []).some((size) => size > 0);
  const isDilated = Math.max(nest?.dilationY ?? 1, nest?.dilationX ?? 1) > 1;
  if (!isPadded && !isDilated) return null;
  return `with stride ${stride}, ${isPadded ? 'padded' : 'dilated'}, is not supported; up to ${unpaddedStride} is`;
}

function dilationProblem({ limits, nest }: Check): string | null {
  const dilation = Math.max(nest?.dilationY ?? 1, nest?.dilationX ?? 1);
  return limits.dilation === false && dilation > 1 ? `with dilation ${dilation} is not supported; 1 is` : null;
}

function groupProblem({ operation, limits, nest }: Check): string | null {
  if (nest === undefined || nest.G === 1 || limits.grouped === undefined || limits.grouped === 'any') return null;
  // The groups of a product of activations are its batch.
  if (!isConvolution(operation)) return null;
  if (limits.grouped === 'none') return `with ${nest.G} groups is not supported; 1 is`;
  return nest.C === 1 ? null : `with ${nest.G} groups is not supported; depthwise and 1 are`;
}

function isConvolution({ work }: Operation): boolean {
  return work.operatorClass.endsWith('convolution');
}

function weightsProblem({ operation, limits, nest }: Check): string | null {
  if (limits.constantWeights !== true || nest === undefined) return null;
  const constant = operation.typed.constant[nest.stationaryInput] === true;
  return constant ? null : 'with weights that are computed at run time is not supported; constant ones are';
}

function attributeProblem({ operation, limits }: Check): string | null {
  if (limits.attributes === undefined) return null;
  for (const [name, values] of Object.entries(limits.attributes)) {
    const attribute = operation.node.attributes.get(name);
    const wrong = valuesOf(attribute).find((value) => !values.includes(value));
    if (wrong === undefined) continue;
    return `with ${name}=${String(wrong).slice(0, 40)} is not supported; ${allowed(values)}`;
  }
  return null;
}

/** An attribute that is not given has its default, which every implementation has. */
function valuesOf(attribute: Attribute | undefined): readonly (string | number)[] {
  if (attribute === undefined) return [];
  if (attribute.kind === 'int' || attribute.kind === 'float' || attribute.kind === 'string') return [attribute.value];
  if (attribute.kind === 'ints' || attribute.kind === 'floats' || attribute.kind === 'strings') return attribute.values;
  return [];
}

/** `nearest is`, `nearest and linear are`. */
function allowed(words: readonly (string | number)[]): string {
  return `${list(words)} ${words.length === 1 ? 'is' : 'are'}`;
}

/** `nearest`, `nearest and linear`, `a, b and c`. */
function list(words: readonly (string | number)[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${String(words.at(-1))}`;
}
