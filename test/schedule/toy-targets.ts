/** The toy targets of `fixtures/hardware/`, for tests. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseTarget } from '../../src/schedule/target-file.ts';
import type { Target } from '../../src/schedule/target.ts';

const folder = join(import.meta.dirname, '../../fixtures/hardware');

export function toyTargetText(name: string): string {
  return readFileSync(join(folder, `${name}.yml`), 'utf8');
}

export function toyTargets(name: string): readonly Target[] {
  return parseTarget(toyTargetText(name), `${name}.yml`);
}

export const toyCpu: Target = toyTargets('toy-cpu')[0]!;
export const toyNpu: Target = toyTargets('toy-npu')[0]!;
export const toySingleCut: Target = toyTargets('toy-npu')[1]!;
