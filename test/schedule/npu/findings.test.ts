import { expect, test } from 'vitest';
import { findingsOf } from '../../../src/schedule/npu/findings.ts';
import { toyNpu } from '../toy-targets.ts';

test('what was found out on a machine lives as long as its target, and is let go of when it has grown too large', () => {
  const target = { ...toyNpu };
  const findings = findingsOf(target);
  expect(findingsOf(target)).toBe(findings);
  expect(findingsOf({ ...toyNpu })).not.toBe(findings);
  findings.count = 15_000;
  findings.sizes.count = 5_000;
  expect(findingsOf(target)).toBe(findings);
  findings.sizes.count++;
  const fresh = findingsOf(target);
  expect(fresh).not.toBe(findings);
  expect([fresh.count, fresh.looks.size, fresh.sizes.count]).toEqual([0, 0, 0]);
});
