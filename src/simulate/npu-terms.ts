/**
 * Terms of a kernel on an NPU that works in blocks: one group of lanes for each operation that it became, since those
 * follow each other. The array, the output unit and what an operation waits for are one lane, each memory is another.
 */
import type { NpuTraffic } from '../schedule/npu/npu-traffic.ts';
import type { Memory } from '../schedule/target.ts';
import type { KernelWork, StepWork } from './kernel-work.ts';
import { causeOf } from './memory.ts';
import { paddedTerms } from './padding.ts';
import type { Placement } from './placement.ts';
import { efficiencyOf } from './placement.ts';
import type { Term } from './term.ts';
import { computeLane } from './term.ts';

export function npuTerms(kernel: KernelWork, placement: Placement): Term[] {
  const terms: Term[] = [];
  for (const [index, step] of (kernel.steps ?? []).entries()) {
    for (const term of unitTerms(step, kernel, placement)) terms.push({ ...term, step: index });
    for (const term of trafficTerms(step, kernel, placement)) terms.push({ ...term, step: index });
  }
  return terms;
}

function unitTerms(step: StepWork, kernel: KernelWork, placement: Placement): Term[] {
  const { unit, type, target } = placement;
  const efficiency = efficiencyOf(kernel, placement);
  const seconds = kernel.repetitions / (unit.clockHertz * efficiency.value);
  const numbers = [`units.${unit.id}.clockHertz`, efficiency.path];
  // Pools and means use the array too, but multiply nothing.
  const array = kernel.macs > 0 ? step.arrayCycles : 0;
  const direct = Math.min(array, step.macs / (unit.cores * (unit.macsPerCycle[type] ?? 1)));
  const weights = target.memories.find(({ id }) => id === target.plan.weights)!;
  const terms: Term[] = [
    ...paddedTerms({
      seconds: direct * seconds,
      paddingSeconds: (array - direct) * seconds,
      detail: fillDetail(step, direct / array),
      numbers,
    }),
    {
      ...{ cause: 'vector/activation', bound: 'vector', lane: computeLane, numbers },
      seconds: (step.unitCycles - array) * seconds,
    },
    {
      ...{ cause: causeOf({ role: 'weights' }, weights), bound: weights.bound, lane: computeLane },
      numbers: [`memories.${weights.id}.bandwidthBytesPerSecond`, `memories.${weights.id}.efficiency`],
      seconds: (step.totalCycles - step.unitCycles) * seconds,
    },
  ];
  return terms.filter((term) => term.seconds > 0);
}

function fillDetail({ operator }: StepWork, share: number): string {
  return `${operator} fills ${Math.round(share * 100)}% of the array`;
}

function trafficTerms({ traffic }: StepWork, kernel: KernelWork, { unit, target }: Placement): Term[] {
  return traffic.flatMap((part) => {
    const memory = target.memories.find(({ id }) => id === part.memory)!;
    const seconds = (part.cycles * kernel.repetitions) / (unit.clockHertz * memory.efficiency);
    return seconds > 0 ? [trafficTerm(part, memory, seconds)] : [];
  });
}

function trafficTerm({ role }: NpuTraffic, memory: Memory, seconds: number): Term {
  const path = `memories.${memory.id}`;
  return {
    cause: causeOf({ role }, memory),
    bound: memory.bound,
    seconds,
    lane: memory.id,
    numbers: [`${path}.bandwidthBytesPerSecond`, `${path}.efficiency`],
  };
}
