// The targets of the repository: every number has a source, status and validation fit together.
import { describe, expect, test } from 'vitest';
import { shippedTargets } from './compiled.ts';

test('there is a target of each class that the simulator knows equations for', () => {
  expect(new Set(shippedTargets.map(({ hardware }) => hardware))).toEqual(
    new Set([
      'coral-edge-tpu',
      'ethos-u55-128',
      'ethos-u55-256',
      'ethos-u55-32',
      'ethos-u55-64',
      'ethos-u65-256',
      'ethos-u65-512',
      'github-runner-onnxruntime',
      'jetson-orin-nano',
      'rpi4-xnnpack',
      'stm32l4r5-x-cube-ai',
    ]),
  );
  expect(new Set(shippedTargets.map(({ units }) => units[0]?.kind))).toEqual(
    new Set(['systolic', 'block-npu', 'simd', 'gpu', 'mcu']),
  );
});

describe.each(shippedTargets.map((target) => [target.id, target] as const))('%s', (_, target) => {
  test('says where its numbers come from, and how sure they are', () => {
    expect(target.provenance.length).toBeGreaterThan(40);
    for (const { source, sigma, kind } of target.provenance) {
      expect(source.length).toBeGreaterThan(3);
      expect(sigma).toBeLessThan(1);
      // A fitted number says which script fitted it to which rows.
      if (kind === 'fitted') expect(source).toMatch(/tools\/calibrate|Cycles of scalar code/);
    }
  });

  test('is called calibrated only with held-out rows of several families', () => {
    for (const { rows, families, band } of target.validation) {
      expect(rows).toBeGreaterThanOrEqual(5);
      expect(families.length).toBeGreaterThanOrEqual(2);
      expect(band[0]).toBeLessThan(1);
      expect(band[1]).toBeGreaterThan(1);
    }
    expect(target.status === 'calibrated').toBe(target.validation.length > 0);
  });
});
