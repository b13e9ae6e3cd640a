/** Time that a kernel's transfers take at each memory. */
import { filledBytes } from '../schedule/bursts.ts';
import type { Stream } from '../schedule/schedule.ts';
import type { Memory, Target } from '../schedule/target.ts';
import type { KernelWork } from './kernel-work.ts';
import type { Placement } from './placement.ts';
import type { Cause } from './simulation.ts';
import type { Term } from './term.ts';

export function burstBytes({ readBytes, writeBytes, transfers }: Stream, memory: Memory): number {
  return filledBytes(readBytes + writeBytes, transfers, memory.burstBytes);
}

/**
 * seconds = filled bursts / (bandwidth × efficiency) + latency × transfers. A unit whose transfers overlap perfectly has
 * its next ones in flight while one arrives: it sees the latency of the first alone.
 */
export function streamSeconds(stream: Stream, memory: Memory, overlapNorm: number): number {
  const bytes = burstBytes(stream, memory);
  if (bytes === 0) return 0;
  const waits = overlapNorm === Infinity ? 1 : Math.max(1, stream.transfers);
  return bytes / (memory.bandwidthBytesPerSecond * memory.efficiency) + memory.latencySeconds * waits;
}

/** Terms of one inference, a lane for each memory. */
export function memoryTerms(kernel: KernelWork, placement: Placement): Term[] {
  const { target, unit } = placement;
  return streamsOf(kernel, placement).flatMap((stream) => {
    const memory = target.memories.find(({ id }) => id === stream.memory)!;
    const seconds = streamSeconds(stream, memory, unit.overlapNorm) * kernel.repetitions;
    if (seconds === 0) return [];
    const path = `memories.${memory.id}`;
    return [
      {
        cause: causeOf(stream, memory),
        bound: memory.bound,
        seconds,
        lane: memory.id,
        numbers: [`${path}.bandwidthBytesPerSecond`, `${path}.efficiency`],
      },
    ];
  });
}

export function causeOf({ role }: Pick<Stream, 'role'>, { bound }: Memory): Cause {
  if (role === 'transfer') return 'transfer/sync';
  if (role === 'workspace') return 'layout/cast';
  if (bound === 'sram') return 'sram-bandwidth';
  if (role === 'weights') return bound === 'dram' ? 'dram-weights' : 'weight-cache-miss';
  return bound === 'link' ? 'transfer/sync' : 'dram-activations';
}

/** The schedule's streams as the unit's hardware makes them: with what blocks read again, from where caches have it. */
export function streamsOf(kernel: KernelWork, { unit, target }: Placement): readonly Stream[] {
  switch (unit.kind) {
    case 'simd':
      return streamsThroughCache(kernel, target);
    case 'gpu':
      return cachedStreams(kernel, target);
    case 'block-npu':
    case 'mcu':
    case 'systolic':
    case 'channel-processors':
    case 'dataflow':
      return kernel.streams;
  }
}

/**
 * Caches of processors keep what was written last: where a kernel's activations all fit, it finds its inputs in the
 * cache and leaves its outputs there for the next kernel. Weights are read once an inference, and with those of the
 * other layers in between they are not there any more.
 */
function cachedStreams({ streams, inputs, outputs }: KernelWork, { plan }: Target): readonly Stream[] {
  const { onChip, activations } = plan;
  const bytes = [...inputs, ...outputs].reduce((sum, tensor) => sum + tensor.bytes, 0);
  if (onChip === undefined || bytes > onChip.usableBytes) return streams;
  const isActivation = ({ role, memory }: Stream) => (role === 'input' || role === 'output') && memory === activations;
  return streams.map((stream) => (isActivation(stream) ? { ...stream, memory: onChip.memory } : stream));
}

/**
 * Whatever a core reads and writes passes its caches; what they cannot hold between two kernels comes from memory as
 * well. On processors with additive time the two add up: a core that waits for memory is not reading from its cache.
 */
function streamsThroughCache(kernel: KernelWork, target: Target): readonly Stream[] {
  const { onChip, activations } = target.plan;
  const streams = cachedStreams(kernel, target);
  if (onChip === undefined) return streams;
  const outside = streams.filter(
    ({ role, memory }) => (role === 'input' || role === 'output') && memory === activations,
  );
  return [...streams, ...outside.map((stream) => ({ ...stream, memory: onChip.memory }))];
}

/** Bytes by memory that one inference moves. */
export function trafficOf(streams: readonly Stream[], repetitions: number): Map<string, number> {
  const traffic = new Map<string, number>();
  for (const { memory, readBytes, writeBytes } of streams) {
    traffic.set(memory, (traffic.get(memory) ?? 0) + (readBytes + writeBytes) * repetitions);
  }
  return traffic;
}
