import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splicedSource } from '../../src/formats/splice.ts';
import { bufferSource } from '../../src/ir/byte-source.ts';

const stretch = fc.record({ skip: fc.nat(5), old: fc.nat(5), bytes: fc.uint8Array({ maxLength: 9 }) });

test('any part of a spliced file is that part of the file as it would be written', () => {
  fc.assert(
    fc.property(fc.array(stretch, { maxLength: 5 }), fc.nat(5), fc.nat(), fc.nat(), (stretches, tail, a, b) => {
      let length = 0;
      const expected: number[] = [];
      const splices = stretches.map(({ skip, old, bytes }) => {
        for (let each = 0; each < skip; each += 1) expected.push((length + each) % 256);
        expected.push(...bytes);
        length += skip + old;
        return { offset: length - old, byteLength: old, newByteLength: bytes.length, bytes: () => bytes };
      });
      for (let each = 0; each < tail; each += 1) expected.push((length + each) % 256);
      const file = Uint8Array.from({ length: length + tail }, (_, index) => index % 256);
      const spliced = splicedSource(bufferSource(file), splices);
      expect(spliced.byteLength).toBe(expected.length);
      const start = expected.length === 0 ? 0 : a % expected.length;
      const count = b % (expected.length - start + 1);
      expect([...spliced.read(start, count)]).toEqual(expected.slice(start, start + count));
    }),
  );
});
