import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { compressedBytes } from '../../src/formats/compressed-size.ts';
import { bufferSource } from '../../src/ir/byte-source.ts';

/** Bytes without pattern, the same on every run. */
function noise(byteLength: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length: byteLength }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

test('repetitive bytes shrink to about what zlib makes of them', () => {
  const bytes = new TextEncoder().encode('conv relu '.repeat(50_000));
  const reference = deflateRawSync(bytes, { level: 6 });
  expect(inflateRawSync(reference).byteLength).toBe(bytes.byteLength);
  const size = compressedBytes(bufferSource(bytes));
  expect(size).toBeGreaterThan(0);
  expect(size).toBeLessThan(3 * reference.byteLength);
});

test('noise does not shrink, over several chunks', () => {
  const bytes = noise(2_500_000);
  const size = compressedBytes(bufferSource(bytes));
  expect(size).toBeGreaterThanOrEqual(bytes.byteLength);
  expect(size).toBeLessThan(bytes.byteLength * 1.01);
});

test('an empty file has the size of an empty stream', () => {
  expect(compressedBytes(bufferSource(new Uint8Array(0)))).toBeLessThanOrEqual(5);
});

test('a source that reuses its buffer gives the same size', () => {
  const bytes = noise(1_200_000).map((value) => value & 3);
  const shared = new Uint8Array(2 ** 20);
  const reusing = {
    byteLength: bytes.byteLength,
    read: (offset: number, byteLength: number) => {
      shared.set(bytes.subarray(offset, offset + byteLength));
      return shared.subarray(0, byteLength);
    },
  };
  expect(compressedBytes(reusing)).toBe(compressedBytes(bufferSource(bytes)));
});
