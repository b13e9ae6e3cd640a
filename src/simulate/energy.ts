/** Energy of a kernel, bottom up, and scaled to measured power where the target has it. */
import type { Stream } from '../schedule/schedule.ts';
import type { ComputeType, Target } from '../schedule/target.ts';
import type { KernelWork } from './kernel-work.ts';
import { streamsOf } from './memory.ts';
import type { Placement } from './placement.ts';

/** Part of a kernel's energy with the number of the target that it is proportional to. */
export interface EnergyPart {
  readonly what: 'macs' | 'vector' | 'read' | 'write' | 'static';
  /** Of the traffic: which memory. */
  readonly memory?: string;
  readonly joules: number;
  /** Path of that number in the target's file. */
  readonly number: string;
}

export interface KernelEnergy {
  /** Add up to `joules`. */
  readonly parts: readonly EnergyPart[];
  readonly joules: number;
}

/**
 * E = executed MACs × e_mac + elements × e_vector + Σ over memories (bytes read × e_read + bytes written × e_write) +
 * static power × time. Where the target has a measured active power, the kernel draws that: on microcontrollers power
 * varies by a few percent between networks (MLPerf Tiny), so energy is power × time, and the bottom-up parts only say
 * where it goes; they keep their proportions. Scaling each kernel, not the sum, leaves the energy of an unchanged
 * layer unchanged.
 */
export function energyOf(kernel: KernelWork, placement: Placement, seconds: number): KernelEnergy {
  const { target, type } = placement;
  const { energy } = target;
  const elements = kernel.vector.reduce((sum, work) => sum + work.elements, 0) * kernel.repetitions;
  const parts: EnergyPart[] = [
    { what: 'macs', ...macEnergy(kernel.executedMacs, type, target) },
    { what: 'vector', joules: elements * energy.joulesPerVectorElement, number: 'energy.joulesPerVectorElement' },
    ...trafficParts(streamsOf(kernel, placement), kernel.repetitions, target),
    { what: 'static', joules: energy.staticWatts * seconds, number: 'energy.staticWatts' },
  ];
  return scaleToMeasured(
    parts.filter(({ joules }) => joules > 0),
    target,
    seconds,
  );
}

/** Time in which nothing of a kernel runs: what one inference costs beside its layers. */
export function idleEnergyOf(target: Target, seconds: number): KernelEnergy {
  const joules = target.energy.staticWatts * seconds;
  const parts: EnergyPart[] = joules > 0 ? [{ what: 'static', joules, number: 'energy.staticWatts' }] : [];
  return scaleToMeasured(parts, target, seconds);
}

/** A type without a figure takes that of the costliest one given: wider arithmetic costs more, never less. */
function macEnergy(macs: number, type: ComputeType, { energy: { joulesPerMac } }: Target) {
  const given = Object.entries(joulesPerMac);
  const [used, joules] =
    given.find(([name]) => name === type) ??
    given.reduce<[string, number]>((most, entry) => (entry[1] > most[1] ? entry : most), [type, 0]);
  return { joules: macs * joules, number: `energy.joulesPerMac.${used}` };
}

function trafficParts(streams: readonly Stream[], repetitions: number, { memories }: Target): EnergyPart[] {
  return memories.flatMap(({ id, readJoulesPerByte, writeJoulesPerByte }) => {
    const here = streams.filter(({ memory }) => memory === id);
    const read = here.reduce((sum, { readBytes }) => sum + readBytes, 0) * repetitions;
    const written = here.reduce((sum, { writeBytes }) => sum + writeBytes, 0) * repetitions;
    const path = `memories.${id}`;
    return [
      { what: 'read', memory: id, joules: read * readJoulesPerByte, number: `${path}.readJoulesPerByte` } as const,
      {
        what: 'write',
        memory: id,
        joules: written * writeJoulesPerByte,
        number: `${path}.writeJoulesPerByte`,
      } as const,
    ];
  });
}

function scaleToMeasured(parts: readonly EnergyPart[], { energy }: Target, seconds: number): KernelEnergy {
  const sum = total(parts);
  const { activeWatts } = energy;
  if (activeWatts === undefined) return { parts, joules: sum };
  const joules = activeWatts * seconds;
  if (sum === 0) return { parts: [{ what: 'static', joules, number: 'energy.activeWatts' }], joules };
  return { parts: parts.map((part) => ({ ...part, joules: (part.joules * joules) / sum })), joules };
}

function total(parts: readonly EnergyPart[]): number {
  return parts.reduce((sum, { joules }) => sum + joules, 0);
}

/**
 * Average power at a rate of inferences a second: the inference, then idling until the next one is due. Without a rate,
 * or when one inference takes longer than there is time, the target runs all the time.
 */
export function averagePower(
  { latencySeconds, energyJoules }: { readonly latencySeconds: number; readonly energyJoules: number },
  idleWatts: number,
  rateHertz: number | undefined,
): number {
  if (latencySeconds === 0) return rateHertz === undefined ? 0 : idleWatts;
  const idleShare = rateHertz === undefined ? 0 : Math.max(0, 1 - latencySeconds * rateHertz);
  if (idleShare === 0) return energyJoules / latencySeconds;
  return energyJoules * rateHertz! + idleWatts * idleShare;
}
