/** Live bytes in the activations' memory while a model runs. */
import type { Simulation } from '../simulate/simulation.ts';
import type { MemoryTimeline } from './report.ts';

/** Null where the target keeps no activations in a memory that is planned. */
export function memoryTimelineOf({ schedule, peakMemoryLayer }: Simulation): MemoryTimeline | null {
  const arena = schedule.arenas.find(({ memory }) => memory === schedule.target.plan.activations);
  if (arena === undefined) return null;
  return {
    memory: arena.memory,
    capacityBytes: arena.capacityBytes,
    peakBytes: arena.peakBytes,
    peakLayer: peakMemoryLayer,
    points: schedule.kernels.map((kernel) => ({ layer: kernel.name, liveBytes: arena.liveBytes[kernel.index] ?? 0 })),
  };
}
