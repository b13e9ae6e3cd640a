// The targets of the repository: every number has a source, status and validation fit together.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { shippedTargets } from './compiled.ts';

test('there is a target of each class that the simulator knows equations for', () => {
  expect(new Set(shippedTargets.map(({ units }) => units[0]?.kind))).toEqual(
    new Set(['systolic', 'block-npu', 'simd', 'gpu', 'mcu', 'channel-processors', 'dataflow']),
  );
});

test('a file is called what its target is', () => {
  const files = readdirSync(join(import.meta.dirname, '../../hardware'))
    .filter((name) => name.endsWith('.yml'))
    .map((name) => name.replace(/\.yml$/, ''));
  expect([...new Set(shippedTargets.map(({ hardware }) => hardware))].sort()).toEqual(files.sort());
});

describe.each(shippedTargets.map((target) => [target.id, target] as const))('%s', (_, target) => {
  test('says where its numbers come from, and how sure they are', () => {
    expect(target.provenance.length).toBeGreaterThan(40);
    for (const { source, sigma, kind } of target.provenance) {
      expect(source.length).toBeGreaterThan(3);
      expect(sigma).toBeLessThan(1);
      // A fitted number says which script fitted it to which rows.
      if (kind === 'fitted') expect(source).toMatch(/npm run calibrate|tools\/calibrate/);
    }
  });

  test('is called calibrated only with held-out rows of several families', () => {
    for (const { rows, families, band } of target.validation) {
      expect(rows).toBeGreaterThanOrEqual(3);
      expect(families.length).toBeGreaterThanOrEqual(2);
      expect(band[0]).toBeLessThan(1);
      expect(band[1]).toBeGreaterThan(1);
    }
    const latency = target.validation.find(({ metric }) => metric === 'latency');
    // The rule of `npm run calibrate`.
    if (target.status === 'calibrated') expect(latency?.medianAbsoluteError).toBeLessThanOrEqual(0.2);
  });
});
