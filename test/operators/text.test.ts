import { describe, expect, test } from 'vitest';
import { inferred } from './one-node.ts';

describe('decoded images', () => {
  test.each([
    ['RGB', 3],
    ['BGR', 3],
    ['Grayscale', 1],
  ])('%s has %i channels', (format, channels) => {
    const [type] = inferred({ op: 'ImageDecoder', inputs: ['uint8[100]'], attributes: { pixel_format: format } });
    expect(type).toMatch(new RegExp(`^uint8\\[[^,]+,[^,]+,${String(channels)}\\]$`));
  });
});
