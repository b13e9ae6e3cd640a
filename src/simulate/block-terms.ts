/** Terms of a kernel on an Ethos-U: array and output unit overlap inside the kernel and are timed together. */
import type { LoopNest, VectorWork } from '../operators/work.ts';
import { isDepthwise } from '../schedule/algorithm.ts';
import type { Kernel } from '../schedule/schedule.ts';
import type { BlockGeometry } from './block-npu.ts';
import { blockCycles, poolCycles, portsOf } from './block-time.ts';
import { stepMacs, worstFill } from './geometry.ts';
import { paddedTerms } from './padding.ts';
import type { Placement } from './placement.ts';
import { efficiencyOf } from './placement.ts';
import type { Term } from './term.ts';
import { computeLane } from './term.ts';
import { vectorTerms } from './vector.ts';

export function blockTerms(kernel: Kernel, placement: Placement, geometry: BlockGeometry): Term[] {
  if (kernel.nests.length > 0) return nestTerms(kernel, placement, geometry);
  const isPooling = kernel.operatorClass === 'pooling' || kernel.operatorClass === 'reduction';
  return isPooling ? [poolTerm(kernel, placement, geometry)] : vectorTerms(kernel, placement);
}

interface Cycles {
  /** MACs at the peak. */
  readonly direct: number;
  /** The array in whole blocks. */
  readonly array: number;
  /** With what of the output unit the array does not hide. */
  readonly total: number;
}

function nestTerms(kernel: Kernel, placement: Placement, geometry: BlockGeometry): Term[] {
  const { unit } = placement;
  const efficiency = efficiencyOf(kernel, placement);
  const seconds = kernel.repetitions / (unit.clockHertz * efficiency.value);
  const numbers = [`units.${unit.id}.clockHertz`, efficiency.path];
  const { direct, array, total } = kernel.nests
    .map((nest) => nestCycles(nest, kernel.vector, placement, geometry))
    .reduce((a, b) => ({ direct: a.direct + b.direct, array: a.array + b.array, total: a.total + b.total }));
  return [
    ...paddedTerms({
      seconds: direct * seconds,
      paddingSeconds: (array - direct) * seconds,
      detail: fillDetail(kernel.nests[0]!, geometry),
      numbers,
    }),
    ...(total > array ? [vectorTerm((total - array) * seconds, numbers)] : []),
  ];
}

/** Groups that are not depthwise run one after the other. What no block holds runs at best at the array's peak. */
function nestCycles(
  nest: LoopNest,
  vector: readonly VectorWork[],
  { unit, type, target }: Placement,
  geometry: BlockGeometry,
): Cycles {
  const memory = (id: string) => target.memories.find((candidate) => candidate.id === id)!;
  const ports = portsOf(memory(target.plan.activations), memory(target.plan.weights), unit.clockHertz);
  const [group, groups] = isDepthwise(nest) ? [nest, 1] : [{ ...nest, G: 1 }, nest.G];
  const work = { nest: group, activationBytes: type === 'int8' ? 1 : 2 } as const;
  const timed = blockCycles(work, geometry, ports, outputRate(vector, geometry));
  const direct = stepMacs(group) / (unit.macsPerCycle[type] ?? 1);
  const array = Math.max(direct, timed?.arrayOnly ?? 0);
  const runs = groups * nest.sequentialSteps;
  return { direct: direct * runs, array: array * runs, total: Math.max(array, timed?.total ?? 0) * runs };
}

/** Cycles of the output unit per element: the slower of writing it and of the activation fused behind. */
function outputRate(vector: readonly VectorWork[], { outputCyclesPerElement: cycles }: BlockGeometry): number {
  const has = (operation: VectorWork['operation']) => vector.some((work) => work.operation === operation);
  if (has('exponential') || has('divide')) return Math.max(cycles.plain, cycles.lookup);
  return Math.max(cycles.plain, has('add') ? cycles.relu : 0);
}

function poolTerm(kernel: Kernel, { unit, type }: Placement, geometry: BlockGeometry): Term {
  const taps = kernel.vector.reduce((sum, work) => sum + (work.operation === 'add' ? work.elements : 0), 0);
  const cycles = poolCycles(kernel.outputShape, taps, type === 'int8' ? 1 : 2, geometry);
  const path = `units.${unit.id}.clockHertz`;
  return vectorTerm((cycles * kernel.repetitions) / unit.clockHertz, [path]);
}

function vectorTerm(seconds: number, numbers: readonly string[]): Term {
  return { cause: 'vector/activation', bound: 'vector', seconds, lane: computeLane, numbers };
}

function fillDetail(nest: LoopNest, { microBlock }: BlockGeometry): string {
  const depthwise = isDepthwise(nest);
  return worstFill([
    { size: nest.C, step: depthwise ? 8 : nest.C <= 8 ? 8 : 32, what: 'input channels', where: 'lanes' },
    { size: depthwise ? nest.G * nest.K : nest.K, step: microBlock.depth, what: 'output channels', where: 'lanes' },
    { size: nest.OY * nest.B, step: microBlock.height, what: 'output rows', where: 'rows of a micro-block' },
    { size: nest.OX, step: microBlock.width, what: 'output columns', where: 'columns of a micro-block' },
  ]);
}
