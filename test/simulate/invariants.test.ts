// What must hold for every model on every target, whatever its numbers are.
import { describe, expect, test } from 'vitest';
import type { Kernel, Schedule } from '../../src/schedule/schedule.ts';
import type { Target } from '../../src/schedule/target.ts';
import { energyOf } from '../../src/simulate/energy.ts';
import { peakMacsPerSecond } from '../../src/simulate/placement.ts';
import { invocationRow, simulate } from '../../src/simulate/simulate.ts';
import { compiled, fixtureModels, shippedTargets } from './compiled.ts';

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** The first variant of each file sees all models; the others see this one. */
const variantsSee = 'detector-nearest.onnx';

describe.each(fixtureModels)('%s', (name) => {
  const targets = shippedTargets.filter(({ id, hardware }) => id === hardware || name === variantsSee);
  const schedules = targets.map((target) => compiled(name, target));

  test.each(schedules.map((schedule) => [schedule.target.id, schedule] as const))('on %s', (_, schedule) => {
    const simulation = simulate(schedule);
    const { layers, totals } = simulation;
    expect(simulate(schedule)).toEqual(simulation);
    expectRowsAddUp(schedule);
    for (const layer of layers) {
      expect(sum(layer.causes.map(({ seconds }) => seconds))).toBe(layer.latencySeconds);
      for (const cause of layer.causes) {
        expect(cause.seconds).toBeGreaterThanOrEqual(0);
        expect(cause.savedSeconds).toBeLessThanOrEqual(layer.latencySeconds * (1 + 1e-12));
      }
      expect(layer.utilization).toBeLessThanOrEqual(4); // above 1 only where Winograd executes fewer MACs
    }
    for (const [low, high] of Object.values(totals.bands)) expect(low).toBeLessThanOrEqual(high);
  });

  test('is never faster than its MACs at the peak, nor moves less than the schedule says', () => {
    for (const schedule of schedules) {
      const { target } = schedule;
      const layers = new Map(simulate(schedule).layers.map((layer) => [layer.id, layer]));
      for (const kernel of schedule.kernels) {
        const layer = layers.get(kernel.name)!;
        const unit = target.units.find(({ id }) => id === kernel.unit)!;
        const peak = peakMacsPerSecond(unit, kernel.type);
        if (peak > 0) expect(layer.latencySeconds * (1 + 1e-9)).toBeGreaterThanOrEqual(kernel.executedMacs / peak);
        const scheduled = sum(kernel.streams.map(({ readBytes, writeBytes }) => readBytes + writeBytes));
        const moved = sum(Object.values(layer.trafficBytes));
        expect(moved).toBeGreaterThanOrEqual(scheduled * kernel.repetitions);
        expect(moved).toBeGreaterThanOrEqual(operandBytes(kernel) * kernel.repetitions);
      }
    }
  });

  test('is never slower with more bandwidth or a faster clock', () => {
    for (const schedule of schedules) {
      const { target } = schedule;
      const base = simulate(schedule).totals.latencySeconds;
      for (const faster of [...fasterMemories(target), ...fasterUnits(target)]) {
        const { latencySeconds } = simulate({ ...schedule, target: faster }).totals;
        expect(latencySeconds).toBeLessThanOrEqual(base * (1 + 1e-12));
      }
    }
  });

  test('is never slower with larger memories on the chip', () => {
    for (const { target } of schedules) {
      const base = simulate(compiled(name, target)).totals.latencySeconds;
      for (const larger of withLargerMemories(target)) {
        const { latencySeconds } = simulate(compiled(name, larger)).totals;
        expect(latencySeconds).toBeLessThanOrEqual(base * (1 + 1e-9));
      }
    }
  });

  test('spends energy that adds up from its parts', () => {
    for (const { kernels, target } of schedules) {
      for (const kernel of kernels) {
        const unit = target.units.find(({ id }) => id === kernel.unit)!;
        const { parts, joules } = energyOf(kernel, { unit, type: kernel.type, target }, 1e-3);
        expect(joules).toBeGreaterThan(0);
        expect(sum(parts.map((part) => part.joules)) / joules).toBeCloseTo(1, 9);
      }
    }
  });
});

function expectRowsAddUp(schedule: Schedule) {
  const { layers, totals, fileOverheadBytes } = simulate(schedule);
  expect(sum(layers.map((layer) => layer.latencySeconds))).toBe(totals.latencySeconds);
  expect(sum(layers.map((layer) => layer.energyJoules))).toBe(totals.energyJoules);
  expect(sum(layers.map((layer) => layer.macs))).toBe(totals.macs);
  expect(sum(layers.map((layer) => layer.parameters))).toBe(totals.parameters);
  expect(sum(layers.map((layer) => layer.weightsBytes))).toBe(totals.weightsBytes);
  expect(sum(layers.map((layer) => layer.fileBytes)) + fileOverheadBytes).toBe(totals.fileBytes);
  expect(layers.length).toBe(schedule.kernels.length + (layers[0]?.name === invocationRow ? 1 : 0));
  expect(layers.some(({ name }) => name === invocationRow)).toBe(schedule.target.invokeSeconds > 0);
}

/** What has to move: results and operands once. A gather or slice reads no more than it writes, a view moves nothing. */
function operandBytes({ algorithm, operatorClass, fused, inputs, outputs }: Kernel): number {
  if (algorithm === 'none') return 0;
  const bytes = (uses: Kernel['inputs']) => sum(uses.map((use) => use.bytes));
  const readsAll = operatorClass !== 'data-movement' && fused.length === 1;
  return bytes(outputs) + (readsAll ? bytes(inputs) : 0);
}

/** Each memory twice as large; the on-chip level and the room for resident weights grow with theirs. */
function withLargerMemories(target: Target): Target[] {
  const { plan, memories } = target;
  return memories.map(({ id }) => {
    const grown = memories.map((memory) =>
      memory.id === id ? { ...memory, capacityBytes: memory.capacityBytes * 2 } : memory,
    );
    const level = (of: { readonly memory: string; readonly usableBytes: number }) =>
      of.memory === id ? { ...of, usableBytes: of.usableBytes * 2 } : of;
    return {
      ...target,
      memories: grown,
      plan: {
        ...plan,
        ...(plan.onChip !== undefined && { onChip: level(plan.onChip) }),
        ...(plan.residentWeights !== undefined && { residentWeights: level(plan.residentWeights) }),
      },
    };
  });
}

function fasterMemories(target: Target): Target[] {
  return target.memories.map(({ id }) => ({
    ...target,
    memories: target.memories.map((memory) =>
      memory.id === id ? { ...memory, bandwidthBytesPerSecond: memory.bandwidthBytesPerSecond * 2 } : memory,
    ),
  }));
}

function fasterUnits(target: Target): Target[] {
  return target.units.map(({ id }) => ({
    ...target,
    units: target.units.map((unit) => (unit.id === id ? { ...unit, clockHertz: unit.clockHertz * 2 } : unit)),
  }));
}
