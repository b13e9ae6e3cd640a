// What the fixture models cost on every target of hardware/: one golden file each, so that a target's change is seen.
import { describe, test } from 'vitest';
import { simulate } from '../../src/simulate/simulate.ts';
import type { Target } from '../../src/schedule/target.ts';
import { printQuantity } from '../../src/units.ts';
import { expectGolden } from '../golden.ts';
import { compiled, fixtureModels, shippedTargets } from './compiled.ts';

const hardware = [...new Set(shippedTargets.map((target) => target.hardware))];

describe('the fixture models', () => {
  test.each(hardware)('on %s', (name) => {
    const targets = shippedTargets.filter((target) => target.hardware === name);
    expectGolden(`${targets.map(costs).join('\n\n')}\n`, `targets/${name}.txt`);
  });
});

/** A line for each model; layers that fall back with their reasons below it, each once. */
function costs(target: Target): string {
  return [target.id, ...fixtureModels.flatMap((model) => modelCosts(model, target))].join('\n');
}

function modelCosts(model: string, target: Target): string[] {
  const { schedule, totals } = simulate(compiled(model, target));
  const [latency, energy, memory] = [
    printQuantity(totals.latencySeconds, 'time'),
    printQuantity(totals.energyJoules, 'energy'),
    printQuantity(totals.peakMemoryBytes, 'memory'),
  ];
  const reasons = schedule.kernels.flatMap(({ fallback }) => (fallback === null ? [] : [fallback.reason]));
  const unfit = schedule.assumptions.filter((line) => line.startsWith('does not fit'));
  const notes = [...new Set([...reasons, ...unfit])].map((line) => `    ${line}`);
  return [`  ${model}: ${latency}, ${energy}, ${memory}, ${schedule.kernels.length} layers`, ...notes];
}
