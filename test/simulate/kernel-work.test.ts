// Kernels share a time where they are alike: then, and only then, all that their time hangs on reads the same.
import { expect, test } from 'vitest';
import type { Kernel } from '../../src/schedule/schedule.ts';
import { areAlike, roughSize } from '../../src/simulate/kernel-work.ts';
import { timeKernel } from '../../src/simulate/kernel-time.ts';
import { paceOf } from '../../src/simulate/pace.ts';
import { timesOf } from '../../src/simulate/times.ts';
import { compiled, fixtureModels, shippedTargets } from './compiled.ts';

const targets = shippedTargets.filter(({ id }) =>
  ['rpi4-ncnn', 'coral-edge-tpu', 'ethos-u55-256', 'ethos-u85-256', 'stm32h7a3-x-cube-ai'].includes(id),
);

function written(kernel: Kernel): string {
  const { unit, type, operatorClass, algorithm, nests, vector, macs, executedMacs, streams, repetitions, fallback } =
    kernel;
  const bytes = [kernel.inputs, kernel.outputs].map((uses) => uses.map((use) => use.bytes));
  const steps = kernel.steps?.map(({ name: _, ...step }) => step);
  return JSON.stringify([
    ...[unit, type, operatorClass, algorithm, nests, vector, macs, executedMacs, streams, repetitions, fallback],
    ...[bytes, steps],
  ]);
}

test.each(targets.map((target) => [target.id, target] as const))('on %s', (_, target) => {
  let [alike, different] = [0, 0];
  const wrong: string[] = [];
  for (const name of fixtureModels) {
    const { kernels } = compiled(name, target);
    const texts = kernels.map(written);
    for (const one of kernels) {
      for (const other of kernels.slice(one.index + 1)) {
        const same = texts[one.index] === texts[other.index];
        const isRight = areAlike(one, other) === same && (!same || roughSize(one) === roughSize(other));
        if (!isRight) wrong.push(`${one.name} and ${other.name} of ${name}`);
        if (same) alike += 1;
        else different += 1;
      }
    }
  }
  expect(wrong).toEqual([]);
  expect(alike).toBeGreaterThan(5);
  expect(different).toBeGreaterThan(alike);
});

test('a time that is shared is the one that the kernel has alone', () => {
  const [target] = targets;
  const schedule = compiled('cnn-residual.onnx', target!);
  const paceSeconds = paceOf(schedule);
  let unitBefore: string | undefined;
  for (const { kernel, placement, time } of timesOf(schedule)) {
    const handedOver = unitBefore !== undefined && unitBefore !== kernel.unit;
    expect(time).toEqual(timeKernel(kernel, { ...placement, paceSeconds }, handedOver));
    unitBefore = kernel.unit;
  }
});
