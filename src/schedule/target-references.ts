/** What a schema cannot say of a target file: that the units and memories it speaks of are there. */
import { didYouMean } from '../near-miss.ts';
import type { TargetFields } from './target-schema.ts';

type Fail = (message: string, place: readonly string[]) => never;

/** Calls `fail` with the place of the first thing that does not fit together. */
export function checkReferences(target: TargetFields, fail: Fail): void {
  checkPlan(target, fail);
  const units = Object.entries(target.units);
  const unitNames = units.map(([name]) => name);
  const { fallbackUnit } = target.support;
  if (unitNames.length === 0) fail('a target needs at least one unit', ['units']);
  if (Object.keys(target.memories).length === 0) fail('a target needs at least one memory', ['memories']);
  if (fallbackUnit !== undefined && !unitNames.includes(fallbackUnit)) {
    fail(`no unit is called "${fallbackUnit}"${didYouMean(fallbackUnit, unitNames)}`, ['support', 'fallbackUnit']);
  }
  for (const [name, unit] of units) {
    if (Object.keys(unit.macsPerCycle).length === 0)
      fail('a unit needs at least one type', ['units', name, 'macsPerCycle']);
    if (unit.efficiency.default === undefined) fail('"default" is missing', ['units', name, 'efficiency']);
  }
  const main = units[0]?.[1];
  if (target.assumedType !== undefined && main?.macsPerCycle[target.assumedType] === undefined) {
    fail(`the first unit has no macsPerCycle for ${target.assumedType}`, ['assumedType']);
  }
  if (target.status === 'calibrated' && target.validation.length === 0) {
    fail('a calibrated target needs a row in "validation"', ['status']);
  }
}

function checkPlan({ plan, memories }: TargetFields, fail: Fail): void {
  const known = Object.keys(memories);
  const used: readonly (readonly [string, string | undefined])[] = [
    ['activations', plan.activations],
    ['weights', plan.weights],
    ['onChip', plan.onChip?.memory],
    ['residentWeights', plan.residentWeights?.memory],
    ['spill', plan.spill],
    ['fallbackWeights', plan.fallbackWeights],
    ['hostLink', plan.hostLink],
  ];
  for (const [key, memory] of used) {
    if (memory === undefined || known.includes(memory)) continue;
    fail(`no memory is called "${memory}"${didYouMean(memory, known)}`, ['plan', key]);
  }
}
